// One message folded: what was wanted, what was received, and the error, side by side on one colour scale.

import { el, settled, write } from "../shared/dom.js";
import { bytes } from "../shared/runs.js";
import { compared, face, PARTS, slider, Triptych } from "./triptych.js";
import { say } from "../shared/words.js";

const KEPT = 200; // messages remembered
const AGAIN = 5000; // ms after which a message that was not to be had is asked for again
const STILL = 40; // ms before a message is asked for, so that a dragged scrubber does not ask for every one

export class Pictures {
  /** `onPick(change)` with a part of {node, round, slice} that a person chose; `onOpened({asked, round})` once it is known which round is shown. */
  constructor(onPick, onOpened) {
    this.onOpened = onOpened;
    this.memory = new Map();
    this.triptych = new Triptych();
    this.sliders = Object.fromEntries(["Round", "Node", "Slice"].map((name) => [name, slider((value) => this.#moved(name, value, onPick))]));
    this.about = el("p", { class: "ef21-about" });
    this.title = el("h4");
    this.fetchSoon = settled(STILL, () => this.#fetch());
    this.node = el(
      "section",
      { class: "ef21-pictures" },
      el("header", {}, this.title, this.about),
      el("div", { class: "ef21-sliders" }, ...Object.values(this.sliders).map(({ node }) => node)),
      this.triptych.node,
      this.triptych.scale,
    );
  }

  /** `model`: {base, run, dims, message, node, round, near, slice, theme, language}; round null while no message is kept.

   * `near` is the round that `round` was taken for, if any. */
  draw(model) {
    this.model = model;
    const { run, language } = model;
    write(this.title, say(language, "picturesTitle"));
    this.#labelSliders();
    if (!run || model.round === null) return this.#sayNone(say(language, "noPictures"));
    const known = this.memory.get(this.#name());
    if (known && !(known.until < Date.now())) this.#show(known);
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
    if (name === "Round") onPick({ round: this.#rounds[value] ?? null });
    else onPick({ [name.toLowerCase()]: value });
  }

  /** Those that the slider stops at: the kept ones, and the one that is shown. */
  get #rounds() {
    const { run, round } = this.model ?? {};
    const kept = run?.snapshots ?? [];
    return (round ?? null) === null || kept.includes(round) ? kept : [...kept, round].sort((a, b) => a - b);
  }

  #labelSliders() {
    const { run, language, node, round } = this.model;
    const rounds = this.#rounds;
    this.sliders.Round.set(say(language, "Round"), rounds.length - 1, Math.max(0, rounds.indexOf(round)), String(round ?? "—"));
    this.sliders.Node.set(say(language, "Node"), (run?.errors.nodes || 1) - 1, node, String(node));
  }

  async #fetch() {
    const name = this.#name();
    const { run, round, node, language } = this.model;
    this.node.setAttribute("aria-busy", "true");
    if (!run.snapshots.includes(round)) write(this.about, say(language, "picturesAgain", { node, round }));
    const answer = await fetch(`${this.model.base}/api/runs/${name}`).then(read, () => null);
    if (name !== this.#name()) return;
    this.node.removeAttribute("aria-busy");
    if (!answer) return;
    if (answer.refusal) {
      this.#sayNone(answer.refusal[this.model.language]);
      return;
    }
    this.memory.set(name, { ...answer, until: answer.why ? Date.now() + AGAIN : undefined });
    if (this.memory.size > KEPT) this.memory.delete(this.memory.keys().next().value);
    this.#show(answer);
  }

  #show(message) {
    const { language, theme, slice } = this.model;
    const slices = face(message.dims)[2];
    const chosen = Math.min(slice, slices - 1);
    const captions = Object.fromEntries(PARTS.map((part) => [part, say(language, part, { message: this.model.message })]));
    this.sliders.Slice.set(say(language, "Slice"), slices - 1, chosen, `${chosen + 1} / ${slices}`);
    write(this.about, this.#words(message));
    this.onOpened({ asked: this.model.round, round: message.round });
    this.triptych.show(message, { dims: message.dims, slice: chosen, theme, language, captions });
    this.node.classList.remove("ef21-empty");
  }

  #words({ round, node, why, d, dims }) {
    const { language, near } = this.model;
    const asked = why ? this.model.round : (near ?? round);
    const name = why ? "picturesInstead" : asked === round ? "picturesAbout" : "picturesNearest";
    return say(language, name, { node, round, asked, d, dims: dims.join(" × "), why: why?.[language] });
  }

  #sayNone(words) {
    write(this.about, words);
    this.sliders.Slice.set("", 0, 0, "");
    this.node.classList.add("ef21-empty");
  }
}

async function read(response) {
  const answer = await response.json();
  if (answer.error) return { refusal: answer.error };
  return { ...answer, ...compared(new Float32Array(bytes(answer.wanted).buffer), new Float32Array(bytes(answer.received).buffer)) };
}
