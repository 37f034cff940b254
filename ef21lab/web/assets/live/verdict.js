// The verdict on a race, in numbers and in words: as ef21lab.runs.standings and .verdict say it, whose words the page hands over. No DOM here.

import { medianOf } from "../shared/repeats.js";
import { say } from "../shared/words.js";
import { changes } from "./changes.js";
import { JUDGED, costOf, endOf } from "./reach.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Change, Language, Racer, Standing } from "../shared/types.js" */

const SURE = 3; // starts from which on a verdict says how far they differ
const WORTH = 2; // times that ε changes while another leads, for a sentence about it
const LEVEL = 1.005; // a factor that three digits cannot tell from 1

/**
 * Who comes to ε for the least of an axis first; those that do not come to it last, by where they end; ties as they were given. Of repeats
 * the median counts.
 * @param {Pick<Racer, "repeats">[]} racers
 * @param {number} epsilon
 * @param {string} axis
 * @returns {Standing[]}
 */
export function standings(racers, epsilon, axis) {
  const found = racers.map(({ repeats }, place) => {
    const costs = repeats.map((run) => costOf(run, epsilon, axis));
    return { place, cost: medianOf(costs), costs, final: medianOf(repeats.map(endOf)), ratio: Infinity };
  });
  found.sort((one, other) => compare(one.cost, other.cost) || (one.cost === Infinity ? compare(one.final, other.final) : 0));
  const least = found[0]?.cost ?? Infinity;
  return found.map((one) => ({ ...one, ratio: ratioOf(one.cost, least) }));
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
    const { above, under } = elsewhere(racers, changes(racers, axis), order[0].place, epsilon);
    if (above) said.push(words("above", { epsilon: { about: above.epsilon }, other: racers[above.above].label }));
    if (under) said.push(words("under", { epsilon: { about: under.epsilon }, other: racers[under.below].label }));
    said.push(sure(first, order, language), ...why(first, second, language));
  }
  return said.join(" ");
}

/**
 * The next greater and the next smaller ε at which another leads, over a span of ε that is worth a sentence.
 * @param {Racer[]} racers
 * @param {Change[]} lead
 * @param {number} winner
 * @param {number} epsilon
 */
function elsewhere(racers, lead, winner, epsilon) {
  const runs = racers.map(({ repeats, candidates = [repeats] }) => candidates);
  const firsts = runs.flat(2).map((run) => run.columns[JUDGED].values[0]);
  const begun = Math.max(...firsts.filter((value) => Number.isFinite(value)));
  const reached = (/** @type {number} */ place) => Math.min(...runs[place].map((repeats) => medianOf(repeats.map(endOf))));
  const isWide = (/** @type {number} */ from, /** @type {number} */ to) => from >= WORTH * to;
  const above = lead
    .filter((one, at) => one.epsilon > epsilon && one.above !== winner && isWide(lead[at - 1]?.epsilon ?? begun, one.epsilon))
    .at(-1);
  const under = lead.find(
    (one, at) => one.epsilon <= epsilon && one.below !== winner && isWide(one.epsilon, lead[at + 1]?.epsilon ?? reached(one.below)),
  );
  return { above, under };
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
 * How often the first is ahead of the second from the same start, and by how much.
 * @param {Racer} first
 * @param {Standing[]} order
 * @param {Language} language
 */
function sure(first, [own, other], language) {
  const n = Math.min(own.costs.length, other.costs.length);
  if (n < SURE) return say(language, "verdict.unsure", { n });
  const pairs = own.costs.slice(0, n).map((cost, at) => [cost, other.costs[at]]);
  const slots = { n, first: first.label, ahead: pairs.filter(([one, two]) => one < two).length };
  const factors = pairs.filter(([one, two]) => one > 0 && one < Infinity && two < Infinity).map(([one, two]) => two / one);
  if (factors.length < n) return say(language, "verdict.sureOf", slots);
  return say(language, "verdict.sure", { ...slots, low: { about: digits(Math.min(...factors)) }, high: { about: digits(Math.max(...factors)) } });
}

/**
 * What was measured of both: what their messages lose, and how long their steps are.
 * @param {Racer} first
 * @param {Racer} second
 * @param {Language} language
 */
function why(first, second, language) {
  const [own, other] = [lost(first.repeats), lost(second.repeats)];
  if (own === null || other === null || !first.gamma || !second.gamma) return [];
  const slots = { first: first.label, second: second.label, own: { about: digits(own) }, other: { about: digits(other) } };
  return [say(language, "verdict.why", { ...slots, gamma: { about: first.gamma }, gammaOther: { about: second.gamma } })];
}

/**
 * ‖C(v) − v‖² / ‖v‖² of a message, the mean over all that are here; null where there is none.
 * @param {Run[]} repeats
 */
function lost(repeats) {
  let [sum, messages] = [0, 0];
  for (const { errors } of repeats) {
    for (const error of errors.relative.values) {
      if (!Number.isFinite(error)) continue;
      sum += error * error;
      messages += 1;
    }
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
