// One message folded: what was wanted, what was received, and the error, side by side on one colour scale.

import { api } from "../shared/api.js";
import { floats } from "../shared/column.js";
import { el, settled, write } from "../shared/dom.js";
import { Memory } from "../shared/memory.js";
import { say } from "../shared/words.js";
import { Coordinates } from "./coordinates.js";
import { compared, face } from "./folded.js";
import { layerOf, sidesOf } from "./layered.js";
import { slider } from "./slider.js";
import { Spectra } from "./spectra.js";
import { Triptych } from "./triptych.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Both, Language, Message, Picks, Theme } from "../shared/types.js" */
/**
 * What is shown: round null while no message is kept; `near` is the round that `round` was taken for, if any.
 * @typedef {{
 *   base: string, run: Run | undefined, dims: number[] | null | undefined, message: string | undefined,
 *   layout?: number[][] | null, layer: number, node: number, round: number | null, near?: number, slice: number, theme: Theme, language: Language
 * }} PicturesModel
 */
/** @typedef {PicturesModel & { run: Run, round: number }} Asked of a message that there is */
/** @typedef {Message & { until?: number }} Known until a time, where it stands for another */

const KEPT = 200; // messages remembered
const AGAIN = 5000; // ms after which a message that was not to be had is asked for again
const STILL = 40; // ms before a message is asked for, so that a dragged scrubber does not ask for every one

export class Pictures {
  /**
   * @param {(change: Partial<Picks>) => void} onPick what a person chose
   * @param {(opened: { asked: number, round: number }) => void} onOpened once it is known which round is shown
   */
  constructor(onPick, onOpened) {
    this.onOpened = onOpened;
    /** @type {Memory<Known>} */
    this.memory = new Memory(KEPT);
    /** @type {PicturesModel | null} */
    this.model = null;
    this.coordinates = new Coordinates(() => this.triptych.renamed());
    this.triptych = new Triptych(() => this.#names);
    this.spectra = new Spectra();
    this.layers = el("select", { onchange: () => onPick({ layer: Number(this.layers.value), slice: 0 }) });
    this.layersName = el("span");
    this.layersNode = el("label", { class: "ef21-select", hidden: true }, this.layersName, this.layers);
    this.rounds = slider((value) => onPick({ round: this.#stops[value] ?? null }));
    this.nodes = slider((value) => onPick({ node: value }));
    this.slices = slider((value) => onPick({ slice: value }));
    this.about = el("p", { class: "ef21-about" });
    this.title = el("h4");
    this.fetchSoon = settled(STILL, () => void this.#fetch());
    this.node = el(
      "section",
      { class: "ef21-pictures" },
      el("header", {}, this.title, this.about),
      this.layersNode,
      el("div", { class: "ef21-sliders" }, this.rounds.node, this.nodes.node, this.slices.node),
      this.triptych.node,
      this.triptych.scale,
      this.spectra.node,
    );
  }

  /** @param {PicturesModel} model */
  draw(model) {
    this.model = model;
    const { language, node, round, run } = model;
    write(this.title, say(language, "picturesTitle"));
    this.#offerLayers(this.model);
    const stops = this.#stops;
    this.rounds.set(say(language, "Round"), stops.length - 1, Math.max(0, stops.indexOf(round ?? -1)), String(round ?? "—"));
    this.nodes.set(say(language, "Node"), (run?.errors.nodes || 1) - 1, node, String(node));
    const asked = this.#asked;
    const known = asked && this.memory.get(addressOf(asked));
    if (!asked) this.#sayNone(say(language, "noPictures"));
    else if (known && !((known.until ?? Infinity) < Date.now())) this.#show(asked, known);
    else this.fetchSoon();
  }

  dispose() {
    this.fetchSoon.cancel();
    this.spectra.dispose();
  }

  /** The menu of layers; where x is one tensor there is none. @param {PicturesModel} model */
  #offerLayers({ layout, layer, language }) {
    this.layersNode.hidden = !layout;
    write(this.layersName, say(language, "layerName"));
    if (!layout) return;
    const labels = [say(language, "wholeVector"), ...layout.map((shape, at) => `${at + 1}: ${sidesOf(shape)}`)];
    if (this.layers.dataset.labels !== JSON.stringify(labels)) {
      this.layers.replaceChildren(...labels.map((label, at) => el("option", { value: at - 1 }, label)));
      this.layers.dataset.labels = JSON.stringify(labels);
    }
    this.layers.value = String(Math.min(layer, layout.length - 1));
  }

  /** What is asked for at this moment; null where there is nothing to ask for. */
  get #asked() {
    return this.model?.run && this.model.round !== null ? /** @type {Asked} */ (this.model) : null;
  }

  /** What the coordinates of the run are called; in one layer of several nobody counts them. */
  get #names() {
    const { base, run, layout } = this.model ?? {};
    return run && !layout ? this.coordinates.of(base ?? "", run.key) : [];
  }

  /** The rounds that the slider stops at: the kept ones, and the one that is shown. */
  get #stops() {
    const { run, round = null } = this.model ?? {};
    const kept = run?.snapshots ?? [];
    return round === null || kept.includes(round) ? kept : [...kept, round].sort((a, b) => a - b);
  }

  async #fetch() {
    const asked = this.#asked;
    if (!asked) return;
    const address = addressOf(asked);
    this.node.setAttribute("aria-busy", "true");
    if (!asked.run.snapshots.includes(asked.round)) write(this.about, say(asked.language, "picturesAgain", { node: asked.node, round: asked.round }));
    const answer = await fetch(address).then(read, () => null);
    const now = this.#asked;
    if (!now || address !== addressOf(now)) return;
    this.node.removeAttribute("aria-busy");
    if (!answer) return;
    if ("refusal" in answer) {
      this.#sayNone(answer.refusal[now.language]);
      return;
    }
    this.memory.set(address, { ...answer, until: answer.why ? Date.now() + AGAIN : undefined });
    this.#show(now, answer);
  }

