// The heatmap of relative errors: nodes down from 0, rounds across, filled from the left as they come.

import { placeOf, ticksOf } from "./errorscale.js";
import { count, say, short } from "../shared/words.js";
import { el, sized, write } from "../shared/dom.js";
import { errorColors } from "../shared/theme.js";

const LEFT = 46;
const RIGHT = 74;
const BOTTOM = 40;
const TOP = 8;
const COLORS = errorColors(); // the last one is clear
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], PageUp: [-10, 0], PageDown: [10, 0] };

export class Heatmap {
  /** `onHover(cell or null)` and `onPick(cell)` with a cell {node, round}. */
  constructor(onHover, onPick) {
    this.canvas = el("canvas", { role: "application", tabindex: 0 });
    this.tip = el("div", { class: "ef21-tip", hidden: true });
    this.spoken = el("span", { class: "ef21-spoken", role: "status" });
    this.node = el("div", { class: "ef21-heatmap" }, this.canvas, this.tip, this.spoken);
    this.cursor = null; // the cell that the keys have come to
    [this.onHover, this.onPick] = [onHover, onPick];
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.canvas.addEventListener("pointerleave", () => this.#leave());
    this.canvas.addEventListener("click", (event) => this.#pick(this.#cell(event)));
    this.canvas.addEventListener("keydown", (event) => this.#key(event));
    this.canvas.addEventListener("blur", () => this.#leave());
    this.observer = new ResizeObserver(() => this.model && this.draw(this.model));
    this.observer.observe(this.node);
  }

  /** `model`: {run, scale, theme, language, picked: {node, round}}; `scale` as scaleOf gives it. */
  draw(model) {
    this.model = model;
    const nodes = model.run?.errors.nodes || this.nodes || 10;
    this.nodes = nodes;
    this.width = Math.max(120, this.node.clientWidth);
    this.height = TOP + BOTTOM + Math.min(260, Math.max(110, nodes * 12));
    this.canvas.style.height = `${this.height}px`;
    const context = sized(this.canvas, this.width, this.height);
    context.font = `12px ${model.theme.font}`;
    this.#cells(context);
    this.#axes(context);
    this.#scale(context);
    this.#marks(context);
    this.canvas.setAttribute("aria-label", `${say(model.language, "errorsTitle")}. ${say(model.language, "heatmapKeys")}`);
  }

  dispose() {
    this.observer.disconnect();
  }

  get #inner() {
    return { width: this.width - LEFT - RIGHT, height: this.height - TOP - BOTTOM };
  }

  get #rounds() {
    return Math.max(1, (this.model.run?.rounds ?? 0) + 1);
  }

  #cells(context) {
    const { width, height } = this.#inner;
    if (!(Math.round(width) > 0)) return undefined; // a view that is leaving the page has no width
    context.fillStyle = this.model.theme.panel;
    context.fillRect(LEFT, TOP, width, height);
    if (!this.model.run?.errors.rounds.length) return this.#sayEmpty(context);
    context.imageSmoothingEnabled = false;
    context.drawImage(errorImage(this.model, this.#rounds, Math.min(Math.round(width), this.#rounds)), LEFT, TOP, width, height);
    return undefined;
  }

  #sayEmpty(context) {
    const { width, height } = this.#inner;
    context.fillStyle = this.model.theme.muted;
    context.textAlign = "center";
    context.fillText(say(this.model.language, "noErrorsYet"), LEFT + width / 2, TOP + height / 2);
  }

  #axes(context) {
    const { width, height } = this.#inner;
    const { theme, language } = this.model;
    context.fillStyle = theme.muted;
    context.textAlign = "right";
    context.textBaseline = "middle";
    for (const node of ticks(this.nodes - 1, Math.floor(height / 24))) {
      context.fillText(String(node), LEFT - 7, TOP + ((node + 0.5) / this.nodes) * height);
    }
    context.textBaseline = "top";
    for (const round of ticks(this.#rounds - 1, Math.floor(width / 70))) {
      context.textAlign = round === 0 ? "left" : "center";
      context.fillText(count(language, round), this.#x(round), TOP + height + 9);
    }
    context.fillStyle = theme.text;
    context.textAlign = "center";
    context.fillText(say(language, "roundAxis"), LEFT + width / 2, TOP + height + 25);
    context.save();
    context.translate(4, TOP + height / 2);
    context.rotate(-Math.PI / 2);
    context.fillText(say(language, "node"), 0, 0);
    context.restore();
  }

  #scale(context) {
    const { scale, theme, language } = this.model;
    if (!scale) return;
    const { height } = this.#inner;
    const left = this.width - RIGHT + 14;
    for (let y = 0; y < height; y++) {
      context.fillStyle = css(colorAt(1 - y / (height - 1)));
      context.fillRect(left, TOP + y, 10, 1.5);
    }
    context.fillStyle = theme.muted;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const { place, words } of ticksOf(scale, language)) context.fillText(words, left + 14, TOP + 5 + (1 - place) * (height - 10));
  }

  #marks(context) {
    const { height } = this.#inner;
    const { run, picked, theme } = this.model;
    context.fillStyle = theme.muted;
    for (const round of run?.snapshots ?? []) context.fillRect(this.#x(round) - 0.5, TOP + height + 2, 1, 4);
    if (!run) return;
    if (picked && picked.round !== null) this.#outline(context, picked, []);
    if (this.cursor) this.#outline(context, this.cursor, [3, 2]);
  }

  #outline(context, { node, round }, dashes) {
    const row = this.#inner.height / this.nodes;
    const width = Math.max(5, this.#inner.width / this.#rounds);
    const box = [this.#x(round) - width / 2, TOP + node * row, width, row];
    for (const [color, line, dash] of [["#000", 3, []], ["#fff", 1.5, dashes]]) {
      context.strokeStyle = color;
      context.lineWidth = line;
      context.setLineDash(dash);
      context.strokeRect(...box);
    }
    context.setLineDash([]);
  }

  #x(round) {
    return LEFT + ((round + 0.5) / this.#rounds) * this.#inner.width;
  }

  /** The cell at the pointer, of the recorded round that is drawn there; null beside the cells and where none has come yet. */
  #cell(event) {
    const { run } = this.model ?? {};
    if (!run?.errors.rounds.length) return null;
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.#inner;
    const [x, y] = [(event.clientX - box.left - LEFT) / width, (event.clientY - box.top - TOP) / height];
    if (x < 0 || x >= 1 || y < 0 || y >= 1) return null;
    const round = Math.floor(x * this.#rounds);
    return round > run.head ? null : this.#recorded(Math.floor(y * this.nodes), run.rowAt(round));
  }

  #recorded(node, row) {
    const { errors } = this.model.run;
    const within = (at, length) => Math.min(length - 1, Math.max(0, at));
    return { node: within(node, errors.nodes), round: errors.rounds.values[within(row, errors.rounds.length)] };
  }

  #pick(cell) {
    if (cell) this.onPick(cell);
  }

