// The convergence chart: one Plotly node for the life of the view, and a cursor that compares the curves at one x.

import { curve, thinned, valueAt } from "../shared/runs.js";
import { ceilingOf, cut, divergence, highest } from "./divergence.js";
import { measured, printed } from "./print.js";
import { count, say, short } from "../shared/words.js";
import { el } from "../shared/dom.js";
import { rgb } from "../shared/theme.js";
import { columnOf, lineOf, nameOf } from "./theory.js";

const KEY_STEPS = 40; // that the arrow keys take from one side to the other
const GHOSTLY = 0.3; // the opacity of a curve that was
const LEAST_ROOM = 1e3; // a line of theory is drawn up to the curves' own spread above them, at least this many times
const OVER_THE_END = 3; // … and to this many times its own lowest point in any case

let plotly = null;

/** Plotly, fetched once a page. */
export function loadPlotly() {
  plotly ??= new Promise((resolve, reject) => {
    const url = new URL("../plotly.min.js", import.meta.url).href;
    const script = el("script", { src: url, onload: () => resolve(window.Plotly), onerror: reject });
    document.head.append(script);
  }).catch((error) => {
    plotly = null; // the next drawing tries again
    throw error;
  });
  return plotly;
}

export class Chart {
  constructor() {
    this.plot = el("div", { class: "ef21-plot" });
    this.line = el("div", { class: "ef21-cursor", hidden: true });
    this.tip = el("div", { class: "ef21-tip", hidden: true, role: "status" });
    this.node = el("figure", { class: "ef21-chart", role: "application", tabindex: 0 }, this.plot, this.line, this.tip);
    this.curves = []; // {style, run, hidden, points, shape, exit}: all points of a curve, those in the picture, and where it leaves
    this.ghosts = []; // the same of curves that were
    this.lines = []; // {style, shape, exit}: of theory
    this.drawing = null;
    this.updates = 0;
    this.node.addEventListener("pointermove", (event) => this.#compare(event));
    this.node.addEventListener("pointerleave", () => this.#hideCursor());
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("blur", () => this.#hideCursor());
    this.observer = new ResizeObserver(() => this.plot.isConnected && this.ready && window.Plotly.Plots.resize(this.plot));
    this.observer.observe(this.node);
  }

  /** Draw the runs; a call during a drawing waits for it and only the latest is done. */
  async draw(model) {
    this.model = model;
    this.drawing ??= this.#drawLatest().finally(() => (this.drawing = null));
    return this.drawing;
  }

  /** Whether some curve or line in sight is drawn only up to the edge of the picture. */
  get cuts() {
    return this.#edge !== undefined;
  }

  get zoomed() {
    return Boolean(this.ready) && [this.plot.layout?.xaxis, this.plot.layout?.yaxis].some((axis) => axis?.autorange === false);
  }

  resetZoom() {
    if (this.ready) window.Plotly.relayout(this.plot, { "xaxis.autorange": true, "yaxis.autorange": true });
  }

  /** The figure as it is taken home, in sight what is in sight now; `link` is where it can be seen again. */
  printed(link) {
    const { about, axis, language, metric, theme } = this.model;
    const isWanted = ({ mode, marker, opacity }) => opacity !== GHOSTLY && (mode === "lines" || marker.symbol !== "circle");
    const title = say(language, "chart", { metric: nameOf(metric, this.model.shown, language), axis: say(language, axis) });
    const named = new Map(this.curves.map(({ style, run }) => [style.label, `${style.label}${this.#ending(run)}`]));
    const traces = this.#traces(this.#range()).filter(isWanted);
    return printed({
      traces: traces.map((trace) => ({ ...trace, name: named.get(trace.name) ?? trace.name })),
      layout: this.#zoomedLayout(),
      words: { title, about: about ?? "", link },
      colors: theme,
      measure: measured,
    });
  }

  /** What a legend says of a run that has diverged. */
  #ending(run) {
    const left = divergence(run);
    return left ? ` (${say(this.model.language, "divergedAt", { round: count(this.model.language, left.round) })})` : "";
  }

  #zoomedLayout() {
    const layout = this.#layout();
    const { xaxis, yaxis } = this.plot.layout;
    const as = (axis, seen) => (seen.autorange === false ? { ...axis, range: [...seen.range], autorange: false } : axis);
    return { ...layout, xaxis: as(layout.xaxis, xaxis), yaxis: as(layout.yaxis, yaxis) };
  }

  dispose() {
    this.observer.disconnect();
    if (this.ready) window.Plotly.purge(this.plot);
  }

  async #drawLatest() {
    const Plotly = await loadPlotly().catch(() => null);
    this.missing = !Plotly; // nothing can be drawn
    if (this.missing) return;
    let drawn = null;
    while (drawn !== this.model) {
      drawn = this.model;
      await Plotly.react(this.plot, this.#traces(this.#range()), this.#layout(), { displayModeBar: false, responsive: false, doubleClick: "reset", ...this.model.speaks });
      this.updates += 1;
      if (!this.ready) this.#settle();
    }
  }

  #settle() {
    this.ready = true;
    this.plot.on("plotly_relayout", () => this.draw({ ...this.model }));
  }

