// The live view: one component that follows the runs of a page and draws them as they go.
//
// data (constant during a run):
//   runs: [{key, place, label, color, dash, dims, message, wish}], metric, axis, theory, language, letters, chosen, about, base, opened, settled,
//   view: {contender, node, round, slice, logX, whole, oneScale}
// It sets the state "view" when a person picks a message, and the triggers "command" {name, keys, nonce} and "finished" {keys, nonce}.

import { Cards } from "./cards.js";
import { Chart, loadPlotly } from "../chart/chart.js";
import { el, mountIn, settled, write } from "../shared/dom.js";
import { scaleOf } from "../heatmap/errorscale.js";
import { Ghosts } from "./ghosts.js";
import { Heatmap } from "../heatmap/heatmap.js";
import { Pictures } from "../microscope/pictures.js";
import { Run } from "../shared/runs.js";
import { save } from "../chart/save.js";
import { Stream } from "./stream.js";
import { ink, themeOf } from "../shared/theme.js";
import { asksForMore, columnOf, nameOf, Theory } from "../chart/theory.js";
import { PRESSED, Toolbar } from "./toolbar.js";
import { learn, say } from "../shared/words.js";

const LINGER = 250; // ms between an unmount and the end of a view: a remount in that time takes it over
const REMEMBERED = 24; // runs whose rows are kept after they left the page
const PRESSED_FOR = 4000; // ms a press is shown where no answer comes

const COSTS = ["floats_up", "bits_up", "bits_down"];

const views = new WeakMap(); // by parent element

/** Show `component` in its parent; the view there, if any, goes on with the new data. Returns the clean-up of this mount. */
export const mount = (component) => mountIn(views, View, component);

void loadPlotly().catch(() => {}); // begins before the first row is here

