// When a run has reached ε, and which of several does so best: as ef21lab.runs.reach and .tuned say it. No DOM here.

import { medianOf } from "../shared/repeats.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Numbers } from "../shared/types.js" */

export const USUAL_GOAL = 1e-4; // of ‖∇f(x⁰)‖²: ε where nobody has set one
export const JUDGED = "grad_norm_sq"; // what is to reach ε
const BY = "bits_up"; // what the best step of a grid spends least of

/** What runs need, by axis, for the ε that was asked last, until they have got further. @type {WeakMap<Run, Map<string, ReturnType<typeof asked>>>} */
const known = new WeakMap();

/**
 * The place of the first value from which on all are at or below ε; −1 where the last is above it, or there is none.
 * @param {Numbers} values
 * @param {number} epsilon
 */
export function reached(values, epsilon) {
  let first = values.length;
  while (first > 0 && values[first - 1] <= epsilon) first -= 1;
  return first < values.length ? first : -1;
}

/**
 * What an axis has counted when a run has come to ε and stays there; Infinity where it does not.
 * @param {Run} run
 * @param {number} epsilon
 * @param {string} axis
 */
export function costOf(run, epsilon, axis) {
  const axes = known.get(run) ?? new Map();
  known.set(run, axes);
  const found = axes.get(axis);
  if (found?.epsilon === epsilon && found.length === run.length && found.diverged === run.diverged && found.clock === run.clock) return found.cost;
  const now = asked(run, epsilon, axis);
  axes.set(axis, now);
  return now.cost;
}

/**
 * @param {Run} run
 * @param {number} epsilon
 * @param {string} axis
 */
function asked(run, epsilon, axis) {
  const { length, diverged, clock, stoppedAt } = run;
  const spent = run.column(axis)?.values;
  const at = diverged === null && epsilon >= stoppedAt ? reached(run.columns[JUDGED].values, epsilon) : -1;
  return { epsilon, length, diverged, clock, cost: spent && at >= 0 ? spent[at] : Infinity };
}

/**
 * Where a run ends; Infinity for one that diverges, or has not begun.
 * @param {Run} run
 */
export function endOf(run) {
  const end = run.columns[JUDGED].last;
  return run.diverged !== null || end === undefined || Number.isNaN(end) ? Infinity : end;
}

/**
 * The place of the best of some candidates, the shortest step first: the fewest bits to ε, else the lowest end; a tie goes to the shorter step.
 * Of the repeats of each the median counts.
 * @param {readonly (readonly Run[])[]} candidates
 * @param {number} epsilon
 */
export function best(candidates, epsilon) {
  const standings = candidates.map((repeats, place) => ({
    place,
    cost: medianOf(repeats.map((run) => costOf(run, epsilon, BY))),
    end: medianOf(repeats.map(endOf)),
  }));
  return standings.reduce((one, other) => (beats(other, one) ? other : one)).place;
}

/** @typedef {{ cost: number, end: number }} Standing */

/** @type {(one: Standing, other: Standing) => boolean} */
const beats = (one, other) => one.cost < other.cost || (one.cost === other.cost && one.cost === Infinity && one.end < other.end);
