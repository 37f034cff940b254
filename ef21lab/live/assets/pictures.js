// One message folded: what was wanted, what was received, and the error, side by side on one colour scale.

import { bytes } from "./runs.js";
import { say, short } from "./words.js";
import { el, settled, write } from "./dom.js";
import { signedColors, signedGradient } from "./theme.js";

const PARTS = ["wanted", "received", "error"];
const KEPT = 200; // messages remembered
const STILL = 40; // ms before a message is asked for, so that a dragged scrubber does not ask for every one

export class Pictures {
  /** `onPick(change)` with a part of {node, round, slice} that a person chose. */
  constructor(onPick) {
    this.memory = new Map();
    this.views = Object.fromEntries(PARTS.map((part) => [part, picture(part)]));
    this.sliders = Object.fromEntries(["Round", "Node", "Slice"].map((name) => [name, slider((value) => this.#moved(name, value, onPick))]));
    this.about = el("p", { class: "ef21-about" });
    this.title = el("h4");
    this.bar = el("div", { class: "ef21-signed" });
    this.limits = [el("span"), el("span"), el("span")];
    this.fetchSoon = settled(STILL, () => this.#fetch());
    this.node = el(
      "section",
      { class: "ef21-pictures" },
      el("header", {}, this.title, this.about),
      el("div", { class: "ef21-sliders" }, ...Object.values(this.sliders).map(({ node }) => node)),
      el("div", { class: "ef21-triptych" }, ...PARTS.map((part) => this.views[part].node)),
      el("div", { class: "ef21-scale" }, this.bar, el("div", { class: "ef21-limits" }, ...this.limits)),
    );
  }

  /** `model`: {base, run, dims, node, round, slice, theme, language}; round null while no message is kept. */
  draw(model) {
    this.model = model;
    const { run, language } = model;
    write(this.title, say(language, "picturesTitle"));
    this.#labelSliders();
    if (!run || model.round === null) return this.#sayNone(say(language, "noPictures"));
    const known = this.memory.get(this.#name());
    if (known) this.#show(known);
    else this.fetchSoon();
    return undefined;
  }

  dispose() {
    this.fetchSoon.cancel();
  }

  #name() {
    const { run, round, node, dims } = this.model;
    return `${run.key}/messages/${round}?node=${node}${dims?.length ? `&dims=${dims.join("x")}` : ""}`;
  }

  #moved(name, value, onPick) {
    const rounds = this.model?.run?.snapshots ?? [];
    if (name === "Round") onPick({ round: rounds[value] ?? null });
    else onPick({ [name.toLowerCase()]: value });
  }

  #labelSliders() {
    const { run, language, node, round } = this.model;
    const rounds = run?.snapshots ?? [];
    this.sliders.Round.set(say(language, "Round"), rounds.length - 1, Math.max(0, rounds.indexOf(round)), String(round ?? "—"));
    this.sliders.Node.set(say(language, "Node"), (run?.errors.nodes || 1) - 1, node, String(node));
  }

  async #fetch() {
    const name = this.#name();
    this.node.setAttribute("aria-busy", "true");
    const answer = await fetch(`${this.model.base}/api/runs/${name}`).then(read, () => null);
    if (name !== this.#name()) return;
    this.node.removeAttribute("aria-busy");
    if (!answer) return;
    if (answer.refusal) {
      this.#sayNone(answer.refusal[this.model.language]);
      return;
    }
    this.memory.set(name, answer);
    if (this.memory.size > KEPT) this.memory.delete(this.memory.keys().next().value);
    this.#show(answer);
  }

  #show(message) {
    const { language, theme, slice, node, round } = this.model;
    const [rows, columns, slices] = face(message.dims);
    const chosen = Math.min(slice, slices - 1);
    this.sliders.Slice.set(say(language, "Slice"), slices - 1, chosen, `${chosen + 1} / ${slices}`);
    write(this.about, say(language, "picturesAbout", { node, round, d: message.d, dims: message.dims.join(" × ") }));
    for (const part of PARTS) {
      const caption = `${say(language, part)}`;
      this.views[part].show({ values: message[part], start: chosen * rows * columns, rows, columns, largest: message.largest, theme });
      this.views[part].say(caption, `‖·‖ = ${short(language, norm(message[part]))}`);
    }
    this.bar.style.background = signedGradient(theme.dark);
    [-message.largest, 0, message.largest].forEach((value, at) => write(this.limits[at], short(language, value)));
    this.node.classList.remove("ef21-empty");
  }

  #sayNone(words) {
    write(this.about, words);
    this.sliders.Slice.set("", 0, 0, "");
    this.node.classList.add("ef21-empty");
  }
}

/** Rows and columns of a picture (the last two dims) and how many there are (the dims before them). */
export function face(dims) {
  const sides = dims.length === 1 ? [1, dims[0]] : dims;
  const [rows, columns] = sides.slice(-2);
  return [rows, columns, sides.slice(0, -2).reduce((product, side) => product * side, 1)];
}

async function read(response) {
  const answer = await response.json();
  if (answer.error) return { refusal: answer.error };
  const wanted = new Float32Array(bytes(answer.wanted).buffer);
  const received = new Float32Array(bytes(answer.received).buffer);
  const error = wanted.map((value, at) => value - received[at]);
  return { ...answer, wanted, received, error, largest: largest(wanted, received, error) };
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

function slider(onMove) {
  const name = el("span");
  const output = el("output");
  const input = el("input", { type: "range", min: 0, step: 1, oninput: () => onMove(Number(input.value)) });
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