class View {
  constructor(parent) {
    this.parent = parent;
    this.generation = 0;
    this.known = new Map(); // Run by key, the latest last
    this.ghosts = new Ghosts(() => this.#redraw("chart"));
    this.hidden = new Set();
    this.pending = new Map(); // pressed commands by key
    this.picked = { contender: null, node: 0, round: null, slice: 0, logX: null, whole: false, oneScale: false }; // round null: the latest; logX null: as the axis has it
    this.preview = null; // the message under the pointer: {node, round, near}
    this.opened = null; // which round is shown for the one that was asked: {asked, round}
    this.finished = null;
    this.stream = new Stream((run) => this.#news(run), (name) => this.#trouble(name));
    this.told = new Set(); // views that were told to the server, which gives them back
    this.tellView = settled(500, () => this.#tellView());
    this.#build();
  }

  /** Take new data; what both have in common stays. Returns the number of this mount. */
  update(component) {
    this.component = component;
    this.data = component.data;
    learn(this.data.named ?? {});
    this.base = (this.data.base ?? "").replace(/\/$/, "");
    this.language = this.data.language === "ru" ? "ru" : "en";
    if (!this.root.isConnected) this.parent.append(this.root);
    this.root.lang = this.language;
    this.theme = themeOf(this.root);
    this.root.dataset.theme = this.theme.dark ? "dark" : "light";
    this.#takeView();
    this.#takeRuns();
    this.stream.watch(this.runs, this.base, asksForMore(this.data));
    this.#redraw("all");
    this.generation += 1;
    return this.generation;
  }

  /** End this mount; the view ends with it unless another has taken over. */
  release(generation) {
    setTimeout(() => generation === this.generation && this.#dispose(), LINGER);
  }

  #dispose() {
    if (views.get(this.parent) === this) views.delete(this.parent);
    this.stream.dispose();
    this.ghosts.dispose();
    this.tellView.cancel();
    for (const part of [this.chart, this.heatmap, this.pictures]) part.dispose();
    this.root.remove();
  }

  #build() {
    this.cards = new Cards((key) => this.#toggle(key));
    this.toolbar = new Toolbar({
      command: (name, keys) => this.#command(name, keys),
      logX: () => this.#toggleLogX(),
      reset: () => this.#wholePicture(),
      save: (format) => save(this.chart, format, `ef21-${this.data.metric}-${this.data.axis}`),
    });
    this.chart = new Chart();
    this.heatmap = new Heatmap((cell) => this.#hover(cell), (cell) => this.#pickCell(cell));
    this.pictures = new Pictures((change) => this.#pick(change), (opened) => this.#open(opened));
    this.theory = new Theory();
    this.notice = el("p", { class: "ef21-notice", role: "status", hidden: true });
    this.select = el("select", { onchange: () => this.#pick({ contender: Number(this.select.value) }) });
    this.selectLabel = el("span");
    this.oneScale = el("button", { type: "button", class: "ef21-button", onclick: () => this.#pick({ oneScale: !this.picked.oneScale }) });
    [this.errorsTitle, this.errorsAbout] = [el("h4"), el("p", { class: "ef21-about" })];
    const errors = el(
      "section",
      { class: "ef21-errors" },
      el("header", {}, this.errorsTitle, this.oneScale, el("label", { class: "ef21-select" }, this.selectLabel, this.select), this.errorsAbout),
      this.heatmap.node,
    );
    const style = el("link", { rel: "stylesheet", href: new URL("../shared/live.css", import.meta.url).href, onload: () => this.#redraw("all") });
    this.root = el("div", { class: "ef21-live" }, style, this.cards.node, this.toolbar.node, this.notice, this.chart.node, this.theory.node, errors, this.pictures.node);
    this.parent.append(this.root);
  }

  // What is shown ---------------------------------------------------------------------------------------------------------------------

  #takeView() {
    if (this.data.opened !== this.opened) this.told.clear(); // another page was opened since: what it says counts
    this.opened = this.data.opened;
    const given = { ...this.picked, contender: this.data.chosen ?? 0, ...this.data.view };
    if (this.told.has(viewName(given))) return;
    this.told.add(viewName(given));
    this.picked = given;
  }

  #tellView() {
    this.told.add(viewName(this.picked));
    this.component.setStateValue?.("view", { ...this.picked });
  }

  #takeRuns() {
    const before = this.shown ?? [];
    this.styles = this.data.runs.filter(({ key }, at, all) => all.findIndex((other) => other.key === key) === at); // two may be one run
    this.runs = this.styles.map(({ key }) => this.#run(key));
    this.styles.forEach(({ wish }, at) => (this.runs[at].wish = wish ?? "run"));
    this.ghosts.supersede(before, this.data.runs, this.runs);
  }

  #run(key) {
    const run = this.known.get(key) ?? new Run(key);
    this.known.delete(key);
    this.known.set(key, run);
    const old = [...this.known.keys()].slice(0, Math.max(0, this.known.size - REMEMBERED));
    for (const gone of old) this.known.delete(gone);
    return run;
  }

  get #chosen() {
    return Math.min(Math.max(0, this.picked.contender ?? 0), this.runs.length - 1);
  }

  // What happens ----------------------------------------------------------------------------------------------------------------------

  #news(run) {
    const pressed = this.pending.get(run.key);
    if (pressed && (run.state !== pressed.state || run.head !== pressed.head)) this.pending.delete(run.key);
    this.ghosts.settle(this.runs);
    this.#redraw(run === this.runs[this.#chosen] ? "all" : "chart");
    if (this.runs.length && this.runs.every(({ ended }) => ended)) this.#finish();
  }

  #finish() {
    const keys = this.runs.map(({ key }) => key);
    if (this.data.settled || this.finished === keys.join()) return;
    this.finished = keys.join();
    this.component.setTriggerValue?.("finished", { keys, nonce: Date.now() });
  }

  #command(name, keys) {
    if (!keys.length) return;
    const ended = this.runs.some((run) => keys.includes(run.key) && run.ended);
    for (const run of this.runs.filter(({ key }) => keys.includes(key))) this.#press(run, name);
    this.component.setTriggerValue?.("command", { name, keys, nonce: Date.now() });
    this.finished = null;
    if (ended) this.stream.expect();
    this.#redraw("cards");
  }

  #press(run, name) {
    const mark = { words: PRESSED[name], state: run.state, head: run.head };
    this.pending.set(run.key, mark);
    setTimeout(() => {
      if (this.pending.get(run.key) === mark) this.pending.delete(run.key);
      this.#redraw("cards");
    }, PRESSED_FOR);
  }

  #toggle(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
    this.#redraw("chart");
  }

  /** Messages of different operators differ by orders of magnitude in cost: costs are drawn on a log axis unless a person says otherwise. */
  get logX() {
    return this.picked.logX ?? COSTS.includes(this.data.axis);
  }

  #toggleLogX() {
    this.picked.logX = !this.logX;
    this.tellView();
    this.#redraw("chart");
  }

  /** Undo the zoom and show diverged curves to their end; where all of that is in sight already, cut them again. */
  #wholePicture() {
    this.picked.whole = this.chart.cuts || (this.picked.whole && this.chart.zoomed);
    this.chart.resetZoom();
    this.tellView();
    this.#redraw("chart");
  }

