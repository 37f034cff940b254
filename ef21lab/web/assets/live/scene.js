// All that is to be seen at one moment, for each part what it draws of it. No DOM here.

import { nameOf } from "../chart/theory.js";
import { NETWORK } from "../shared/runs.js";
import { say } from "../shared/words.js";
import { evenWords, typically } from "./even.js";
import { JUDGED } from "./reach.js";
import { spent, standings, verdict } from "./verdict.js";

/** @import { ErrorsModel } from "../heatmap/errors.js" */
/** @import { LayersModel } from "./layers.js" */
/** @import { PicturesModel } from "../microscope/pictures.js" */
/** @import { ChartModel, Language, LiveData, Shown, Standing, Theme } from "../shared/types.js" */
/** @import { Picked } from "./picked.js" */
/** @import { Racing } from "./racing.js" */
/** @typedef {{ data: LiveData, base: string, language: Language, theme: Theme, scale?: number }} Page what was handed over last, and how large it is drawn */

export class Scene {
  /**
   * @param {Page} page
   * @param {Racing} racing
   * @param {Picked} picked
   */
  constructor({ data, base, language, theme, scale = 1 }, racing, picked) {
    const { runs, styles } = racing;
    this.data = data;
    this.base = base;
    this.scale = scale;
    this.look = { language, theme };
    this.racing = racing;
    this.picked = picked;
    this.logX = picked.logX(data.axis);
    this.chosen = picked.chosen(runs.length);
    this.run = runs.at(Math.max(0, this.chosen)); // whose messages are looked at
    this.style = styles.at(Math.max(0, this.chosen));
    this.shown = racing.shown(data.metric, theme);
    this.epsilon = racing.epsilon;
  }

  /** In the order in which they come to ε, each with its place, once all have ended. */
  get ranked() {
    const { epsilon } = this;
    if (epsilon === null || !this.racing.ended) return this.shown;
    const { axis } = this.data;
    const order = standings(this.shown, epsilon, axis);
    const whole = axis === NETWORK ? order.map(({ place }) => this.shown[place]).find(({ style }) => style.uncompressed) : undefined;
    return order.map((one, at) => {
      const own = this.shown[one.place];
      const even = whole && !own.style.uncompressed ? `; ${this.#even(own, whole, epsilon)}` : "";
      return { ...own, standing: standingWords(one, at + 1, axis, this.look.language) + even };
    });
  }

  /**
   * Under which bandwidth a contender beats one that does not compress.
   * @param {Shown} own
   * @param {Shown} whole
   * @param {number} epsilon
   */
  #even(own, whole, epsilon) {
    return evenWords(typically(own.repeats, whole.repeats, epsilon), this.data.width ?? 0, this.look.language);
  }

  /** What the race came to, in words. */
  get verdict() {
    const { language } = this.look;
    const sight = this.shown
      .filter(({ hidden }) => !hidden)
      .map(({ repeats, style }) => ({ repeats, label: style.label, gamma: style.gamma, candidates: this.racing.candidates(style.place) }));
    if (this.epsilon === null || !sight.length) return "";
    return this.racing.ended ? verdict(sight, this.epsilon, this.data.axis, language) : say(language, "verdictLater");
  }

  get cards() {
    const { language } = this.look;
    const { metric, letters } = this.data;
    return { shown: this.ranked, metric, called: nameOf(metric, this.shown, language), letters, language };
  }

  get toolbar() {
    return { runs: this.racing.all, logX: this.logX, whole: this.picked.picks.whole, language: this.look.language };
  }

  /** @returns {ChartModel} */
  get chart() {
    const { metric, axis, theory = false, about, speaks, notes = [] } = this.data;
    const ghosts = this.racing.were(this.look.theme);
    const [others, goal] = [this.racing.others(this.look.theme), metric === JUDGED ? this.epsilon : null];
    const { shown, logX, scale } = this;
    return { shown, ghosts, others, goal, least: this.racing.least, metric, axis, theory, about, speaks, logX, notes, scale, whole: this.picked.picks.whole, ...this.look };
  }

  get stage() {
    const { present = false, stays = false } = this.data;
    return { present, stays, language: this.look.language };
  }

  get caption() {
    const { metric, theory = false, letters, present, about = "" } = this.data;
    return { shown: this.shown, metric, theory, letters, about: present ? about : "", language: this.look.language };
  }

  /** @returns {ErrorsModel} */
  get errors() {
    const { runs, repeats } = this.racing;
    const first = say(this.look.language, "firstRepeat");
    const styles = this.racing.styles.map((style, at) => (repeats[at].length > 1 ? { ...style, label: `${style.label}, ${first}` } : style));
    return { runs, styles, chosen: this.chosen, oneScale: this.picked.picks.oneScale, picked: this.picked.cell(this.run), ...this.look };
  }

  /** @returns {LayersModel} */
  get layers() {
    const picked = { node: this.picked.picks.layer, round: this.picked.cell(this.run).round };
    return { run: this.run, layout: this.style?.layout, picked, ...this.look };
  }

  /** @returns {PicturesModel} */
  get pictures() {
    const { dims, layout, message } = this.style ?? {};
    const { layer } = this.picked.picks;
    return { base: this.base, run: this.run, dims, layout, layer, message, ...this.picked.message(this.run), slice: this.picked.picks.slice, ...this.look };
  }
}

/**
 * A contender's place at ε, in words.
 * @param {Standing} one
 * @param {number} rank
 * @param {string} axis
 * @param {Language} language
 */
function standingWords({ cost, costs, ratio }, rank, axis, language) {
  const reached = costs.filter((one) => one < Infinity).length;
  const often = costs.length > 1 && reached ? `; ${say(language, "reachedBy", { reached, n: costs.length })}` : "";
  if (cost === Infinity) return say(language, "standsOut", { rank }) + often;
  const slots = { rank, spent: spent(cost, axis, language), ratio: { about: Number(ratio.toPrecision(3)) } };
  return say(language, rank === 1 || ratio === Infinity ? "standsFirst" : "stands", slots) + often;
}
