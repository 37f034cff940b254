// What lies in the picture of the runs: curves and lines, thinned, and cut where they leave. No DOM here.

import { ceilingOf, cut, highest, lowest, spread } from "./edge.js";
import { SHARES } from "../shared/runs.js";
import { curve, thinned } from "./points.js";
import { columnOf, lineOf } from "./theory.js";

/** @import { Along, ChartModel, Curve, Ghost, Line, Picture, Points, Range } from "../shared/types.js" */

const LEAST_ROOM = 1e3; // a line of theory is drawn up to the curves' own spread above them, at least this many times
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
  const pointed = (/** @type {Ghost} */ { style, run, hidden }) => ({ style, run, hidden, points: curve(run, { ...along, name: columnOf(metric) }) });
  const [bare, were] = [shown.map(pointed), ghosts.filter(({ hidden }) => !hidden).map(pointed)];
  const ceiling = bounded ? ceilingOf([...bare.filter(({ hidden }) => !hidden), ...were]) : Infinity;
  const framed = (/** @type {Ghost & { points: Points }} */ one) => ({ ...one, ...inPicture(one.points, ceiling, along, range) });
  const curves = bare.map(framed);
  const room = bounded ? roomFor(curves) : Infinity;
  return {
    curves,
    others: others.filter(({ hidden }) => !hidden).map(pointed).map((one) => ({ ...one, ...inPicture(one.points, room, along, range) })),
    ghosts: were.map(framed),
    lines: theory ? lines(curves, { along, metric, range, bounded }) : [],
    bands: metric === "contraction" ? shown.map(({ style, run, hidden }) => ({ style, hidden, ...band(run, along, range) })) : [],
  };
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
  const found = shown.map(({ style, run }) => ({ style, points: lineOf(run, along, metric) })).filter(({ points }) => points.x.length);
  const top = Math.max(room, ...found.map(({ points }) => OVER_THE_END * lowest(points.y)));
  return found.map((line) => ({ ...line, ...inPicture(line.points, top, along, range) }));
}

/**
 * What is drawn of a curve under a ceiling: thinned, and where it leaves.
 * @param {Points} points
 * @param {number} ceiling
 * @param {Along} along
 * @param {Range | null} range
 */
function inPicture(points, ceiling, along, range) {
  const { x, y } = cut(thinned(points, range), ceiling, along);
  return { shape: { x, y }, exit: cut(points, ceiling, along).exit };
}
