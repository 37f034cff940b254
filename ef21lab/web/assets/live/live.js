// The live view: one component that follows the runs of a page and draws them as they go.
//
// It is handed LiveData, constant during a run. It sets the state "view" when a person picks a message, and the triggers "command"
// {name, keys, nonce} and "finished" {keys, nonce}.

import { Caption } from "../chart/caption.js";
import { Chart } from "../chart/chart.js";
import { loadPlotly } from "../chart/plotly.js";
import { save } from "../chart/save.js";
import { Errors } from "../heatmap/errors.js";
import { Pictures } from "../microscope/pictures.js";
import { el, stylesheet } from "../shared/dom.js";
import { Frame } from "../shared/frame.js";
import { mounting } from "../shared/mount.js";
import { themeOf } from "../shared/theme.js";
import { learn, say } from "../shared/words.js";
import { Cards } from "./cards.js";
import { Following } from "./following.js";
import { Layers } from "./layers.js";
import { Picked } from "./picked.js";
import { Plotting } from "./plotting.js";
import { Racing } from "./racing.js";
import { Scene } from "./scene.js";
import { Spoken } from "./spoken.js";
import { Stage, scaleOf } from "./stage.js";
import { Stream } from "./stream.js";
import { Telling } from "./telling.js";
import { Toolbar } from "./toolbar.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Component, Language, LiveData, Picks } from "../shared/types.js" */
/** @import { Page } from "./scene.js" */
/** @typedef {"head" | "chart" | "errors" | "pictures"} Part of what is drawn */

/** Show `component` in its parent; the view there, if any, goes on with the new data. Returns the clean-up of this mount. */
export const mount = mounting((/** @type {HTMLElement} */ parent) => new View(parent));

void loadPlotly().catch(() => {}); // begins before the first row is here

const [ALL, HEAD] = /** @type {Part[][]} */ ([["head", "chart", "errors", "pictures"], ["head", "chart"]]);