  #hover(event) {
    const cell = this.#cell(event);
    if (!cell) return this.#leave();
    const box = this.canvas.getBoundingClientRect();
    this.#showTip(event.clientX - box.left, event.clientY - box.top, this.#words(cell));
    this.onHover(cell);
    return undefined;
  }

  /** Arrows move over the recorded cells, Page keys ten rounds at a time, Home and End to the first and the last; Enter opens, Escape leaves. */
  #key(event) {
    const { run, picked } = this.model ?? {};
    if (!run?.errors.rounds.length || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.cursor ?? this.#recorded(picked?.node ?? 0, run.rowAt(picked?.round ?? 0));
    const row = run.rowAt(at.round);
    const ends = { Home: -run.errors.rounds.length, End: run.errors.rounds.length };
    const step = STEPS[event.key] ?? (event.key in ends ? [ends[event.key], 0] : null);
    if (step) this.#move(this.#recorded(at.node + step[1], row + step[0]));
    else if (event.key === "Enter" || event.key === " ") this.#pick(at);
    else if (event.key === "Escape") this.#leave();
    else return;
    event.preventDefault();
  }

  #move(cell) {
    this.cursor = cell;
    const words = this.#words(cell);
    this.#showTip(this.#x(cell.round), TOP + ((cell.node + 0.5) / this.nodes) * this.#inner.height, words);
    write(this.spoken, words);
    this.onHover(cell);
  }

  #words({ node, round }) {
    const { run, language } = this.model;
    const error = run.errors.relative.values[run.rowAt(round) * run.errors.nodes + node];
    const value = Number.isNaN(error) ? say(language, "nothingSent") : error === Infinity ? "∞" : short(language, error);
    return say(language, "cell", { node, round, value });
  }

  #showTip(left, top, words) {
    this.tip.textContent = words;
    this.tip.hidden = false;
    this.tip.style.top = `${Math.max(0, top - 34)}px`;
    this.tip.style.left = left > this.width / 2 ? "" : `${left + 12}px`;
    this.tip.style.right = left > this.width / 2 ? `${this.width - left + 12}px` : "";
  }

  #leave() {
    if (this.tip.hidden) return;
    this.tip.hidden = true;
    this.cursor = null;
    this.onHover(null);
  }
}

/** One pixel a column of rounds and a row of nodes, node 0 in the first; where several records share a column, their mean. */
function errorImage({ run, scale }, rounds, columns) {
  const { nodes } = run.errors;
  const canvas = el("canvas", { width: columns, height: nodes });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, nodes);
  const pixels = new Uint32Array(image.data.buffer);
  const every = run.errors.rounds.length > 1 ? run.errors.rounds.values[1] - run.errors.rounds.values[0] : 1;
  let before = -1;
  for (let column = 0; column < columns; column++) {
    const until = Math.ceil(((column + 1) * rounds) / columns) - 1;
    if (until > run.errors.rounds.last + every - 1 && column > 0 && Math.floor((column * rounds) / columns) > run.errors.rounds.last) break;
    const row = run.rowAt(until);
    for (let node = 0; node < nodes; node++) {
      const error = meanError(run, Math.min(before + 1, row), row, node);
      pixels[node * columns + column] = Number.isNaN(error) || !scale ? COLORS.at(-1) : colorAt(placeOf(scale, error));
    }
    before = row;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function meanError({ errors }, from, to, node) {
  let sum = 0;
  let seen = 0;
  for (let row = Math.max(0, from); row <= to; row++) {
    const error = errors.relative.store[row * errors.nodes + node];
    if (!Number.isNaN(error)) {
      sum += error;
      seen += 1;
    }
  }
  return sum / seen; // nan where nothing was sent
}

const colorAt = (place) => COLORS[Math.round(place * (COLORS.length - 2))];

/** Round numbers from 0 to `last`, at most about `most` of them. */
function ticks(last, most) {
  const rough = Math.max(1, last / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, at) => at * step);
}

const css = (packed) => `rgb(${packed & 255},${(packed >> 8) & 255},${(packed >> 16) & 255})`;
