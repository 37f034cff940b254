// The microscope: one vector under one operator, its pictures and its bill, following a slider while it moves.
//
// data: {vector, rungs: [{spec, label}], rung, dims, slice, opened, language, base?}; vector and spec are JSON objects of the lab.
// It sets the state "picked" {rung, slice} once the slider is let go.

import { el, mountIn, settled, write } from "../shared/dom.js";
import { bytes } from "../shared/runs.js";
import { themeOf } from "../shared/theme.js";
import { compared, face, slider, Triptych } from "./triptych.js";
import { count, say, short } from "../shared/words.js";

const KEPT = 80; // looks remembered
const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"]; // of a message's parts

const views = new WeakMap(); // by parent element

/** Show `component` in its parent; the view there, if any, goes on with the new data. Returns the clean-up of this mount. */
export const mount = (component) => mountIn(views, View, component);

class View {
  constructor(parent) {
    this.parent = parent;
    this.generation = 0;
    this.memory = new Map(); // looks by address
    this.asking = null; // the address that is on its way
    this.tell = settled(150, () => this.component.setStateValue?.("picked", { rung: this.rung, slice: this.slice }));
    this.#build();
  }

  update(component) {
    this.component = component;
    this.data = component.data;
    this.language = this.data.language === "ru" ? "ru" : "en";
    if (!this.root.isConnected) this.parent.append(this.root);
    this.root.lang = this.language;
    this.theme = themeOf(this.root);
    const given = JSON.stringify([this.data.vector, this.data.rungs, this.data.rung, this.data.slice, this.data.opened]);
    if (given !== this.given) [this.given, this.rung, this.slice] = [given, this.data.rung, this.data.slice];
    this.#draw();
    this.generation += 1;
    return this.generation;
  }

  release(generation) {
    setTimeout(() => {
      if (generation !== this.generation) return;
      views.delete(this.parent);
      this.root.remove();
    }, 250);
  }

  #build() {
    this.triptych = new Triptych();
    const rest = () => this.tell();
    this.strength = slider((value) => this.#move({ rung: value }), rest);
    this.slices = slider((value) => this.#move({ slice: value }), rest);
    this.notice = el("p", { class: "ef21-notice", role: "status", hidden: true });
    this.facts = el("dl", { class: "ef21-facts" });
    this.energy = el("div", { class: "ef21-energy" });
    this.parts = el("div", { class: "ef21-parts" });
    this.head = el("code", { class: "ef21-head" });
    this.headTitle = el("span", { class: "ef21-about" });
    const style = el("link", { rel: "stylesheet", href: new URL("../shared/live.css", import.meta.url).href });
    this.root = el(
      "div",
      { class: "ef21-live ef21-microscope" },
      style,
      el("div", { class: "ef21-sliders" }, this.strength.node, this.slices.node),
      this.notice,
      this.triptych.node,
      this.triptych.scale,
      this.facts,
      this.energy,
      this.parts,
      el("p", {}, this.headTitle, this.head),
    );
    this.parent.append(this.root);
  }

  #move(change) {
    Object.assign(this, change);
    this.#draw();
  }