  #trouble(name) {
    this.notice.hidden = !name;
    if (name) write(this.notice, say(this.language, name));
  }

  #pick(change) {
    this.picked = { ...this.picked, ...change };
    this.preview = null;
    this.tellView();
    this.#redraw("errors");
  }

  #pickCell({ node, round }) {
    this.#pick({ node, round });
  }

  /** What is under the pointer is looked at where it is at hand: of the kept round nearest to it, which the pictures say. */
  #hover(cell) {
    const round = cell && (this.runs[this.#chosen]?.keptNear(cell.round) ?? null);
    this.preview = round === null ? null : { node: cell.node, round, near: cell.round };
    this.#redraw("errors");
  }

  #open(opened) {
    const shown = this.#shownMessage().round;
    this.opened = opened;
    if (this.#shownMessage().round !== shown) this.#redraw("errors");
  }

  // Drawing ---------------------------------------------------------------------------------------------------------------------------

  /** Draw soon, once a frame: "cards", "chart" (and cards), "errors" (and pictures), "pictures" or "all". */
  #redraw(what) {
    this.stale = this.stale && this.stale !== what ? "all" : what;
    this.frame ??= requestAnimationFrame(() => {
      const stale = this.stale;
      this.frame = this.stale = null;
      this.#draw(stale);
    });
  }

  #draw(stale) {
    if (!this.root.isConnected) return;
    const { language, theme, logX } = this;
    if (["cards", "chart", "all"].includes(stale)) this.#drawCards();
    if (["chart", "all"].includes(stale)) {
      const { metric, axis, letters, theory = false } = this.data;
      const words = { metric: nameOf(metric, this.shown, language), axis: say(language, axis) };
      this.chart.node.setAttribute("aria-label", `${say(language, "chart", words)}. ${say(language, "chartKeys")}`);
      const model = { ghosts: this.ghosts.all, shown: this.shown, metric, axis, language, theme, logX, whole: this.picked.whole, theory, about: this.data.about, speaks: this.data.speaks };
      void this.chart.draw(model).then(() => this.chart.missing && this.#trouble("noDrawing"));
      this.theory.draw({ shown: this.shown, metric, theory, letters, language });
    }
    if (["errors", "all"].includes(stale)) this.#drawErrors();
    if (["errors", "pictures", "all"].includes(stale)) this.#drawPictures();
  }

  #drawCards() {
    const { language, logX, theme } = this;
    this.shown = this.styles.map((style, at) => {
      const run = this.runs[at];
      const pending = this.pending.get(run.key)?.words ?? null;
      return { style: { ...style, color: ink(style.color, theme) }, run, hidden: this.hidden.has(run.key), pending, value: lastValue(run, this.data.metric) };
    });
    const metric = nameOf(this.data.metric, this.shown, language);
    this.cards.draw({ shown: this.shown, metric, letters: this.data.letters, language });
    this.toolbar.draw({ runs: this.runs, logX, whole: this.picked.whole, language });
  }

  #drawErrors() {
    const { language, theme } = this;
    write(this.errorsTitle, say(language, "errorsTitle"));
    write(this.errorsAbout, say(language, "errorsAbout", { message: this.styles[this.#chosen]?.message }));
    write(this.selectLabel, say(language, "contender"));
    const labels = this.styles.map(({ label }) => label);
    if (this.select.dataset.labels !== JSON.stringify(labels)) {
      this.select.replaceChildren(...labels.map((label, at) => el("option", { value: at }, label)));
      this.select.dataset.labels = JSON.stringify(labels);
    }
    this.select.value = this.#chosen;
    write(this.oneScale, say(language, "oneScale"));
    this.oneScale.title = say(language, "oneScaleHint");
    this.oneScale.setAttribute("aria-pressed", String(Boolean(this.picked.oneScale)));
    this.oneScale.hidden = this.runs.length < 2;
    const run = this.runs[this.#chosen];
    const scale = scaleOf(this.picked.oneScale ? this.runs : [run].filter(Boolean));
    this.heatmap.draw({ run, scale, theme, language, picked: this.#shownMessage() });
  }

  #drawPictures() {
    const { base, language, theme } = this;
    const run = this.runs[this.#chosen];
    const { dims, message } = this.styles[this.#chosen] ?? {};
    this.pictures.draw({ base, run, dims, message, ...this.#message(), ...this.preview, slice: this.picked.slice, theme, language });
  }

  /** The message that is picked: without a chosen round, the latest kept one. */
  #message() {
    const run = this.runs[this.#chosen];
    const round = run?.messageAt(this.picked.round) ?? null;
    const near = this.picked.round ?? undefined;
    return { node: Math.min(this.picked.node, Math.max(0, (run?.errors.nodes || 1) - 1)), round, near };
  }

  /** The cell of the message that the pictures show. */
  #shownMessage() {
    const { node, round } = { ...this.#message(), ...this.preview };
    return { node, round: this.opened?.asked === round ? this.opened.round : round };
  }
}

const viewName = (view) => JSON.stringify(Object.entries(view).sort());

/** The latest value of what is drawn; nan is written as a dash. */
const lastValue = (run, metric) => run.last(columnOf(metric)) ?? null;