class View {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent;
    /** @type {(Page & { component: Component<LiveData> }) | null} */
    this.page = null;
    this.racing = new Racing(() => this.frame.soon("head", "chart"));
    this.telling = new Telling();
    this.picked = new Picked((picks) => this.telling.view(picks));
    this.stream = new Stream((run) => this.#news(run), (name) => this.#trouble(name));
    this.following = new Following(this.stream, this.racing);
    /** @type {Frame<Part>} */ this.frame = new Frame((parts) => this.#draw(parts), ["chart"]);
    this.cards = new Cards((place) => this.#toggle(place));
    this.verdict = new Spoken("ef21-verdict");
    this.toolbar = new Toolbar({
      command: (name, keys) => this.#command(name, keys),
      logX: () => this.#change({ logX: !this.picked.logX(this.page?.data.axis ?? "") }),
      reset: () => this.#wholePicture(),
      save: (format) => void save(this.chart.printed(window.location.href), format, `ef21-${this.page?.data.metric}-${this.page?.data.axis}`),
    });
    this.notice = new Spoken("ef21-notice");
    this.chart = new Chart((epsilon) => this.#aim(epsilon));
    this.plotting = new Plotting(this.chart, () => this.frame.soon("chart"), () => this.#trouble("noDrawing"), (took) => this.frame.pace.took(took));
    this.caption = new Caption();
    this.stage = new Stage((name) => this.telling.command(name, []));
    this.errors = new Errors((change) => this.#pick(change), (cell) => this.#hover(cell));
    this.layers = new Layers((change) => this.#pick(change));
    this.pictures = new Pictures((change) => this.#pick(change), (opened) => this.#open(opened));
    const parts = [this.stage, this.cards, this.verdict, this.toolbar, this.notice, this.chart, { node: this.chart.noted.list }, this.caption];
    this.root = el("div", { class: "ef21-live" }, stylesheet(() => this.frame.soon(...ALL)), ...[...parts, this.errors, this.layers, this.pictures].map(({ node }) => node));
  }

  /** Take new data; what both have in common stays. @param {Component<LiveData>} component */
  update(component) {
    const { data } = component;
    learn(data.named ?? {});
    if (!this.root.isConnected) this.parent.append(this.root);
    /** @type {Language} */
    const language = data.language === "ru" ? "ru" : "en";
    this.root.lang = language;
    const theme = themeOf(this.root);
    this.root.dataset.theme = theme.dark ? "dark" : "light";
    this.telling.component = component;
    this.root.classList.toggle("ef21-present", data.present ?? false);
    this.page = { component, data, scale: data.present ? scaleOf(window.innerWidth) : 1, base: (data.base ?? "").replace(/\/$/, ""), language, theme };
    this.picked.take(data);
    this.racing.asked = this.picked.picks.goal;
    this.racing.take(data.runs);
    this.following.take(this.page);
    this.frame.soon(...ALL);
  }

  dispose() {
    for (const part of [this.frame.pace, this.following, this.racing, this.plotting, this.picked, this.chart, this.errors, this.layers, this.pictures]) part.dispose();
    this.root.remove();
  }

  /** The run whose messages are looked at. @returns {Run | undefined} */
  get #run() {
    return this.racing.runs[this.picked.chosen(this.racing.runs.length)];
  }

  /** @param {Run} run */
  #news(run) {
    if (this.racing.news(run)) this.following.soon();
    this.frame.pace.soon(...(run === this.#run ? ALL : HEAD));
    if (!this.racing.ended) return;
    if (this.plotting.begun) this.#draw(new Set(["head"])); // the verdict does not wait for the last of the curves
    this.frame.pace.now();
    this.telling.finished(this.racing.all.map(({ key }) => key));
  }

  /**
   * @param {string} name
   * @param {string[]} keys
   */
  #command(name, keys) {
    if (!keys.length) return;
    const ended = this.racing.all.some((run) => keys.includes(run.key) && run.ended);
    this.racing.press(name, keys);
    this.telling.command(name, keys);
    if (ended) this.stream.expect();
    this.frame.soon("head");
  }

  /** @param {string} place of a contender whose curve is hidden, or shown again */
  #toggle(place) {
    this.racing.toggle(place);
    this.frame.soon("head", "chart");
  }

  /** ε is moved: others may be the best of theirs. @param {number} epsilon */
  #aim(epsilon) {
    const goal = Math.max(epsilon, this.racing.least);
    this.picked.change({ goal });
    if (this.racing.aim(goal)) {
      this.following.soon();
      this.frame.soon(...ALL);
    }
    this.chart.aim(goal);
    this.frame.soon("head");
  }

  /** Undo the zoom and show diverged curves to their end; where all of that is in sight already, cut them again. */
  #wholePicture() {
    this.#change({ whole: this.chart.cuts || (this.picked.picks.whole && this.chart.zoomed) });
    this.chart.resetZoom();
  }

  /** How the chart is looked at. @param {Partial<Picks>} change */
  #change(change) {
    this.picked.change(change);
    this.frame.soon("head", "chart");
  }

  /** Which message is looked at. @param {Partial<Picks>} change */
  #pick(change) {
    this.picked.preview = null;
    this.picked.change(change);
    this.frame.soon("errors", "pictures");
  }

  /** @param {{ node: number, round: number } | null} cell */
  #hover(cell) {
    this.picked.hover(cell, this.#run);
    this.frame.soon("errors", "pictures");
  }

  /** @param {{ asked: number, round: number }} opened */
  #open(opened) {
    const { round } = this.picked.cell(this.#run);
    this.picked.opened = opened;
    if (this.picked.cell(this.#run).round !== round) this.frame.soon("errors", "pictures");
  }

  /** @param {string | null} name of what is wrong with the connection, or nothing */
  #trouble(name) {
    this.notice.say(name ? say(this.page?.language ?? "en", name) : "");
  }

  /** @param {Set<Part>} stale */
  #draw(stale) {
    if (!this.root.isConnected || !this.page) return;
    const scene = new Scene(this.page, this.racing, this.picked);
    if (stale.has("head")) {
      this.cards.draw(scene.cards);
      this.verdict.say(scene.verdict);
      this.toolbar.draw(scene.toolbar);
      this.stage.draw(scene.stage);
    }
    if (stale.has("chart") && this.plotting.draw(this.racing.all, () => scene.chart)) this.caption.draw(scene.caption);
    if (stale.has("errors")) {
      this.errors.draw(scene.errors);
      this.layers.draw(scene.layers);
    }
    if (stale.has("pictures")) this.pictures.draw(scene.pictures);
  }
}
