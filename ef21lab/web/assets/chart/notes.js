// Notes on curves: at which point each stands, and where its words go so that none lies on another. No DOM here.

import { firstAfter } from "../shared/column.js";
import { haveEnded } from "../shared/repeats.js";
import { valueAt } from "./points.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Anchor, Box, Curve, Note, Points, Size } from "../shared/types.js" */

const GAP = 5; // pixels between two notes, and from a note to a point that one of them means
const REACHES = [16, 30, 48, 72, 104, 144]; // how far from its point the words stand, in pixels
const DIRECTIONS = [[1, -1], [-1, -1], [1, 1], [-1, 1], [0, -1], [0, 1], [1, 0], [-1, 0]]; // prettier-ignore
const STEP = 14; // of the places that are tried where none of these is free
const CROSSED = 60; // pixels that one goes further away for not covering a point of a curve
const MOST_MET = 120; // points of a curve that words keep clear of

/**
 * The points of the curves in sight that notes are tied to. A note waits for a run that has not come so far, and stands at the end of one that never will.
 * @param {Note[]} notes
 * @param {Curve[]} curves
 * @param {string} axis
 * @returns {Anchor[]}
 */
export function anchored(notes, curves, axis) {
  return notes.flatMap((note) => {
    const curve = curves.find(({ style, hidden }) => style.place === note.place && !hidden);
    const x = curve ? placeOn(note, curve, axis) : null;
    const y = curve && x !== null ? valueAt(curve.points, x) : null;
    return curve && x !== null && y !== null ? [{ x, y, words: note.words, color: curve.style.color }] : [];
  });
}

/**
 * @param {Note} note
 * @param {Curve} curve
 * @param {string} axis
 */
function placeOn(note, { run, repeats, points }, axis) {
  const last = points.x.at(-1);
  if (last === undefined) return null;
  const x = note.axis === axis ? note.at : across(run, note.axis, axis, note.at);
  if (x === null || (x > last && !haveEnded(repeats))) return null;
  return Math.min(Math.max(x, points.x[0]), last);
}

/**
 * Where a place on one axis lies on another, by the records of a run; beyond all bounds after its last.
 * @param {Run} run
 * @param {string} from
 * @param {string} to
 * @param {number} at
 */
export function across(run, from, to, at) {
  const [there, here] = [run.column(from)?.values, run.column(to)?.values];
  if (!there?.length || !here?.length) return null;
  const after = firstAfter(there, at);
  if (after === 0) return here[0];
  if (there[after - 1] === at) return here[after - 1];
  if (after === there.length) return Infinity;
  const share = (at - there[after - 1]) / (there[after] - there[after - 1]);
  return here[after - 1] + share * (here[after] - here[after - 1]);
}

/**
 * For each of some points the box of its words: inside the room, on no other box and on no point; clear of curves where that can be. Null where
 * there is no room left.
 * @param {{ left: number, top: number, size: Size }[]} points in pixels from the corner of the room
 * @param {Size} room
 * @param {Points[]} curves that are to be seen, in the same pixels
 * @returns {(Box | null)[]}
 */
export function placed(points, room, curves = []) {
  const met = curves.flatMap(({ x, y }) => spacedOut(x.map((left, at) => ({ left, top: y[at] }))));
  /** @type {Box[]} */
  const taken = [];
  return points.map((point) => {
    const free = (/** @type {Box} */ box) =>
      isInside(box, room) && taken.every((other) => !overlap(box, other)) && points.every((one) => !contains(box, one));
    const cost = (/** @type {Box} */ box) => distance(box, point) + CROSSED * Math.min(3, met.filter((one) => contains(box, one)).length);
    const box = least(around(point).filter(free), cost) ?? least(everywhere(point.size, room).filter(free), cost);
    if (box) taken.push(box);
    return box;
  });
}

/** @param {{ left: number, top: number, size: Size }} point */
const around = ({ left, top, size }) =>
  REACHES.flatMap((reach) =>
    DIRECTIONS.map(([right, down]) => ({
      ...size,
      left: left + right * reach - (size.width * (1 - right)) / 2,
      top: top + down * reach - (size.height * (1 - down)) / 2,
    })),
  );

/**
 * @param {Size} size
 * @param {Size} room
 */
function everywhere(size, room) {
  const boxes = [];
  for (let top = 0; top + size.height <= room.height; top += STEP) {
    for (let left = 0; left + size.width <= room.width; left += STEP) boxes.push({ ...size, left, top });
  }
  return boxes;
}

/**
 * @param {Box[]} boxes
 * @param {(box: Box) => number} cost
 */
function least(boxes, cost) {
  let [best, lowest] = [/** @type {Box | null} */ (null), Infinity];
  for (const box of boxes) {
    const own = cost(box);
    if (own < lowest) [best, lowest] = [box, own];
  }
  return best;
}

/** @type {(box: Box, room: Size) => boolean} */
const isInside = ({ left, top, width, height }, room) => left >= 0 && top >= 0 && left + width <= room.width && top + height <= room.height;

/** @type {(one: Box, other: Box) => boolean} */
const overlap = (one, other) =>
  one.left < other.left + other.width + GAP && other.left < one.left + one.width + GAP && one.top < other.top + other.height + GAP && other.top < one.top + one.height + GAP;

/** @type {(box: Box, point: { left: number, top: number }) => boolean} */
const contains = (box, { left, top }) => left > box.left - GAP && left < box.left + box.width + GAP && top > box.top - GAP && top < box.top + box.height + GAP;

/** From a point to the nearest of a box. @type {(box: Box, point: { left: number, top: number }) => number} */
const distance = (box, { left, top }) =>
  Math.hypot(Math.max(box.left - left, 0, left - box.left - box.width), Math.max(box.top - top, 0, top - box.top - box.height));

/** @type {<T>(points: T[]) => T[]} */
const spacedOut = (points) => points.filter((_, at) => at % Math.ceil(points.length / MOST_MET) === 0);
