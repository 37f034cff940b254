// The convergence chart: one plot for the life of the view, and a cursor that compares the curves at one x.

import { el } from "../shared/dom.js";
import { count } from "../shared/numbers.js";
import { divergenceOf } from "../shared/repeats.js";
import { say } from "../shared/words.js";
import { QUANTILES } from "./band.js";
import { Cursor } from "./cursor.js";
import { Goal } from "./goal.js";
import { layoutOf } from "./layout.js";
import { edgeOf, pictureOf } from "./picture.js";
import { Plot } from "./plotly.js";
import { Noted, annotations } from "./noted.js";
import { ROOM, measured, printed } from "./print.js";
import { nameOf } from "./theory.js";
import { lasting, tracesOf } from "./traces.js";

/** @import { ChartModel, Picture } from "../shared/types.js" */

export class Chart {
  /** @param {(epsilon: number) => void} onGoal ε is moved on it */
  constructor(onGoal) {
    this.plot = new Plot(() => void (this.model && this.draw({ ...this.model })));
    this.cursor = new Cursor();
    this.goal = new Goal(onGoal);
    this.noted = new Noted();
    const parts = [this.plot.node, this.noted.node, this.goal.node, this.cursor.line, this.cursor.tip];
    this.node = el("figure", { class: "ef21-chart", role: "application", tabindex: 0 }, ...parts);
    /** @type {ChartModel | null} */
    this.model = null;
    /** @type {Picture} */
    this.picture = { curves: [], ghosts: [], others: [], lines: [], bands: [], spreads: [] };
    /** @type {Promise<void> | null} */
    this.drawing = null;
    this.missing = false; // nothing can be drawn
    /** How far across the cursor stands, in [0, 1]; null where it is hidden. @type {number | null} */
    this.share = null;
    this.node.addEventListener("pointermove", (event) => this.#compare(event));
    this.node.addEventListener("pointerleave", () => this.#compareAt(null));
    this.node.addEventListener("keydown", (event) => this.#key(event));
    this.node.addEventListener("blur", () => this.#compareAt(null));
  }

  /**
   * Draw the runs; a call during a drawing waits for it and only the latest is done.
   * @param {ChartModel} model
   */
  async draw(model) {
    const { language, metric, axis, shown } = model;
    const words = { metric: nameOf(metric, shown, language), axis: say(language, axis) };
    this.node.setAttribute("aria-label", `${say(language, "chart", words)}. ${say(language, "chartKeys")}`);
    this.model = model;
    return this.#draw();
  }

  /** Whether some curve or line in sight is drawn only up to the edge of the picture, or will be once plotly is here. */
  get cuts() {
    return this.model !== null && edgeOf(pictureOf(this.model, this.plot.range)) !== undefined;
  }

  get zoomed() {
    return this.plot.zoomed;
  }

  resetZoom() {
    this.plot.resetZoom();
  }

  /**
   * The figure as it is taken home, in sight what is in sight now; `link` is where it can be seen again. Null before the first drawing.
   * @param {string} link
   */
  printed(link) {
    if (!this.model) return null;
    const model = { ...this.model, scale: 1 };
    const { about = "", axis, language, metric, shown, theme } = model;
    const title = say(language, "chart", { metric: nameOf(metric, shown, language), axis: say(language, axis) });
    const picture = pictureOf(model, this.plot.range); // with rows that have come since the last drawing
    const { drawn, left } = annotations(this.plot, picture, model, ROOM);
    return printed({
      traces: lasting(this.#named(picture), model),
      layout: { ...this.plot.asSeen(layoutOf(model, picture, this.plot.height), drawn.length > 0), shapes: goalShapes(model), annotations: drawn },
      words: { title, about: [about, ...left].join(" · "), link },
      colors: theme,
      measure: measured,
    });
  }

  /**
   * The same with names that say what repeats are drawn as, and of a run that has diverged when it did.
   * @param {Picture} picture
   * @returns {Picture}
   */
  #named({ curves, ...rest }) {
    const { language = "en" } = this.model ?? {};
    const [low, high] = QUANTILES.map((quantile) => 100 * quantile);
    const drawn = (/** @type {number} */ n) => (n > 1 ? `: ${say(language, "drawnOf", { n, low, high })}` : "");
    const ending = (/** @type {number} */ round) => ` (${say(language, "divergedAt", { round: count(language, round) })})`;
    return {
      ...rest,
      curves: curves.map((curve) => {
        const [left, label] = [divergenceOf(curve.repeats), curve.style.label + drawn(curve.repeats.length)];
        return { ...curve, style: { ...curve.style, label: left ? label + ending(left.round) : label } };
      }),
    };
  }

  dispose() {
    this.plot.dispose();
  }

  #draw() {
    this.drawing ??= this.#drawLatest().finally(() => (this.drawing = null));
    return this.drawing;
  }

  async #drawLatest() {
    let drawn = null;
    while (drawn !== this.model) {
      const model = (drawn = this.model);
      if (!model) return;
      this.missing = !(await this.plot.draw(() => this.#figure(model)));
      if (this.missing) return;
      this.goal.draw(this.plot, model.goal, model.language, model.least);
      this.noted.draw(this.plot, this.picture, model);
      this.#compareAt(this.share);
    }
  }

  /**
   * Show ε where it is now, before anything else is drawn anew.
   * @param {number | null} epsilon
   */
  aim(epsilon) {
    if (this.model) this.goal.draw(this.plot, epsilon, this.model.language, this.model.least);
  }

  /** @param {ChartModel} model */
  #figure(model) {
    this.picture = pictureOf(model, this.plot.range);
    return { traces: tracesOf(this.picture, model), layout: layoutOf(model, this.picture, this.plot.height), config: model.speaks ?? {} };
  }

  /** @param {PointerEvent} event */
  #compare(event) {
    const { area } = this.plot;
    const share = area && !event.buttons ? (event.clientX - this.plot.node.getBoundingClientRect().left - area.left) / area.width : -1;
    this.#compareAt(share < 0 || share > 1 ? null : share);
  }

  /**
   * Arrows move the cursor by a fortieth of the width, Home and End to either side; Escape hides it.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    if (!this.plot.area || event.target !== this.node) return;
    const share = this.cursor.moved(event.key);
    if (share === null && event.key !== "Escape") return;
    event.preventDefault();
    this.#compareAt(share);
  }

  /**
   * Compare the curves there, and go on doing so while they grow.
   * @param {number | null} share of the width
   */
  #compareAt(share) {
    this.share = share;
    const { area, node } = this.plot;
    const x = share === null ? null : this.plot.xAt(share);
    if (share === null || x === null || !area || !this.model) this.cursor.hide();
    else this.cursor.show({ x, left: area.left + share * area.width, width: node.getBoundingClientRect().width }, this.picture, this.model);
  }
}

/**
 * ε as it is taken home.
 * @param {ChartModel} model
 */
const goalShapes = ({ goal, theme }) =>
  goal ? [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: goal, y1: goal, line: { color: theme.muted, width: 1, dash: "dash" } }] : [];