  /**
   * @param {Asked} asked
   * @param {Message} whole
   */
  #show(asked, whole) {
    const { language, theme, slice, layout, layer } = asked;
    const shape = layout?.[Math.min(layer, layout.length - 1)];
    const message = layout && shape ? layerOf(whole, layout, Math.min(layer, layout.length - 1)) : whole;
    const slices = face(message.dims)[2];
    const chosen = Math.min(slice, slices - 1);
    const captions = { wanted: say(language, "wanted", { message: asked.message }), received: say(language, "received"), error: say(language, "error") };
    this.slices.set(say(language, "Slice"), slices - 1, chosen, `${chosen + 1} / ${slices}`);
    write(this.about, aboutOf(asked, message));
    this.onOpened({ asked: asked.round, round: message.round });
    this.triptych.show(message, { dims: message.dims, slice: chosen, theme, language, captions });
    if (shape) this.spectra.show(message, shape, theme, language);
    else this.spectra.hide();
    this.node.classList.remove("ef21-empty");
  }

  /** @param {string} words */
  #sayNone(words) {
    write(this.about, words);
    this.slices.set("", 0, 0, "");
    this.spectra.hide();
    this.node.classList.add("ef21-empty");
  }
}

/**
 * Where the server has a message.
 * @param {Asked} asked
 */
const addressOf = ({ base, run, round, node, dims }) =>
  api(base, `runs/${run.key}/messages/${round}`, { node, dims: dims?.length ? dims.join("x") : undefined });

/**
 * Which message it is, and why not another.
 * @param {Pick<Asked, "language" | "near" | "round">} asked
 * @param {Message} message
 */
export function aboutOf({ language, near, round: wanted }, { round, node, why, d, dims }) {
  const asked = why ? wanted : (near ?? round);
  const name = why ? "picturesInstead" : asked === round ? "picturesAbout" : "picturesNearest";
  return say(language, name, { node, round, asked, d, dims: dims.join(" × "), why: why?.[language] });
}

/**
 * @param {Response} response
 * @returns {Promise<{ refusal: Both } | Message>}
 */
async function read(response) {
  const answer = await response.json();
  if (answer.error) return { refusal: answer.error };
  return { ...answer, ...compared(floats(answer.wanted), floats(answer.received)) };
}
