// Where the lead of a race changes as ε does: as ef21lab.runs.standings says it. No DOM here.

import { medianOf } from "../shared/repeats.js";
import { JUDGED } from "./reach.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Change, Racer } from "../shared/types.js" */
/** @typedef {{ levels: number[], counted: ArrayLike<number>, at: number }} Curve what a run needs for every ε; `at`: for the ε that is asked */
/** @typedef {{ contender: number, curves: Curve[], cost: number }} Candidate its repeats, and the median of what they need */

/** What was asked last: the same race is asked about whenever anything is drawn. @type {{ race: string, found: Change[] }} */
let lately = { race: "", found: [] };

/**
 * Every ε under which another has the lead than at it, the greatest first; who leads goes on leading while it is level with others.
 * At every ε a contender is as good as the best of its candidates, and a candidate as its median repeat.
 * @param {Pick<Racer, "repeats" | "candidates">[]} racers
 * @param {string} axis
 * @returns {Change[]}
 */
export function changes(racers, axis) {
  const race = JSON.stringify([axis, racers.map(({ repeats, candidates = [repeats] }) => candidates.map((runs) => runs.map(nameOf)))]);
  if (race !== lately.race) lately = { race, found: walked(racers, axis) };
  return lately.found;
}

/** @param {Run} run */
const nameOf = ({ key, length, diverged, clock }) => [key, length, diverged, clock];

/**
 * From the greatest ε down: what a candidate needs changes only after a level that one of its curves has left.
 * @param {Pick<Racer, "repeats" | "candidates">[]} racers
 * @param {string} axis
 */
function walked(racers, axis) {
  const contenders = racers.map(({ repeats, candidates = [repeats] }, contender) =>
    candidates.map((runs) => ({ contender, curves: runs.map((run) => curveOf(run, axis)), cost: Infinity })),
  );
  const costs = contenders.map(() => Infinity);
  const levels = levelsOf(contenders.flat());
  /** @type {Change[]} */
  const found = [];
  let [leader, before, stale] = [-1, Infinity, new Set(contenders.flat())];
  for (let at = 0; at < levels.length; ) {
    const { level } = levels[at];
    for (const candidate of stale) {
      lower(candidate, level);
      costs[candidate.contender] = Math.min(...contenders[candidate.contender].map(({ cost }) => cost));
    }
    stale = new Set();
    for (; at < levels.length && levels[at].level === level; at++) stale.add(levels[at].candidate);
    const least = Math.min(...costs);
    if (least === Infinity) break;
    if (leader < 0 || costs[leader] !== least) {
      const next = costs.indexOf(least);
      if (leader >= 0) found.push({ epsilon: before, above: leader, below: next });
      leader = next;
    }
    before = level;
  }
  return found;
}

/**
 * Every level under which some candidate needs something else than at it, the greatest first.
 * @param {Candidate[]} candidates
 */
function levelsOf(candidates) {
  const found = candidates.flatMap((candidate) =>
    candidate.curves.flatMap(({ levels }) =>
      levels.filter((level, at) => Number.isFinite(level) && level !== levels[at - 1]).map((level) => ({ level, candidate })),
    ),
  );
  return found.sort((one, other) => other.level - one.level);
}

/**
 * Ask a candidate for a smaller ε than before.
 * @param {Candidate} candidate
 * @param {number} level
 */
function lower(candidate, level) {
  for (const curve of candidate.curves) while (curve.at < curve.levels.length && curve.levels[curve.at] > level) curve.at += 1;
  candidate.cost = medianOf(candidate.curves.map(({ levels, counted, at }) => (at < levels.length ? counted[at] : Infinity)));
}

/**
 * What a run needs for every ε: its values give way to the greatest that is still to come.
 * @param {Run} run
 * @param {string} axis
 * @returns {Curve}
 */
function curveOf(run, axis) {
  const levels = Array.from(run.columns[JUDGED].values, (value) => (Number.isNaN(value) || run.diverged !== null ? Infinity : value));
  for (let at = levels.length - 2; at >= 0; at--) levels[at] = Math.max(levels[at], levels[at + 1]);
  for (let at = 0; at < levels.length; at++) levels[at] = Math.max(levels[at], run.stoppedAt);
  return { levels, counted: run.column(axis)?.values ?? levels.map(() => Infinity), at: 0 };
}