  #address(rung) {
    const parameters = new URLSearchParams({ vector: JSON.stringify(this.data.vector), compressor: JSON.stringify(this.data.rungs[rung].spec) });
    return `${(this.data.base ?? "").replace(/\/$/, "")}/api/look?${parameters}`;
  }

  #draw() {
    const { rungs } = this.data;
    if (!rungs.length) return;
    this.rung = Math.min(this.rung, rungs.length - 1);
    this.strength.set(say(this.language, "strength"), rungs.length - 1, this.rung, rungs[this.rung].label);
    const slices = face(this.data.dims)[2];
    this.slice = Math.min(this.slice, slices - 1);
    this.slices.set(say(this.language, "Slice"), slices - 1, this.slice, `${this.slice + 1} / ${slices}`);
    const known = this.memory.get(this.#address(this.rung));
    if (known) this.#show(known);
    else void this.#ask();
  }

  /** One question at a time; when its answer comes, the slider's place of that moment is asked for. */
  async #ask() {
    if (this.asking) return;
    const address = (this.asking = this.#address(this.rung));
    const answer = await fetch(address, { headers: { "X-EF21Lab": "1" } }).then((response) => response.json(), () => ({ error: { en: "the server does not answer", ru: "сервер не отвечает" } }));
    this.asking = null;
    this.memory.set(address, refused(answer) ? answer : read(answer));
    if (this.memory.size > KEPT) this.memory.delete(this.memory.keys().next().value);
    this.#draw();
  }

  #show(look) {
    this.notice.hidden = !refused(look);
    if (refused(look)) return write(this.notice, look.error[this.language]);
    const { language, theme, slice } = this;
    const captions = { wanted: say(language, "original"), received: say(language, "arrived"), error: say(language, "lost") };
    this.triptych.show(look.message, { dims: this.data.dims, slice, theme, language, captions });
    this.#showFacts(look);
    this.#showEnergy(look);
    this.#showParts(look);
    write(this.headTitle, say(language, "head"));
    write(this.head, look.head.replace(/../g, "$& "));
    return undefined;
  }

  #showFacts(look) {
    const { language } = this;
    const facts = [
      ["relativeError", short(language, look.error)],
      ["bitsOfMessage", count(language, look.bits)],
      ["floatsOfMessage", count(language, look.floats)],
      ["timeOfMessage", `${short(language, look.seconds * 1000)} ${say(language, "milliseconds")}`],
      ...(look.omega === null ? [] : [["variance", short(language, look.omega)]]),
    ];
    this.facts.replaceChildren(...facts.map(([name, value]) => el("div", {}, text("dt", say(language, name)), text("dd", value))));
  }

  /** Kept energy as a bar, the certified share of it as a mark. */
  #showEnergy(look) {
    const { language } = this;
    const kept = Math.max(0, Math.min(1, look.kept));
    const bar = el("div", { class: "ef21-bar" }, el("i", { style: `width: ${100 * kept}%` }));
    if (look.alpha !== null) bar.append(el("b", { style: `left: ${100 * look.alpha}%`, title: `α = ${short(language, look.alpha)}` }));
    const certified = look.alpha === null ? say(language, "noCertificate") : say(language, "certified", { alpha: short(language, look.alpha) });
    const words = say(language, "keptEnergy", { kept: short(language, look.kept), certified });
    this.energy.replaceChildren(text("p", words), bar, ...(look.alpha === null ? [text("p", look.alpha_reason[language], "ef21-about")] : []));
  }

  /** What the bits are spent on, one bar cut into parts. */
  #showParts(look) {
    const { language } = this;
    const total = look.parts.reduce((sum, [, bits]) => sum + bits, 0) || 1;
    const colored = look.parts.map(([name, bits], at) => ({ name: name[language], bits, color: COLORS[at % COLORS.length] }));
    const bar = el("div", { class: "ef21-bar" }, ...colored.map(({ bits, color }) => el("i", { style: `width: ${(100 * bits) / total}%; background: ${color}` })));
    const legend = colored.map(({ name, bits, color }) => el("span", {}, el("i", { style: `background: ${color}` }), `${name}: ${count(language, bits)}`));
    this.parts.replaceChildren(text("p", say(language, "bitsByPart")), bar, el("p", { class: "ef21-legend" }, ...legend));
  }
}

/** A look's error is a number; a refusal's is words in both languages. */
const refused = (answer) => typeof answer.error === "object";

function read(answer) {
  return { ...answer, message: compared(new Float32Array(bytes(answer.values).buffer), new Float32Array(bytes(answer.received).buffer)) };
}

function text(tag, words, name = null) {
  const node = el(tag, { class: name });
  node.textContent = words;
  return node;
}
