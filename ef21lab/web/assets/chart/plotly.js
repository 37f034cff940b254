// One Plotly node: what is drawn on it, how far it is zoomed, and where on it a place lies. All that is asked of Plotly is asked here.

import { el } from "../shared/dom.js";

/** @import { Axis, Layout, Plotly, Range, Trace } from "../shared/types.js" */
/** @typedef {HTMLElement & { layout?: Layout, on(name: string, act: () => void): void }} PlotNode */

export const SOURCE = new URL("../plotly.min.js", import.meta.url).href;

/** @type {Promise<Plotly> | null} */
let plotly = null;

/** Plotly, fetched once a page. */
export function loadPlotly() {
  plotly ??= fetched().catch((error) => {
    plotly = null; // the next drawing tries again
    throw error;
  });
  return plotly;
}

/** @returns {Promise<Plotly>} */
const fetched = () =>
  new Promise((resolve, reject) => {
    document.head.append(el("script", { src: SOURCE, onload: () => resolve(window.Plotly), onerror: reject }));
  });

export class Plot {
  /** @param {() => void} onZoom after a person has zoomed */
  constructor(onZoom) {
    this.node = /** @type {PlotNode} */ (/** @type {unknown} */ (el("div", { class: "ef21-plot" })));
    this.onZoom = onZoom;
    /** Plotly, from the first drawing on. @type {Plotly | null} */
    this.plotly = null;
    this.observer = new ResizeObserver(() => this.node.isConnected && this.plotly?.Plots.resize(this.node));
    this.observer.observe(this.node);
  }

  /**
   * Draw on the node that is there. False where Plotly does not come, and nothing can be drawn.
   * @param {() => { traces: Trace[], layout: Layout, config: object }} figure asked once Plotly is here
   */
  async draw(figure) {
    const drawer = await loadPlotly().catch(() => null);
    if (!drawer) return false;
    const { traces, layout, config } = figure();
    await drawer.react(this.node, traces, layout, { displayModeBar: false, responsive: false, doubleClick: "reset", ...config });
    if (!this.plotly) this.node.on("plotly_relayout", this.onZoom);
    this.plotly = drawer;
    return true;
  }

  /** The axes as they are drawn; null before the first drawing. */
  get axes() {
    const { layout } = this.node;
    return this.plotly && layout ? { x: layout.xaxis, y: layout.yaxis } : null;
  }

  get zoomed() {
    return this.axes !== null && (isChosen(this.axes.x) || isChosen(this.axes.y));
  }

  /**
   * The part of the horizontal axis in sight that a person has chosen; null for all of it.
   * @returns {Range | null}
   */
  get range() {
    const axis = this.axes?.x;
    return axis && isChosen(axis) ? bounds(axis) : null;
  }

  /** Decades or units of the vertical axis that a person has chosen to see; null for all. */
  get height() {
    const axis = this.axes?.y;
    return axis?.range && isChosen(axis) ? Math.abs(axis.range[1] - axis.range[0]) : null;
  }

  resetZoom() {
    void this.plotly?.relayout(this.node, { "xaxis.autorange": true, "yaxis.autorange": true });
  }

  /**
   * A layout with the axes as they are in sight; `exactly` also where nobody has chosen from where to where they go.
   * @param {Layout} layout
   * @param {boolean} exactly
   * @returns {Layout}
   */
  asSeen(layout, exactly = false) {
    if (!this.axes) return layout;
    return { ...layout, xaxis: as(layout.xaxis, this.axes.x, exactly), yaxis: as(layout.yaxis, this.axes.y, exactly) };
  }

  /** Where the curves are drawn, in pixels from the node's corner; null before the first drawing. */
  get area() {
    const area = this.axes && this.node.querySelector(".nsewdrag")?.getBoundingClientRect();
    if (!area) return null;
    const { left, top } = this.node.getBoundingClientRect();
    return { left: area.left - left, top: area.top - top, width: area.width, height: area.height };
  }

  /**
   * How far down that area a y lies, in [0, 1] where it is in sight; null where it lies nowhere.
   * @param {number} y
   */
  shareOf(y) {
    const axis = this.axes?.y;
    const place = axis?.type === "log" ? Math.log10(y) : y;
    return axis?.range && Number.isFinite(place) ? (axis.range[1] - place) / (axis.range[1] - axis.range[0]) : null;
  }

  /**
   * How far along that area an x lies, in [0, 1] where it is in sight; null where it lies nowhere.
   * @param {number} x
   */
  shareAlong(x) {
    const [axis, place] = [this.axes?.x, this.along("x", x)];
    return axis?.range && Number.isFinite(place) ? (place - axis.range[0]) / (axis.range[1] - axis.range[0]) : null;
  }

  /**
   * A place as an axis has it: a power of ten on a logarithmic one.
   * @param {"x" | "y"} name
   * @param {number} place
   */
  along(name, place) {
    return this.axes?.[name].type === "log" ? Math.log10(place) : place;
  }

  /**
   * The y at a share of the height of that area.
   * @param {number} share
   */
  yAt(share) {
    const axis = this.axes?.y;
    if (!axis?.range) return null;
    const place = axis.range[1] - share * (axis.range[1] - axis.range[0]);
    return axis.type === "log" ? 10 ** place : place;
  }

  /**
   * The x at a share of the width of that area.
   * @param {number} share
   */
  xAt(share) {
    const axis = this.axes?.x;
    if (!axis?.range) return null;
    const place = axis.range[0] + share * (axis.range[1] - axis.range[0]);
    return axis.type === "log" ? 10 ** place : place;
  }

  dispose() {
    this.observer.disconnect();
    this.plotly?.purge(this.node);
  }
}

/**
 * An axis from where to where another is in sight.
 * @param {Axis} axis
 * @param {Axis} seen
 * @param {boolean} exactly
 * @returns {Axis}
 */
const as = (axis, seen, exactly) => ((exactly || isChosen(seen)) && seen.range ? { ...axis, range: [seen.range[0], seen.range[1]], autorange: false } : axis);

/** @param {Axis} axis */
const isChosen = (axis) => axis.autorange === false;

/**
 * What an axis goes from and to, in its own unit.
 * @param {Axis} axis
 * @returns {Range | null}
 */
function bounds({ range, type }) {
  if (!range) return null;
  return type === "log" ? [10 ** range[0], 10 ** range[1]] : range;
}