  #range() {
    const axis = this.plot.layout?.xaxis;
    if (!this.ready || !axis?.range || axis.autorange !== false) return null;
    return this.model.logX ? axis.range.map((power) => 10 ** power) : axis.range;
  }

  #traces(range) {
    const { metric, axis, logX, theory, shown, ghosts } = this.model;
    const along = { axis, logX, linear: this.#linear };
    const withPoints = (one) => ({ ...one, points: curve(one.run, { ...along, name: columnOf(metric) }) });
    const [bare, were] = [shown.map(withPoints), ghosts.filter(({ hidden }) => !hidden).map(withPoints)];
    const ceiling = this.#bounded ? ceilingOf([...bare.filter(({ hidden }) => !hidden), ...were]) : Infinity;
    const framed = (one) => ({ ...one, ...inPicture(one.points, ceiling, along, range) });
    this.curves = bare.map(framed);
    this.ghosts = were.map(framed);
    this.lines = theory ? this.#lines(along, range) : [];
    return [
      ...this.ghosts.map((one) => this.#ghost(one)),
      ...this.curves.flatMap((one) => this.#pair(one)),
      ...(metric === "contraction" ? this.curves.flatMap((one) => this.#band(one, along, range)) : []),
      ...this.lines.flatMap((line, at) => this.#dashed(line, at === 0)),
    ];
  }

  /** Whether curves that leave are cut: not where the whole picture is wanted, and not among shares of one. */
  get #bounded() {
    return !this.model.whole && !this.#linear;
  }

  /** Shares of one are drawn on a linear scale, all else on a logarithmic one. */
  get #linear() {
    return this.model.metric === "contraction";
  }

  /** From the least to the greatest over the nodes. */
  #band({ style, run, hidden }, along, range) {
    const common = { type: "scatter", mode: "lines", line: { width: 0 }, opacity: 0.9, hoverinfo: "skip", showlegend: false, visible: !hidden };
    const [least, greatest] = ["least", "greatest"].map((name) => thinned(curve(run, { ...along, name }), range));
    return [
      { ...common, ...least },
      { ...common, ...greatest, fill: "tonexty", fillcolor: `rgba(${rgb(style.color).join(",")},0.16)` },
    ];
  }

  /** The lines that theorems hold the curves below, cut where they are so high that the curves would lie flat. */
  #lines(along, range) {
    const shown = this.curves.filter(({ hidden }) => !hidden);
    const heights = shown.flatMap(({ shape }) => shape.y.filter((value) => value !== null));
    const room = this.#bounded ? Math.max(LEAST_ROOM, 10 ** spread(heights.map(Math.log10))) * highest(heights) : Infinity;
    const lines = shown.map(({ style, run }) => ({ style, points: lineOf(run, along, this.model.metric) })).filter(({ points }) => points.x.length);
    const top = Math.max(room, ...lines.map(({ points }) => OVER_THE_END * lowest(points.y)));
    return lines.map((line) => ({ ...line, ...inPicture(line.points, top, along, range) }));
  }

  #dashed({ style, shape, exit }, first) {
    const common = { type: "scatter", name: say(this.model.language, "certain"), hoverinfo: "skip", opacity: 0.8 };
    const line = { ...common, mode: "lines", ...shape, showlegend: first, line: { color: style.color, dash: "2px,3px", width: 1.2, simplify: false } };
    const arrow = { ...common, mode: "markers", ...at(exit), showlegend: false, cliponaxis: false, marker: { color: style.color, size: 9, symbol: "triangle-up-open" } };
    return exit ? [line, arrow] : [line];
  }

  /** A curve, and its head: a dot that is larger while the run goes on, or an arrow where the curve has left the picture. */
  #pair({ style, run, hidden, points, shape, exit }) {
    const common = { type: "scatter", name: style.label, hoverinfo: "skip", visible: !hidden, opacity: 1 };
    const head = { x: points.x.at(-1), y: points.y.at(-1) };
    const leaves = run.diverged !== null || (exit !== null && head.y > exit.y);
    const size = leaves ? 13 : run.ended ? 6 : 10;
    const symbol = leaves ? "triangle-up" : "circle";
    return [
      { ...common, mode: "lines", ...shape, line: { color: style.color, dash: style.dash ?? "solid", width: 2.2, simplify: false } },
      {
        ...common,
        mode: "markers",
        ...at(leaves && exit ? exit : points.x.length ? head : null),
        cliponaxis: !leaves,
        showlegend: false,
        marker: { color: style.color, size, symbol, line: { color: this.model.theme.background, width: 1.5 } },
      },
    ];
  }

  /** What a contender's curve was before: faint, without a head, and in nothing that is taken home. */
  #ghost({ style, shape }) {
    const line = { color: style.color, dash: style.dash ?? "solid", width: 1.6, simplify: false };
    return { type: "scatter", mode: "lines", name: style.label, ...shape, opacity: GHOSTLY, showlegend: false, hoverinfo: "skip", line };
  }

  #layout() {
    const { theme, metric, axis, logX, language, shown } = this.model;
    const linear = this.#linear;
    const scale = logX ? `, ${say(language, "logScale")}` : "";
    const marks = { exponentformat: logX ? "power" : "none", separatethousands: true };
    const line = { gridcolor: theme.grid, linecolor: theme.faint, zeroline: false, automargin: true, fixedrange: false };
    return {
      uirevision: `${metric} ${axis} ${logX}`,
      showlegend: false,
      hovermode: false,
      dragmode: "zoom",
      autosize: true,
      margin: { l: 8, r: 14, t: 10, b: 8 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: theme.font, color: theme.text, size: 13 },
      separators: language === "ru" ? ",\u202f" : ".,",
      xaxis: { ...line, ...marks, type: logX ? "log" : "linear", rangemode: "tozero", title: { text: say(language, axis) + scale, standoff: 10 } },
      yaxis: {
        ...line,
        type: linear ? "linear" : "log",
        rangemode: "tozero",
        exponentformat: "power",
        autorangeoptions: { clipmax: this.#edge },
        dtick: linear ? undefined : this.#decadesApart(),
        title: { text: nameOf(metric, shown, language) + (linear ? "" : `, ${say(language, "logScale")}`), standoff: 8 },
      },
    };
  }

  /** Where the picture ends if something leaves it: no room is left above. */
  get #edge() {
    const inSight = [...this.curves, ...this.lines].filter(({ hidden }) => !hidden);
    return inSight.some(({ exit }) => exit) ? highest(inSight.flatMap(({ shape }) => shape.y)) : undefined;
  }

  /** Whole decades between ticks where many are in sight, 1, 2 and 5 within a few; Plotly's own ticks within one. */
  #decadesApart() {
    const axis = this.ready && this.plot.layout?.yaxis;
    const heights = [...this.curves.filter(({ hidden }) => !hidden), ...this.ghosts].flatMap(({ shape }) => shape.y.filter(Boolean).map(Math.log10));
    const zoomed = axis && axis.autorange === false;
    const span = zoomed ? Math.abs(axis.range[1] - axis.range[0]) : spread(heights);
    return span > 2.2 ? Math.max(1, Math.ceil(span / 10)) : span > 0.9 ? "D2" : undefined;
  }

  #compare(event) {
    const axis = this.ready && this.plot._fullLayout?.xaxis;
    if (!axis || event.buttons) return this.#hideCursor();
    const box = this.plot.getBoundingClientRect();
    const inside = event.clientX - box.left - axis._offset;
    if (inside < 0 || inside > axis._length) return this.#hideCursor();
    this.#showCursor(axis.p2d(inside), inside + axis._offset, box.width);
    return undefined;
  }

  /** Arrows move the cursor by a fortieth of the width, Home and End to either side; Escape hides it. */
  #key(event) {
    const axis = this.ready && this.plot._fullLayout?.xaxis;
    const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -KEY_STEPS, End: KEY_STEPS };
    if (!axis || event.target !== this.node || !(event.key in steps || event.key === "Escape")) return;
    event.preventDefault();
    if (event.key === "Escape") return this.#hideCursor();
    const from = this.line.hidden ? KEY_STEPS / 2 : this.keyed;
    this.keyed = Math.min(KEY_STEPS, Math.max(0, from + steps[event.key]));
    const inside = (this.keyed / KEY_STEPS) * axis._length;
    this.#showCursor(axis.p2d(inside), inside + axis._offset, this.plot.getBoundingClientRect().width);
    return undefined;
  }

  #showCursor(x, left, width) {
    const { language, axis } = this.model;
    const rowsOf = (curves) => curves
      .map(({ style, run, points }) => ({ style, value: valueAt(points, x), gone: run.diverged !== null && x > points.x.at(-1) }))
      .sort((a, b) => (b.value ?? -1) - (a.value ?? -1));
    const [rows, were] = [rowsOf(this.curves.filter(({ hidden }) => !hidden)), rowsOf(this.ghosts).filter(({ value }) => value !== null)];
    const at = axis === "seconds" ? short(language, x) : count(language, x);
    this.tip.replaceChildren(
      el("div", { class: "ef21-tip-x" }, `${say(language, axis)}: ${at}`),
      ...rows.map(({ style, value, gone }) => tipRow(style, style.label, gone ? say(language, "overflow") : short(language, value))),
      ...were.map(({ style, value }) => tipRow(style, say(language, "before", style), short(language, value), "ef21-was")),
    );
    this.line.hidden = this.tip.hidden = false;
    this.line.style.transform = `translateX(${left}px)`;
    const flip = left > width / 2;
    this.tip.style.left = flip ? "" : `${left + 12}px`;
    this.tip.style.right = flip ? `${width - left + 12}px` : "";
  }

  #hideCursor() {
    this.line.hidden = this.tip.hidden = true;
  }
}

function spread(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
  return high - low;
}

const lowest = (values) => values.reduce((low, value) => Math.min(low, value), Infinity);

/** What is drawn of a curve under a ceiling: thinned, and where it leaves. */
function inPicture(points, ceiling, along, range) {
  return { shape: drawn(cut(thinned(points, range), ceiling, along)), exit: cut(points, ceiling, along).exit };
}

const drawn = ({ x, y }) => ({ x, y });

/** The coordinates of one point, or of none. */
const at = (point) => ({ x: point ? [point.x] : [], y: point ? [point.y] : [] });

function tipRow(style, label, value, kind = "") {
  const mark = el("i", { style: `background:${style.color}` });
  return el("div", { class: `ef21-tip-row ${kind}` }, mark, el("span", {}, label), el("b", {}, value));
}
