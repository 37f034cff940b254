// Under which bandwidth a contender beats no compression: as ef21lab.clocks.even says it. No DOM here.

import { medianOf } from "../shared/repeats.js";
import { say } from "../shared/words.js";
import { JUDGED, reached } from "./reach.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Language } from "../shared/types.js" */
/** @typedef {{ fixed: number, sending: number }} SecondsSpent until ε: those that any bandwidth would cost, and those that a k times wider one divides by k */
/** @typedef {{ low: number, high: number }} Faster between these factors of the bandwidth, exclusive */

const UNITS = /** @type {const} */ ([["gigabits", 1000], ["megabits", 1], ["kilobits", 1e-3], ["bits", 1e-6]]); // a second, in Mbit/s

/**
 * What a run has spent on its network when it has come to ε to stay; null where it does not.
 * @param {Run} run
 * @param {number} epsilon
 * @returns {SecondsSpent | null}
 */
export function spentOf(run, epsilon) {
  const at = run.diverged === null ? reached(run.columns[JUDGED].values, epsilon) : -1;
  if (at < 0 || !run.clock) return null;
  const { round, bits_up: up, bits_down: down, seconds } = run.columns;
  const { exchange, bit_up: ofUp, bit_down: ofDown, second } = run.clock;
  const exchanges = round.values[at] + (up.values[0] > 0 ? 1 : 0);
  return { fixed: exchange * exchanges + second * seconds.values[at], sending: ofUp * up.values[at] + ofDown * down.values[at] };
}

/**
 * The factors k with own.fixed + own.sending/k < other.fixed + other.sending/k; who does not come to ε is never the faster one.
 * @param {SecondsSpent | null} own
 * @param {SecondsSpent | null} other
 * @returns {Faster}
 */
export function faster(own, other) {
  if (!own) return { low: 0, high: 0 };
  if (!other) return { low: 0, high: Infinity };
  const [more, less] = [own.fixed - other.fixed, other.sending - own.sending];
  if (more < 0) return { low: less >= 0 ? 0 : less / more, high: Infinity };
  if (less <= 0) return { low: 0, high: 0 };
  return { low: 0, high: more > 0 ? less / more : Infinity };
}

/**
 * The same of repeats, each beside the other's from the same start: the medians of both ends.
 * @param {Run[]} own
 * @param {Run[]} other
 * @param {number} epsilon
 * @returns {Faster}
 */
export function typically(own, other, epsilon) {
  const between = own.slice(0, other.length).map((run, at) => faster(spentOf(run, epsilon), spentOf(other[at], epsilon)));
  return { low: medianOf(between.map(({ low }) => low)), high: medianOf(between.map(({ high }) => high)) };
}

/**
 * In words: between which bandwidths of a node's link, where it has `width` now and all links get wider in one proportion.
 * @param {Faster} between
 * @param {number} width Mbit/s
 * @param {Language} language
 */
export function evenWords({ low, high }, width, language) {
  const said = (/** @type {string} */ name, slots = {}) => say(language, name, slots);
  if (!(low < high)) return said("evenNever");
  if (low === 0 && high === Infinity) return said("evenAlways");
  if (low === 0) return said("evenBelow", { bandwidth: bandwidth(high * width, language) });
  if (high === Infinity) return said("evenAbove", { bandwidth: bandwidth(low * width, language) });
  return said("evenBetween", { low: bandwidth(low * width, language), high: bandwidth(high * width, language) });
}

/**
 * In the largest unit of which it is at least one.
 * @param {number} megabits a second
 * @param {Language} language
 */
function bandwidth(megabits, language) {
  const [unit, size] = UNITS.find(([, least]) => megabits >= least) ?? UNITS[UNITS.length - 1];
  return say(language, unit, { n: { about: megabits / size } });
}
