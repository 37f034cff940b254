// The picture as Plotly takes it: traces, in the order in which they are drawn. No DOM here.

import { clear } from "../shared/colors.js";
import { haveEnded, overflows } from "../shared/repeats.js";
import { say } from "../shared/words.js";

/** @import { ChartModel, Curve, Line, Picture, Point, Trace } from "../shared/types.js" */

const GHOSTLY = 0.3; // the opacity of a curve that was
const FAINT = 0.22; // … and of one with a step that is not the best

/** @type {{ type: "scatter", hoverinfo: "skip" }} */
const COMMON = { type: "scatter", hoverinfo: "skip" };

/**
 * @param {Picture} picture
 * @param {Pick<ChartModel, "language" | "theme" | "scale">} model
 * @returns {Trace[]}
 */
export const tracesOf = (picture, model) => usual(picture, model).map((trace) => larger(trace, model.scale ?? 1));

/** @type {(picture: Picture, model: Pick<ChartModel, "language" | "theme">) => Trace[]} */
const usual = ({ curves, ghosts, others, lines, bands, spreads }, { language, theme }) => [
  ...spreads.flatMap(filled),
  ...behind(others),
  ...ghosts.map(ghost),
  ...curves.flatMap((curve) => [line(curve), head(curve, theme.background)]),
  ...bands.flatMap(filled),
  ...lines.flatMap((one, at) => dashed(one, say(language, "certain"), at === 0)),
];

/**
 * Those that are taken home: no curve that was, and no head but an arrow.
 * @param {Picture} picture
 * @param {Pick<ChartModel, "language" | "theme">} model
 */
export const lasting = (picture, model) =>
  tracesOf({ ...picture, ghosts: [] }, model).filter(({ mode, marker }) => mode === "lines" || marker?.symbol !== "circle");

/** @type {(trace: Trace, scale: number) => Trace} */
const larger = (trace, scale) => ({
  ...trace,
  ...(trace.line && { line: { ...trace.line, width: trace.line.width * scale } }),
  ...(trace.marker && { marker: { ...trace.marker, size: trace.marker.size * scale } }),
});

/**
 * @param {Curve} curve
 * @returns {Trace}
 */
const line = ({ style, hidden, shape }) => ({
  ...COMMON,
  mode: "lines",
  ...shape,
  name: style.label,
  visible: !hidden,
  opacity: 1,
  line: { color: style.color, dash: style.dash, width: 2.2, simplify: false },
});

/**
 * A curve's head: a dot that is larger while the run goes on, or an arrow where the curve has left the picture.
 * @param {Curve} curve
 * @param {string} background
 * @returns {Trace}
 */
function head({ style, repeats, hidden, points, exit }, background) {
  const end = points.x.length ? { x: points.x[points.x.length - 1], y: points.y[points.y.length - 1] } : null;
  const leaves = overflows(repeats) || (exit !== null && end !== null && end.y > exit.y);
  return {
    ...COMMON,
    mode: "markers",
    ...placed(leaves && exit ? exit : end),
    name: style.label,
    visible: !hidden,
    opacity: 1,
    cliponaxis: !leaves,
    showlegend: false,
    marker: {
      color: style.color,
      size: leaves ? 13 : haveEnded(repeats) ? 6 : 10,
      symbol: leaves ? "triangle-up" : "circle",
      line: { color: background, width: 1.5 },
    },
  };
}

/**
 * What a contender's curve was before: faint, without a head.
 * @param {Curve} curve
 * @returns {Trace}
 */
const ghost = ({ style, shape }) => ({
  ...COMMON,
  mode: "lines",
  ...shape,
  name: style.label,
  opacity: GHOSTLY,
  showlegend: false,
  line: { color: style.color, dash: style.dash, width: 1.6, simplify: false },
});

/**
 * Runs with steps that are not the best of their contender's: all of one colour are one trace, set apart by gaps. Plotly draws
 * thirty runs so in half the time.
 * @param {Curve[]} curves
 * @returns {Trace[]}
 */
function behind(curves) {
  const seen = curves.filter(({ shape }) => shape.x.length);
  return [...new Set(seen.map(({ style }) => style.color))].map((color) => {
    const [first, ...rest] = seen.filter(({ style }) => style.color === color);
    const style = { ...first.style, label: [first, ...rest].map((one) => one.style.label).join("; ") };
    const shape = rest.reduce((before, one) => ({ x: [...before.x, one.shape.x[0], ...one.shape.x], y: [...before.y, null, ...one.shape.y] }), first.shape);
    return { ...ghost({ ...first, style, shape }), opacity: FAINT, line: { color, dash: "solid", width: 1, simplify: false } };
  });
}

/**
 * The room between the least and the greatest.
 * @param {Picture["bands"][number]} band
 * @returns {Trace[]}
 */
function filled({ style, hidden, least, greatest }) {
  /** @type {Omit<Trace, "x" | "y">} */
  const common = { ...COMMON, mode: "lines", line: { width: 0 }, opacity: 0.9, showlegend: false, visible: !hidden };
  return [
    { ...common, ...least },
    { ...common, ...greatest, fill: "tonexty", fillcolor: clear(style.color, 0.16) },
  ];
}

/**
 * A line of theory, and an arrow where it leaves. Only the first is in a legend, for all.
 * @param {Line} line
 * @param {string} name
 * @param {boolean} first
 * @returns {Trace[]}
 */
function dashed({ style, shape, exit }, name, first) {
  const common = { ...COMMON, name, opacity: 0.8 };
  /** @type {Trace} */
  const whole = { ...common, mode: "lines", ...shape, showlegend: first, line: { color: style.color, dash: "2px,3px", width: 1.2, simplify: false } };
  if (!exit) return [whole];
  const marker = { color: style.color, size: 9, symbol: "triangle-up-open" };
  return [whole, { ...common, mode: "markers", ...placed(exit), showlegend: false, cliponaxis: false, marker }];
}

/**
 * The coordinates of one point, or of none.
 * @param {Point | null} point
 */
const placed = (point) => ({ x: point ? [point.x] : [], y: point ? [point.y] : [] });
