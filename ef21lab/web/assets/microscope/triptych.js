// Three folded pictures side by side on one colour scale: what was wanted, what was received, and the error.

import { el, write } from "../shared/dom.js";
import { signedColors, signedGradient } from "../shared/theme.js";
import { short } from "../shared/words.js";

export const PARTS = ["wanted", "received", "error"];

export class Triptych {
  constructor() {
    this.views = Object.fromEntries(PARTS.map((part) => [part, picture(part)]));
    this.bar = el("div", { class: "ef21-signed" });
    this.limits = [el("span"), el("span"), el("span")];
    this.node = el("div", { class: "ef21-triptych" }, ...PARTS.map((part) => this.views[part].node));
    this.scale = el("div", { class: "ef21-scale" }, this.bar, el("div", { class: "ef21-limits" }, ...this.limits));
  }

  /** `message`: {wanted, received, error, largest}; `slice` counts faces of dims; `captions` by part. */
  show(message, { dims, slice, theme, language, captions }) {
    const [rows, columns] = face(dims);
    for (const part of PARTS) {
      this.views[part].show({ values: message[part], start: slice * rows * columns, rows, columns, largest: message.largest, theme });
      this.views[part].say(captions[part], `‖·‖ = ${short(language, norm(message[part]))}`);
    }
    this.bar.style.background = signedGradient(theme.dark);
    [-message.largest, 0, message.largest].forEach((value, at) => write(this.limits[at], short(language, value)));
  }
}

/** Rows and columns of a picture (the last two dims) and how many there are (the dims before them). */
export function face(dims) {
  const sides = dims.length === 1 ? [1, dims[0]] : dims;
  const [rows, columns] = sides.slice(-2);
  return [rows, columns, sides.slice(0, -2).reduce((product, side) => product * side, 1)];
}

/** What was wanted and what was received, with their difference and the largest magnitude of all. */
export function compared(wanted, received) {
  const error = wanted.map((value, at) => value - received[at]);
  return { wanted, received, error, largest: largest(wanted, received, error) };
}

function largest(...vectors) {
  let most = 0;
  for (const vector of vectors) for (const value of vector) most = Math.max(most, Math.abs(value));
  return most;
}

const norm = (vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

function picture(part) {
  const canvas = el("canvas", { role: "img" });
  const [name, size] = [el("span"), el("span", { class: "ef21-norm" })];
  const node = el("figure", { class: `ef21-picture ef21-${part}` }, el("figcaption", {}, name, size), canvas);
  return {
    node,
    show: (what) => paint(canvas, what),
    say(caption, magnitude) {
      write(name, caption);
      write(size, magnitude);
      canvas.setAttribute("aria-label", `${caption}, ${magnitude}`);
    },
  };
}

/** One pixel a number; what lies past the vector's end (padding) stays clear. */
function paint(canvas, { values, start, rows, columns, largest, theme }) {
  canvas.width = columns;
  canvas.height = rows;
  canvas.style.aspectRatio = String(Math.min(3.2, Math.max(0.7, columns / rows)));
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const colors = scale(theme.dark);
  const middle = (colors.length - 1) / 2;
  for (let at = 0; at < pixels.length && start + at < values.length; at++) {
    pixels[at] = colors[Math.round(middle + (largest ? values[start + at] / largest : 0) * middle)];
  }
  context.putImageData(image, 0, 0);
}

const scales = new Map();

function scale(dark) {
  if (!scales.has(dark)) scales.set(dark, signedColors(dark));
  return scales.get(dark);
}

/** A labelled range: `onMove(value)` while it is dragged, `onRest()` when it is let go. */
export function slider(onMove, onRest = () => {}) {
  const name = el("span");
  const output = el("output");
  const input = el("input", { type: "range", min: 0, step: 1, oninput: () => onMove(Number(input.value)), onchange: () => onRest() });
  const node = el("label", { class: "ef21-slider" }, name, input, output);
  return {
    node,
    set(label, most, value, words) {
      node.hidden = most < 1;
      write(name, label);
      input.max = Math.max(0, most);
      input.value = value;
      input.setAttribute("aria-label", label);
      input.setAttribute("aria-valuetext", words);
      write(output, words);
    },
  };
}
