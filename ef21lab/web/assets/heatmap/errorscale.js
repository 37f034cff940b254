// The scale of the heatmap: where relative errors lie, from the errors themselves. No DOM here.

import { firstAfter } from "../shared/column.js";
import { short } from "../shared/numbers.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Language, Scale } from "../shared/types.js" */

const SAMPLE = 20000; // errors looked at
const EDGE = 0.02; // the share of the errors beyond either end of the scale, where they have its colour
const DECADES = 20; // a scale whose ends are this many times apart is logarithmic
const NEAR = 1e-3; // of a unit: what float32 makes of a round number is that number
const ROUNDING = 2 ** -22; // what float32 leaves of a vector, four times over: among larger errors it is none

/**
 * From the `EDGE` quantile of some runs' finite errors to the one from above, rounded outwards; null where nothing was sent yet.
 * Messages that were only rounded count as without error, so that a contender that sends everything leaves the others their colours.
 * @param {Pick<Run, "errors">[]} runs
 * @returns {Scale | null}
 */
export function scaleOf(runs) {
  const found = sampled(runs);
  if (!found.length) return null;
  const lossy = found.subarray(firstAfter(found, ROUNDING));
  const only = lossy.length === 0; // rounding: then that is what there is to see
  const [errors, spread] = only ? [found, found] : [found.map((error) => (error > ROUNDING ? error : 0)), lossy];
  const log = ratioOf(spread) > DECADES;
  const [low, high, step] = log ? [...decades(...endsOf(spread)), 0] : rounded(...endsOf(errors));
  return { low, high, step, log, below: errors[0] < low - NEAR * step, above: errors[errors.length - 1] > high + NEAR * step };
}

/**
 * The quantiles between which the scale lies.
 * @param {Float64Array} errors
 * @returns {[number, number]}
 */
function endsOf(errors) {
  const at = (/** @type {number} */ share) => errors[Math.round(share * (errors.length - 1))];
  return [at(EDGE), at(1 - EDGE)];
}

/** @param {Float64Array} errors */
function ratioOf(errors) {
  const [low, high] = endsOf(errors);
  return low > 0 ? high / low : 0;
}

/**
 * Where an error stands on a scale, in [0, 1].
 * @param {Scale} scale
 * @param {number} error
 */
export function placeOf(scale, error) {
  const { low, high, log } = scale;
  const share = log ? Math.log(error / low) / Math.log(high / low) : (error - low) / (high - low);
  return Math.min(1, Math.max(0, share));
}

/**
 * The numbers beside the colour bar, the least first. What lies beyond an end is said there.
 * @param {Scale} scale
 * @param {Language} language
 */
export function ticksOf(scale, language) {
  const { low, high, step, log, below, above } = scale;
  const middle = log ? Math.sqrt(low * high) : (low + high) / 2;
  const words = (/** @type {number} */ value) => (log || value === 0 ? short(language, value) : exact(language, value, step));
  return [
    { place: 0, words: (below ? "≤" : "") + words(low) },
    { place: 0.5, words: words(middle) },
    { place: 1, words: (above ? "≥" : "") + words(high) },
  ];
}

/**
 * Finite errors, ascending; every so many where there are more than SAMPLE.
 * @param {Pick<Run, "errors">[]} runs
 */
function sampled(runs) {
  const total = runs.reduce((sum, { errors }) => sum + errors.relative.length, 0);
  const every = Math.max(1, Math.ceil(total / SAMPLE));
  /** @type {number[]} */
  const found = [];
  for (const { errors } of runs) {
    const { values } = errors.relative;
    // a stride that shares a factor with the number of nodes would see some nodes only
    for (let row = 0; row * every < values.length; row++) {
      const error = values[Math.min(values.length - 1, row * every + (row % every))];
      if (Number.isFinite(error)) found.push(error);
    }
  }
  return Float64Array.from(found).sort();
}

/**
 * Both ends outwards to a round number, and the unit they are rounded to; of equal ends, a scale around them.
 * @param {number} low
 * @param {number} high
 */
function rounded(low, high) {
  const span = high - low > 1e-6 * high ? high - low : high || 1;
  const step = 10 ** Math.floor(Math.log10(span) - 0.7);
  const from = high - low > 1e-6 * high ? low : 0;
  return [step * Math.floor(from / step + NEAR), step * Math.ceil(high / step - NEAR + (high > 0 ? 0 : 1)), step];
}

/**
 * Both ends outwards to one digit.
 * @param {number} low
 * @param {number} high
 */
function decades(low, high) {
  const unit = (/** @type {number} */ value) => 10 ** Math.floor(Math.log10(value));
  return [unit(low) * Math.floor(low / unit(low)), unit(high) * Math.ceil(high / unit(high))];
}

/**
 * As many digits as a tenth of the unit needs: neighbours on a narrow scale must differ.
 * @param {Language} language
 * @param {number} value
 * @param {number} step
 */
function exact(language, value, step) {
  if (step < 1e-5 && value < 1e-3) return short(language, value);
  const digits = Math.min(12, Math.max(0, Math.ceil(-Math.log10(step)) + 1));
  const words = String(Number(value.toFixed(digits)));
  return language === "ru" ? words.replace(".", ",") : words;
}
