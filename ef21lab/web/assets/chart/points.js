// The points of a curve: which a chart can show, how few of them are enough, and how high it is in between. No DOM here.

import { firstAfter } from "../shared/column.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Along, Numbers, Points, Range } from "../shared/types.js" */

export const MOST_POINTS = 600;

/**
 * The points of column `name` against column `axis` that a chart can show: finite; positive unless the scale is `linear`.
 * @param {Run} run
 * @param {Along & { name: string }} which
 * @returns {Points}
 */
export function curve(run, { name, axis, logX, linear = false }) {
  const [source, along] = [run.column(name), run.column(axis)];
  /** @type {Points} */
  const { x, y } = { x: [], y: [] };
  if (!source || !along) return { x, y };
  const at = source.rounds === along.rounds ? (/** @type {number} */ row) => row : rowsOf(source.rounds, along.rounds);
  for (let row = 0; row < source.values.length; row++) {
    const value = source.values[row];
    const place = along.values[at(row) ?? -1];
    if (Number.isFinite(value) && (linear || value > 0) && place !== undefined && !(logX && place <= 0)) {
      x.push(place);
      y.push(value);
    }
  }
  return { x, y };
}

/**
 * Where the rounds of one set of columns stand among those of another: ascending, so each is looked for after the one before.
 * @param {Numbers} rounds
 * @param {Numbers} others
 */
export function rowsOf(rounds, others) {
  let next = 0;
  return (/** @type {number} */ row) => {
    while (next + 1 < others.length && others[next + 1] <= rounds[row]) next += 1;
    return others[next] <= rounds[row] ? next : undefined;
  };
}

/**
 * At most about so many points of a curve: both ends, and the least and greatest of every stretch; those in sight where a range is given.
 * @param {Points} points
 * @param {Range | null} range
 * @param {number} most
 * @returns {Points}
 */
export function thinned({ x, y }, range = null, most = MOST_POINTS) {
  const from = range ? Math.max(0, firstAfter(x, range[0]) - 2) : 0;
  const to = range ? Math.min(x.length, firstAfter(x, range[1]) + 1) : x.length;
  if (to - from <= most) return { x: x.slice(from, to), y: y.slice(from, to) };
  const kept = extremes(y, from, to, most / 2 - 1);
  return { x: kept.map((at) => x[at]), y: kept.map((at) => y[at]) };
}

/**
 * @param {number[]} y
 * @param {number} from
 * @param {number} to
 * @param {number} stretches
 */
function extremes(y, from, to, stretches) {
  const kept = new Set([from, to - 1]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const begin = from + Math.floor(((to - from) * stretch) / stretches);
    const end = from + Math.floor(((to - from) * (stretch + 1)) / stretches);
    let low = begin;
    let high = begin;
    for (let at = begin; at < end; at++) {
      if (y[at] < y[low]) low = at;
      if (y[at] > y[high]) high = at;
    }
    kept.add(low).add(high);
  }
  return [...kept].sort((a, b) => a - b);
}

/**
 * The height of a curve at x, on a straight line (in log y where y is positive) between its records; null outside it.
 * @param {Points} points
 * @param {number} at
 */
export function valueAt({ x, y }, at) {
  if (!x.length || at < x[0] || at > x[x.length - 1]) return null;
  const after = firstAfter(x, at);
  if (after === 0) return y[0];
  if (after === x.length || x[after] === x[after - 1]) return y[after - 1];
  const share = (at - x[after - 1]) / (x[after] - x[after - 1]);
  const [low, high] = [y[after - 1], y[after]];
  return Math.min(low, high) > 0 ? Math.exp(Math.log(low) * (1 - share) + Math.log(high) * share) : low * (1 - share) + high * share;
}
