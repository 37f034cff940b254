// What lies in the picture of the runs: curves and lines, thinned, and cut where they leave. No DOM here.

import { MOST_PLACES, bandOf, drawable } from "./band.js";
import { ceilingOf, cut, highest, lowest, spread } from "./edge.js";
import { SHARES } from "../shared/runs.js";
import { curve, thinned } from "./points.js";
import { columnOf, lineOf } from "./theory.js";

/** @import { Along, ChartModel, Curve, Filled, Ghost, Line, Picture, Points, Range } from "../shared/types.js" */

const LEAST_ROOM = 1e3; // a line of theory is drawn up to the curves' own spread above them, at least this many times
const FAINT_PLACES = 200; // of a curve behind the best ones, or at which its median is computed
const OVER_THE_END = 3; // … and to this many times its own lowest point in any case

/**
 * Shares of a whole are drawn on a linear scale, all else on a logarithmic one.
 * @param {string} metric
 */
export const isLinear = (metric) => metric === "contraction" || SHARES.includes(metric);

/**
 * @param {ChartModel} model
 * @param {Range | null} range in sight; null for all
 * @returns {Picture}
 */
export function pictureOf(model, range) {
  const { metric, axis, logX, theory, shown, ghosts, others } = model;
  const along = { axis, logX, linear: isLinear(metric) };
  const bounded = !model.whole && !along.linear; // curves that leave are cut
  const name = columnOf(metric);
  const pointed = (/** @type {Ghost} */ { style, run, repeats, hidden }, most = MOST_PLACES) => ({
    ...{ style, run, repeats, hidden },
    points: repeats.length > 1 ? median(repeats, { ...along, name }, most) : curve(run, { ...along, name }),
  });
  const [bare, were] = [shown.map((one) => pointed(one)), ghosts.filter(({ hidden }) => !hidden).map((one) => pointed(one))];
  const ceiling = bounded ? ceilingOf([...bare.filter(({ hidden }) => !hidden), ...were]) : Infinity;
  const framed = (/** @type {Ghost & { points: Points }} */ one) => ({ ...one, ...inPicture(one.points, ceiling, along, range) });
  const curves = bare.map(framed);
  const room = bounded ? roomFor(curves) : Infinity;
  return {
    curves,
    others: others.filter(({ hidden }) => !hidden).map((one) => pointed(one, FAINT_PLACES)).map((one) => ({ ...one, ...inPicture(one.points, room, along, range, FAINT_PLACES) })),
    ghosts: were.map(framed),
    lines: theory ? lines(curves, { along, metric, range, bounded }) : [],
    bands: metric === "contraction" ? shown.filter(isAlone).map(({ style, run, hidden }) => ({ style, hidden, ...band(run, along, range) })) : [],
    spreads: shown.filter((one) => !isAlone(one)).map(({ style, repeats, hidden }) => ({ style, hidden, ...spreadOf(repeats, { ...along, name }, ceiling, range) })),
  };
}

/** @type {(one: Ghost) => boolean} */
const isAlone = ({ repeats }) => repeats.length === 1;

/**
 * @param {Ghost["repeats"]} repeats
 * @param {Along & { name: string }} which
 * @param {number} most
 */
function median(repeats, which, most) {
  const { x, median: y } = bandOf(repeats, { ...which, most });
  return drawable({ x, y }, which);
}

/**
 * The room between two quantiles of the repeats, as far as it lies under a ceiling.
 * @param {Ghost["repeats"]} repeats
 * @param {Along & { name: string }} which
 * @param {number} ceiling
 * @param {Range | null} range
 * @returns {Pick<Filled, "least" | "greatest">}
 */
function spreadOf(repeats, which, ceiling, range) {
  const { x, low, high } = bandOf(repeats, which);
  const inside = x.map((_, at) => at).filter((at) => low[at] <= ceiling && Math.min(high[at], ceiling) < Infinity);
  const edge = (/** @type {number[]} */ y) => {
    const points = drawable({ x: inside.map((at) => x[at]), y: inside.map((at) => Math.min(y[at], ceiling)) }, which);
    return thinned(points, range);
  };
  return { least: edge(low), greatest: edge(high) };
}

/**
 * How high those that are not the best are drawn: as high as those that are.
 * @param {Curve[]} curves
 */
const roomFor = (curves) => highest(curves.filter(({ hidden }) => !hidden).flatMap(({ shape }) => shape.y)) || Infinity;

/**
 * Where the picture ends if something leaves it: no room is left above.
 * @param {Picture} picture
 */
export function edgeOf({ curves, lines: all }) {
  const inSight = [...curves, ...all].filter(({ hidden }) => !hidden);
  return inSight.some(({ exit }) => exit) ? highest(inSight.flatMap(({ shape }) => shape.y)) : undefined;
}

/**
 * How many decades the curves in sight take.
 * @param {Picture} picture
 */
export function decadesOf({ curves, ghosts }) {
  const inSight = [...curves.filter(({ hidden }) => !hidden), ...ghosts];
  return spread(inSight.flatMap(({ shape }) => shape.y.filter((height) => height).map((height) => Math.log10(height ?? 1))));
}

/**
 * From the least to the greatest over the nodes.
 * @param {Ghost["run"]} run
 * @param {Along} along
 * @param {Range | null} range
 */
function band(run, along, range) {
  const of = (/** @type {string} */ name) => thinned(curve(run, { ...along, name }), range);
  return { least: of("least"), greatest: of("greatest") };
}

/**
 * The lines that theorems hold the curves below, cut where they are so high that the curves would lie flat.
 * @param {Curve[]} curves
 * @param {{ along: Along, metric: string, range: Range | null, bounded: boolean }} how
 * @returns {Line[]}
 */
function lines(curves, { along, metric, range, bounded }) {
  const shown = curves.filter(({ hidden }) => !hidden);
  const heights = shown.flatMap(({ shape }) => shape.y.filter((height) => height !== null));
  const room = bounded ? Math.max(LEAST_ROOM, 10 ** spread(heights.map(Math.log10))) * highest(heights) : Infinity;
  const found = shown.map(({ style, repeats }) => ({ style, points: lineOf(repeats, along, metric) })).filter(({ points }) => points.x.length);
  const top = Math.max(room, ...found.map(({ points }) => OVER_THE_END * lowest(points.y)));
  return found.map((line) => ({ ...line, ...inPicture(line.points, top, along, range) }));
}

/**
 * What is drawn of a curve under a ceiling: thinned, and where it leaves.
 * @param {Points} points
 * @param {number} ceiling
 * @param {Along} along
 * @param {Range | null} range
 * @param {number} [most]
 */
function inPicture(points, ceiling, along, range, most) {
  const { x, y } = cut(thinned(points, range, most), ceiling, along);
  return { shape: { x, y }, exit: cut(points, ceiling, along).exit };
}
