// The heatmap of relative errors: filled from the left as they come, and worked by a pointer or by keys.

import { el, sized, write } from "../shared/dom.js";
import { short } from "../shared/numbers.js";
import { say } from "../shared/words.js";
import { Grid } from "./grid.js";
import { paint } from "./paint.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Cell } from "../shared/types.js" */
/** @import { HeatmapModel, Rows } from "./paint.js" */

const NODES = 10; // before it is known how many there are

/** Rounds and nodes that a key goes on by. @type {Record<string, [number, number]>} */
const STEPS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  PageUp: [-10, 0],
  PageDown: [10, 0],
  Home: [-Infinity, 0],
  End: [Infinity, 0],
};

/** Every node's own. @type {Rows} */
const OF_NODES = { of: ({ errors }) => errors, axis: "node", cell: "cell", title: "errorsTitle", first: 0 };

export class Heatmap {
  /**
   * @param {(cell: Cell | null) => void} onHover
   * @param {(cell: Cell) => void} onPick
   * @param {Rows} rows
   */
  constructor(onHover, onPick, rows = OF_NODES) {
    this.rows = rows;
    this.canvas = el("canvas", { role: "application", tabindex: 0 });
    this.tip = el("div", { class: "ef21-tip", hidden: true });
    this.spoken = el("span", { class: "ef21-spoken", role: "status" });
    this.node = el("div", { class: "ef21-heatmap" }, this.canvas, this.tip, this.spoken);
    /** The cell that the keys have come to. @type {Cell | null} */
    this.cursor = null;
    /** @type {HeatmapModel | null} */
    this.model = null;
    this.grid = new Grid(0, NODES, 1);
    this.onHover = onHover;
    this.onPick = onPick;
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.canvas.addEventListener("pointerleave", () => this.#leave());
    this.canvas.addEventListener("click", (event) => this.#pick(this.#cell(event)));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.canvas.addEventListener("blur", () => this.#leave());
    this.observer = new ResizeObserver(() => this.model && this.draw(this.model));
    this.observer.observe(this.node);
  }

  /** @param {HeatmapModel} model */
  draw(model) {
    this.model = model;
    const { run, language } = model;
    this.grid = new Grid(Math.max(120, this.node.clientWidth), (run && this.rows.of(run).nodes) || this.grid.nodes, Math.max(1, (run?.rounds ?? 0) + 1));
    const { width, height } = this.grid.whole;
    this.canvas.style.height = `${height}px`;
    paint(sized(this.canvas, width, height), this.grid, model, this.cursor, this.rows);
    this.canvas.setAttribute("aria-label", `${say(language, this.rows.title)}. ${say(language, "heatmapKeys")}`);
  }

  dispose() {
    this.observer.disconnect();
  }

  /** The run that is shown, once some of its errors are here. */
  get #run() {
    const run = this.model?.run;
    return run?.errors.rounds.length ? run : null;
  }

  /**
   * The cell at the pointer, of the recorded round that is drawn there; null beside the cells and where none has come yet.
   * @param {MouseEvent} event
   */
  #cell(event) {
    const run = this.#run;
    const box = this.canvas.getBoundingClientRect();
    const cell = this.grid.at(event.clientX - box.left, event.clientY - box.top);
    return run && cell && cell.round <= run.head ? this.#recorded(run, cell.node, run.rowAt(cell.round)) : null;
  }

  /** @param {Cell | null} cell */
  #pick(cell) {
    if (cell) this.onPick(cell);
  }

  /** @param {PointerEvent} event */
  #hover(event) {
    const cell = this.#cell(event);
    if (!cell) {
      this.#leave();
      return;
    }
    const box = this.canvas.getBoundingClientRect();
    this.#showTip(event.clientX - box.left, event.clientY - box.top, this.#words(cell));
    this.onHover(cell);
  }

  /**
   * Arrows move over the recorded cells, Page keys ten rounds at a time, Home and End to the first and the last; Enter opens, Escape leaves.
   * @param {KeyboardEvent} event
   */
  #key(event) {
    const run = this.#run;
    if (!run || !this.model || event.altKey || event.ctrlKey || event.metaKey) return;
    const { picked } = this.model;
    const at = this.cursor ?? this.#recorded(run, picked.node, run.rowAt(picked.round ?? 0));
    const step = STEPS[event.key];
    if (step) this.#move(this.#recorded(run, at.node + step[1], run.rowAt(at.round) + step[0]));
    else if (event.key === "Enter" || event.key === " ") this.#pick(at);
    else if (event.key === "Escape") this.#leave();
    else return;
    event.preventDefault();
  }

  /** @param {Cell} cell */
  #move(cell) {
    this.cursor = cell;
    const words = this.#words(cell);
    this.#showTip(this.grid.x(cell.round), this.grid.y(cell.node), words);
    write(this.spoken, words);
    this.onHover(cell);
  }

  /** @param {Cell} cell */
  #words({ node, round }) {
    const run = this.#run;
    if (!run || !this.model) return "";
    const { language } = this.model;
    const { relative, nodes } = this.rows.of(run);
    const error = relative.values[run.rowAt(round) * nodes + node];
    const value = Number.isNaN(error) ? say(language, "nothingSent") : error === Infinity ? "∞" : short(language, error);
    return say(language, this.rows.cell, { node: this.rows.first + node, round, value });
  }

  /**
   * @param {number} left
   * @param {number} top
   * @param {string} words
   */
  #showTip(left, top, words) {
    const { width } = this.grid.whole;
    this.tip.textContent = words;
    this.tip.hidden = false;
    this.tip.style.top = `${Math.max(0, top - 34)}px`;
    this.tip.style.left = left > width / 2 ? "" : `${left + 12}px`;
    this.tip.style.right = left > width / 2 ? `${width - left + 12}px` : "";
  }

  #leave() {
    if (this.tip.hidden) return;
    this.tip.hidden = true;
    this.cursor = null;
    this.onHover(null);
  }

  /**
   * The cell of a row and of a recorded round, the nearest there is.
   * @param {Run} run
   * @param {number} node
   * @param {number} row
   * @returns {Cell}
   */
  #recorded(run, node, row) {
    const within = (/** @type {number} */ at, /** @type {number} */ length) => Math.min(length - 1, Math.max(0, at));
    const { nodes, rounds } = this.rows.of(run);
    return { node: within(node, nodes), round: rounds.values[within(row, rounds.length)] };
  }
}
