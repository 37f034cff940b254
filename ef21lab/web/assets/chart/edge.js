// The edge of the picture: how high it reaches where curves leave, and what is drawn of a curve under it. No DOM here.

import { GREW } from "../shared/ending.js";
import { divergenceOf } from "../shared/repeats.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Numbers, Point, Points, Shape } from "../shared/types.js" */

/**
 * How high a picture reaches: all of the curves that have not diverged, and of the others as much as rises GREW times above the highest start.
 * @param {{ repeats: Run[], points: Points }[]} curves
 */
export function ceilingOf(curves) {
  const starts = curves.map(({ points }) => points.y[0] ?? 0);
  const staying = curves.filter(({ repeats }) => !divergenceOf(repeats)).map(({ points }) => highest(points.y));
  return Math.max(GREW * Math.max(0, ...starts), ...staying) || Infinity;
}

/**
 * The part of a curve that lies under a ceiling, cut where it crosses; parts are set apart by a null.
 *
 * `exit` is where it last rises through the ceiling, or where it enters if it only ever comes down through it; else null.
 * @param {Points} points
 * @param {number} ceiling
 * @param {{ logX?: boolean }} along
 */
export function cut({ x, y }, ceiling, { logX = false } = {}) {
  /** @type {Shape & { exit: Point | null }} */
  const kept = { x: [], y: [], exit: null };
  const put = (/** @type {number} */ place, /** @type {number | null} */ height) => {
    kept.x.push(place);
    kept.y.push(height);
  };
  for (let at = 0; at < x.length; at++) {
    const [under, before] = [y[at] <= ceiling, at > 0 && y[at - 1] <= ceiling];
    if (at > 0 && under !== before) {
      const place = crossing([x[at - 1], y[at - 1]], [x[at], y[at]], ceiling, logX);
      if (before || !kept.exit) kept.exit = { x: place, y: ceiling };
      put(place, ceiling);
      if (before) put(place, null);
    }
    if (under) put(x[at], y[at]);
  }
  if (kept.y.at(-1) === null) [kept.x, kept.y] = [kept.x.slice(0, -1), kept.y.slice(0, -1)];
  return kept;
}

/**
 * Where the line between two points, straight in log y, is at a height.
 * @param {[number, number]} from
 * @param {[number, number]} to
 * @param {number} height
 * @param {boolean} logX
 */
function crossing([fromX, fromY], [toX, toY], height, logX) {
  const share = (Math.log(height) - Math.log(fromY)) / (Math.log(toY) - Math.log(fromY));
  const between = (/** @type {number} */ low, /** @type {number} */ high) => low + share * (high - low);
  return logX ? Math.exp(between(Math.log(fromX), Math.log(toX))) : between(fromX, toX);
}

/** @param {readonly (number | null)[]} values of which a null counts as nothing */
export const highest = (values) => values.reduce((/** @type {number} */ high, value) => Math.max(high, value ?? 0), 0);

/** @param {readonly number[]} values */
export const lowest = (values) => values.reduce((low, value) => Math.min(low, value), Infinity);

/**
 * From the least to the greatest; −Infinity of none.
 * @param {Numbers} values
 */
export function spread(values) {
  let [low, high] = [Infinity, -Infinity];
  for (let at = 0; at < values.length; at++) [low, high] = [Math.min(low, values[at]), Math.max(high, values[at])];
  return high - low;
}
