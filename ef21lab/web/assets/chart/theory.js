// What theorems say of the runs: which column a metric draws, which line lies above it, and the words under the chart. No DOM here.

import { short } from "../shared/numbers.js";
import { COLUMNS, NETWORK } from "../shared/runs.js";
import { say } from "../shared/words.js";
import { QUANTILES, bandOf, drawable } from "./band.js";
import { curve } from "./points.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Along, Language, Points, Shown } from "../shared/types.js" */
/** @typedef {Shown & { run: { guarantees: NonNullable<Run["guarantees"]> } }} Known a run of which it has come what theorems say */
/** @typedef {{ words: string, color?: string, dash?: string }} Row */

export const STATEMENTS = ["mean", "psi", "tight", "distortion", "contraction"];

/** What else is said under every chart of a metric. @type {Record<string, string>} */
const ABOUT = { accuracy: "accuracyAbout" };

/**
 * The column of a run that a metric draws.
 * @param {string} metric
 */
export const columnOf = (metric) => (metric === "contraction" ? "median" : metric);

/**
 * What a metric is called over these runs: of f it says what it is measured from, as soon as that is known.
 * @param {string} metric
 * @param {Pick<Shown, "run">[]} shown
 * @param {Language} language
 */
export function nameOf(metric, shown, language) {
  const floors = shown.map(({ run }) => run.guarantees?.floor).filter((floor) => floor !== null && floor !== undefined);
  if (metric !== "gap" || !floors.length) return say(language, metric);
  return floors.some(({ within }) => within !== null) ? say(language, "gapFound") : say(language, "gapBound");
}

/**
 * Whether what is shown needs the layer that is sent on request: all that is not sent to everybody.
 * @param {{ metric: string, axis: string, theory?: boolean }} data
 */
export const asksForMore = ({ metric, axis, theory }) => Boolean(theory) || [columnOf(metric), axis].some((name) => ![...COLUMNS, NETWORK].includes(name));

/**
 * The line that a theorem holds a run's curve below; no points where there is none. Of repeats the highest, which holds for all of them.
 * @param {Run[]} repeats
 * @param {Along} along
 * @param {string} metric
 * @returns {Points}
 */
export function lineOf(repeats, along, metric) {
  if (!STATEMENTS.includes(metric)) return { x: [], y: [] };
  const [run] = repeats;
  const name = `${metric}_line`;
  if (metric !== "contraction" && repeats.length === 1) return curve(run, { ...along, name });
  if (metric !== "contraction") {
    const { x, high } = bandOf(repeats, { name, axis: along.axis, quantiles: [0, 1] });
    return drawable({ x, y: high }, along);
  }
  const { x } = curve(run, { ...along, name: columnOf(metric) });
  const level = run.guarantees?.level ?? null;
  return level === null || !x.length ? { x: [], y: [] } : { x: [x[0], x[x.length - 1]], y: [level, level] };
}

/**
 * The words under the chart: what the dashed lines are, and for every run without one, why.
 * @param {{ shown: Shown[], metric: string, theory: boolean, language: Language }} model
 * @returns {Row[]}
 */
export function captionOf({ shown, metric, theory, language }) {
  const sight = shown.filter(({ hidden }) => !hidden);
  const known = /** @type {Known[]} */ (sight.filter(({ run }) => run.guarantees));
  const about = metric in ABOUT ? [{ words: say(language, ABOUT[metric]) }] : [];
  const rows = [...ofRepeats(sight, metric, theory, language), ...(metric === "gap" ? floorsOf(known, language) : about)];
  if (theory && !STATEMENTS.includes(metric)) return [...rows, { words: say(language, "noTheorem", { metric: nameOf(metric, sight, language) }) }];
  const held = known.filter(({ run }) => !run.guarantees.missing[metric]);
  return [
    ...rows,
    ...(theory && held.length ? legend(held, language) : []),
    ...reasons(known, metric, theory, language),
    ...waiting(sight, metric, language),
  ];
}

/**
 * What lines and bands are: over the repeats, or of the contraction over the nodes.
 * @param {Shown[]} sight
 * @param {string} metric
 * @param {boolean} theory
 * @param {Language} language
 * @returns {Row[]}
 */
function ofRepeats(sight, metric, theory, language) {
  const n = Math.max(0, ...sight.map(({ repeats }) => repeats.length));
  const slots = { n, low: 100 * QUANTILES[0], high: 100 * QUANTILES[1] };
  const bound = theory && STATEMENTS.includes(metric) && metric !== "contraction" ? [{ words: say(language, "boundOfRepeats") }] : [];
  const held = sight.some(({ repeats }) => repeats.length > 1 && repeats.some(({ stoppedAt }) => stoppedAt > 0));
  const arrived = held ? [{ words: say(language, "repeatsArrived") }] : [];
  if (n > 1) return [{ words: say(language, metric === "contraction" ? "bandOfNodesAndRepeats" : "bandOfRepeats", slots) }, ...arrived, ...bound];
  return metric === "contraction" ? [{ words: say(language, "bandAbout") }] : [];
}

/**
 * What the height of f is measured from, once for all runs that share it.
 * @param {Known[]} known
 * @param {Language} language
 * @returns {Row[]}
 */
function floorsOf(known, language) {
  /** @type {Map<string, string[]>} */
  const labels = new Map();
  for (const { style, run } of known) {
    const { floor, why } = run.guarantees;
    const slots = { level: short(language, floor?.level), within: short(language, floor?.within), why: why?.[language] };
    const words = say(language, !floor ? "floorUnknown" : floor.within === null ? "floorBound" : "floorFound", slots);
    labels.set(words, [...(labels.get(words) ?? []), style.label]);
  }
  return [...labels].map(([words, of]) => ({ words: labels.size > 1 ? `${of.join("; ")}: ${words}` : words }));
}

/**
 * @param {Known[]} held
 * @param {Language} language
 * @returns {Row[]}
 */
function legend(held, language) {
  const inExpectation = held.filter(({ run }) => run.guarantees.expected).map(({ style }) => style.label);
  const words = say(language, "expected", { labels: inExpectation.join("; ") });
  return [{ dash: "2 3", words: say(language, "certain") }, ...(inExpectation.length ? [{ words }] : [])];
}

/**
 * Why a run has no line; without the layer of theory, only why it has no curve.
 * @param {Known[]} known
 * @param {string} metric
 * @param {boolean} theory
 * @param {Language} language
 * @returns {Row[]}
 */
function reasons(known, metric, theory, language) {
  if (!STATEMENTS.includes(metric)) return [];
  const without = known.filter(({ run }) => run.guarantees.missing[metric] && (theory || !run.column(columnOf(metric))));
  const name = theory ? "noLine" : "noCurve";
  return without.map(({ style, run }) => ({ color: style.color, words: say(language, name, { label: style.label, why: run.guarantees.missing[metric][language] }) }));
}

/**
 * @param {Shown[]} sight
 * @param {string} metric
 * @param {Language} language
 * @returns {Row[]}
 */
function waiting(sight, metric, language) {
  const asking = sight.some(({ run }) => run.asked && !run.guarantees && run.state !== "unknown");
  return asking ? [{ words: say(language, metric === "gap" ? "askingMinimum" : "askingTheorems") }] : [];
}
