// The verdict on a race, in numbers and in words: as ef21lab.runs.standings and .verdict say it, whose words the page hands over. No DOM here.

import { say } from "../shared/words.js";
import { JUDGED, costOf, endOf } from "./reach.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Change, Language, Racer, Standing } from "../shared/types.js" */

const LEVEL = 1.005; // a factor that three digits cannot tell from 1

/**
 * Who comes to ε for the least of an axis first; those that do not come to it last, by where they end; ties as they were given.
 * @param {Pick<Racer, "run">[]} racers
 * @param {number} epsilon
 * @param {string} axis
 * @returns {Standing[]}
 */
export function standings(racers, epsilon, axis) {
  const found = racers.map(({ run }, place) => ({ place, cost: costOf(run, epsilon, axis), final: endOf(run), ratio: Infinity }));
  found.sort((one, other) => compare(one.cost, other.cost) || (one.cost === Infinity ? compare(one.final, other.final) : 0));
  const least = found[0]?.cost ?? Infinity;
  return found.map((one) => ({ ...one, ratio: ratioOf(one.cost, least) }));
}

/**
 * Every ε under which another has the lead than at it, the greatest first; who leads goes on leading while it is level with others.
 * At every ε a contender is as good as the best of its candidates.
 * @param {Pick<Racer, "run" | "candidates">[]} racers
 * @param {string} axis
 * @returns {Change[]}
 */
export function changes(racers, axis) {
  const curves = racers.map(({ run, candidates = [run] }) => candidates.map((one) => curveOf(one, axis)));
  const heights = curves.flatMap((candidates) => candidates.flatMap((curve) => curve.levels));
  const levels = [...new Set(heights)].filter(Number.isFinite).sort((one, other) => other - one);
  /** @type {Change[]} */
  const found = [];
  let leader = -1;
  for (const [at, level] of levels.entries()) {
    const costs = curves.map((candidates) => Math.min(...candidates.map((curve) => costAt(curve, level))));
    const least = Math.min(...costs);
    if (least === Infinity) break;
    if (leader >= 0 && costs[leader] === least) continue;
    const next = costs.indexOf(least);
    if (leader >= 0) found.push({ epsilon: levels[at - 1], above: leader, below: next });
    leader = next;
  }
  return found;
}

/**
 * What a curve has spent when it has come down to a level; levels are asked from the greatest down.
 * @param {ReturnType<typeof curveOf>} curve
 * @param {number} level
 */
function costAt(curve, level) {
  while (curve.at < curve.levels.length && curve.levels[curve.at] > level) curve.at += 1;
  return curve.at < curve.levels.length ? curve.counted[curve.at] : Infinity;
}

/**
 * What a run needs for every ε: its values give way to the greatest that is still to come.
 * @param {Run} run
 * @param {string} axis
 */
function curveOf(run, axis) {
  const levels = Array.from(run.columns[JUDGED].values, (value) => (Number.isNaN(value) || run.diverged !== null ? Infinity : value));
  for (let at = levels.length - 2; at >= 0; at--) levels[at] = Math.max(levels[at], levels[at + 1]);
  return { levels, counted: run.column(axis)?.values ?? levels.map(() => Infinity), at: 0 };
}

/**
 * The verdict in words; nothing where nobody races.
 * @param {Racer[]} racers
 * @param {number} epsilon
 * @param {string} axis
 * @param {Language} language
 */
export function verdict(racers, epsilon, axis, language) {
  const order = standings(racers, epsilon, axis);
  if (!order.length) return "";
  const words = (/** @type {string} */ name, slots = {}) => say(language, `verdict.${name}`, slots);
  const [first, second] = order.slice(0, 2).map(({ place }) => racers[place]);
  const said = [outcome(first, second, order, epsilon, axis, language)];
  if (second && order[0].cost < Infinity) {
    const lead = changes(racers, axis);
    const above = lead.filter((change) => change.epsilon > epsilon && change.above !== order[0].place).at(-1);
    const under = lead.find((change) => change.epsilon <= epsilon && change.below !== order[0].place);
    if (above) said.push(words("above", { epsilon: { about: above.epsilon }, other: racers[above.above].label }));
    if (under) said.push(words("under", { epsilon: { about: under.epsilon }, other: racers[under.below].label }));
    said.push(words("unsure", { n: 1 }), ...why(first, second, language));
  }
  return said.join(" ");
}

/**
 * So much of an axis, with its unit.
 * @param {number} amount
 * @param {string} axis
 * @param {Language} language
 */
export function spent(amount, axis, language) {
  const n = axis === "seconds" || axis === "network" ? { about: digits(amount) } : Math.floor(amount + 0.5);
  return say(language, `spent.${axis}`, { n });
}

/** To the three digits that are shown, so that the noun agrees with them. */
export const digits = (/** @type {number} */ number) => Number(number.toPrecision(3));

/**
 * @param {Racer} first
 * @param {Racer | undefined} second
 * @param {Standing[]} order
 * @param {number} epsilon
 * @param {string} axis
 * @param {Language} language
 */
function outcome(first, second, order, epsilon, axis, language) {
  const slots = { first: first.label, second: second?.label, epsilon: { about: epsilon }, final: { about: order[0].final } };
  if (order[0].cost === Infinity && order[0].final === Infinity) return say(language, `verdict.${second ? "allDiverge" : "loneDiverges"}`, slots);
  if (order[0].cost === Infinity) return say(language, `verdict.${second ? "nobody" : "loneFails"}`, slots);
  const told = { ...slots, cost: spent(order[0].cost, axis, language) };
  if (!second) return say(language, "verdict.lone", told);
  const { ratio } = order[1];
  if (ratio === Infinity) return say(language, "verdict.only", told);
  return say(language, `verdict.${ratio < LEVEL ? "level" : "wins"}`, { ...told, ratio: { about: digits(ratio) } });
}

/**
 * What was measured of both: what their messages lose, and how long their steps are.
 * @param {Racer} first
 * @param {Racer} second
 * @param {Language} language
 */
function why(first, second, language) {
  const [own, other] = [lost(first.run), lost(second.run)];
  if (own === null || other === null || !first.gamma || !second.gamma) return [];
  const slots = { first: first.label, second: second.label, own: { about: digits(own) }, other: { about: digits(other) } };
  return [say(language, "verdict.why", { ...slots, gamma: { about: first.gamma }, gammaOther: { about: second.gamma } })];
}

/**
 * ‖C(v) − v‖² / ‖v‖² of a message, the mean over all that are here; null where there is none.
 * @param {Run} run
 */
function lost(run) {
  let [sum, messages] = [0, 0];
  for (const error of run.errors.relative.values) {
    if (!Number.isFinite(error)) continue;
    sum += error * error;
    messages += 1;
  }
  return messages ? sum / messages : null;
}

/** @type {(one: number, other: number) => number} */
const compare = (one, other) => (one === other ? 0 : one - other);

/** @type {(cost: number, least: number) => number} */
function ratioOf(cost, least) {
  if (cost === Infinity) return Infinity;
  return least > 0 ? cost / least : cost === least ? 1 : Infinity;
}
