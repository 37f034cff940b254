// What the repeats of a run have in common: as much as is said of a single run. No DOM here.

/** @import { Run } from "./runs.js" */

/**
 * The middle one, or half-way between the two in the middle; NaN of none.
 * @param {readonly number[]} values
 */
export function medianOf(values) {
  const ascending = Float64Array.from(values).sort();
  const [low, high] = [ascending[(ascending.length - 1) >> 1], ascending[ascending.length >> 1]];
  return low === high ? low : (low + high) / 2;
}

/** Whether the median of these is beyond all bounds in the end. @param {readonly Run[]} repeats */
export const overflows = (repeats) => 2 * repeats.filter(({ diverged }) => diverged !== null).length > repeats.length;

/**
 * How the median has diverged, by the first of those that have: more than half of them; else null.
 * @param {readonly Run[]} repeats
 */
export function divergenceOf(repeats) {
  const gone = repeats.flatMap(({ divergence }) => (divergence ? [divergence] : []));
  return 2 * gone.length > repeats.length ? gone[0] : null;
}

/** @param {readonly Run[]} repeats */
export const haveEnded = (repeats) => repeats.every(({ ended }) => ended);

/**
 * The median of the latest values of a column; null before the first.
 * @param {readonly Run[]} repeats
 * @param {string} name
 */
export function lastOf(repeats, name) {
  const latest = repeats.flatMap((run) => run.last(name) ?? []);
  return latest.length ? medianOf(latest) : null;
}
