// The heatmap of relative errors: nodes down, rounds across, filled from the left as they come.

import { FULL, NOTHING } from "./runs.js";
import { count, say, short } from "./words.js";
import { el, sized } from "./dom.js";
import { errorColors } from "./theme.js";

const LEFT = 46;
const RIGHT = 54;
const BOTTOM = 40;
const TOP = 8;
const COLORS = errorColors();

export class Heatmap {
  /** `onHover(cell or null)` and `onPick(cell)` with a cell {node, round}. */
  constructor(onHover, onPick) {
    this.canvas = el("canvas", { role: "img" });
    this.tip = el("div", { class: "ef21-tip", hidden: true });
    this.node = el("div", { class: "ef21-heatmap" }, this.canvas, this.tip);
    this.onHover = onHover;
    this.canvas.addEventListener("pointermove", (event) => this.#hover(event));
    this.canvas.addEventListener("pointerleave", () => this.#leave());
    this.canvas.addEventListener("click", (event) => this.#cell(event) && onPick(this.#cell(event)));
    this.observer = new ResizeObserver(() => this.model && this.draw(this.model));
    this.observer.observe(this.node);
  }

  /** `model`: {run, theme, language, picked: {node, round}}. */
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
    this.canvas.setAttribute("aria-label", say(model.language, "errorsTitle"));
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
    context.fillStyle = this.model.theme.panel;
    context.fillRect(LEFT, TOP, width, height);
    if (!this.model.run?.errors.rounds.length) return this.#sayEmpty(context);
    context.imageSmoothingEnabled = false;
    context.drawImage(errorImage(this.model.run, this.#rounds, Math.min(Math.round(width), this.#rounds)), LEFT, TOP, width, height);
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
    const { height } = this.#inner;
    const left = this.width - RIGHT + 14;
    for (let y = 0; y < height; y++) {
      context.fillStyle = css(COLORS[Math.round((1 - y / (height - 1)) * FULL)]);
      context.fillRect(left, TOP + y, 10, 1.5);
    }
    context.fillStyle = this.model.theme.muted;
    context.textAlign = "left";
    context.textBaseline = "middle";
    for (const value of [0, 0.5, 1]) {
      context.fillText(short(this.model.language, value), left + 14, TOP + 5 + (1 - value) * (height - 10));
    }
  }

  #marks(context) {
    const { height } = this.#inner;
    const { run, picked, theme } = this.model;
    context.fillStyle = theme.muted;
    for (const round of run?.snapshots ?? []) context.fillRect(this.#x(round) - 0.5, TOP + height + 2, 1, 4);
    if (!picked || picked.round === null || !run) return;
    const row = height / this.nodes;
    const width = Math.max(5, this.#inner.width / this.#rounds);
    const box = [this.#x(picked.round) - width / 2, TOP + picked.node * row, width, row];
    for (const [color, line] of [["#000", 3], ["#fff", 1.5]]) {
      context.strokeStyle = color;
      context.lineWidth = line;
      context.strokeRect(...box);
    }
  }

  #x(round) {
    return LEFT + ((round + 0.5) / this.#rounds) * this.#inner.width;
  }

  #cell(event) {
    if (!this.model?.run?.errors.rounds.length) return null;
    const box = this.canvas.getBoundingClientRect();
    const { width, height } = this.#inner;
    const [x, y] = [(event.clientX - box.left - LEFT) / width, (event.clientY - box.top - TOP) / height];
    if (x < 0 || x >= 1 || y < 0 || y >= 1) return null;
    return { node: Math.floor(y * this.nodes), round: Math.floor(x * this.#rounds) };
  }

  #hover(event) {
    const cell = this.#cell(event);
    const row = cell ? this.model.run.rowAt(cell.round) : -1;
    if (row < 0 || cell.round > this.model.run.head) return this.#leave();
    const { run, language } = this.model;
    const level = run.errors.levels.values[row * run.errors.nodes + cell.node];
    const value = level === NOTHING ? say(language, "nothingSent") : short(language, Math.round((level / FULL) * 1000) / 1000);
    this.#showTip(event, say(language, "cell", { node: cell.node, round: run.errors.rounds.values[row], value }));
    this.onHover(cell);
    return undefined;
  }

  #showTip(event, words) {
    const box = this.canvas.getBoundingClientRect();
    const left = event.clientX - box.left;
    this.tip.textContent = words;
    this.tip.hidden = false;
    this.tip.style.top = `${Math.max(0, event.clientY - box.top - 34)}px`;
    this.tip.style.left = left > this.width / 2 ? "" : `${left + 12}px`;
    this.tip.style.right = left > this.width / 2 ? `${this.width - left + 12}px` : "";
  }

  #leave() {
    if (this.tip.hidden) return;
    this.tip.hidden = true;
    this.onHover(null);
  }
}

/** One pixel a column of rounds and a row of nodes; where several records share a column, their mean. */
function errorImage(run, rounds, columns) {
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
    for (let node = 0; node < nodes; node++) pixels[node * columns + column] = COLORS[meanLevel(run, Math.min(before + 1, row), row, node)];
    before = row;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

function meanLevel({ errors }, from, to, node) {
  let sum = 0;
  let seen = 0;
  for (let row = Math.max(0, from); row <= to; row++) {
    const level = errors.levels.store[row * errors.nodes + node];
    if (level !== NOTHING) {
      sum += level;
      seen += 1;
    }
  }
  return seen ? Math.round(sum / seen) : NOTHING;
}

/** Round numbers from 0 to `last`, at most about `most` of them. */
function ticks(last, most) {
  const rough = Math.max(1, last / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough);
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, at) => at * step);
}

const css = (packed) => `rgb(${packed & 255},${(packed >> 8) & 255},${(packed >> 16) & 255})`;
