// News of all runs over one connection: server-sent events, or a question a second where they do not get through.

import { api } from "../shared/api.js";
import { ask } from "./ask.js";

const FAILURES = 2; // of the stream before polling
const FIRST_WORD = 4000; // ms a stream may stay silent after it was opened
const POLL = 1000;
const STREAM_AGAIN = 30000; // ms of polling before the stream is tried again
const PATIENCE = 12; // questions asked of an ended run after a command that may start it again
const PATIENT_POLL = 400;
const LOOK_AGAIN = 5000; // ms between questions about stopped runs, which another tab or a server that starts anew may bring back

/** @import { Run } from "../shared/runs.js" */
/** @import { News } from "../shared/types.js" */

export const EVENTS = ["snapshot", "delta", "state", "end"];

export class Stream {
  /**
   * @param {(run: Run) => void} onNews after every piece of news
   * @param {(name: string | null) => void} onTrouble how the connection is
   */
  constructor(onNews, onTrouble) {
    this.onNews = onNews;
    this.onTrouble = onTrouble;
    this.base = "";
    /** @type {Run[]} */
    this.runs = [];
    this.failures = 0;
    this.patience = 0;
    /** @type {EventSource | null} */
    this.source = null;
    /** @type {Set<number>} */
    this.timers = new Set();
    /** The timer of the first word. @type {number | undefined} */
    this.silence = undefined;
    this.onVisibility = () => (document.hidden ? this.#close() : this.#open());
    document.addEventListener("visibilitychange", this.onVisibility);
    this.looking = setInterval(() => this.#lookAgain("cancelled", "failed"), LOOK_AGAIN);
  }

  /**
   * Follow these runs from where each of them is: of those that lead the errors of messages too, and with `more` the layer.
   * @param {Run[]} runs
   * @param {string} base
   */
  watch(runs, base, more = false, leading = runs) {
    const before = this.#wants;
    for (const run of runs) [run.asked, run.quiet] = [more && leading.includes(run), !leading.includes(run)];
    const same = base === this.base && runs.length === this.runs.length && runs.every((run, at) => run === this.runs[at]) && before === this.#wants;
    if (same && (this.source || this.timers.size)) return;
    this.runs = runs;
    this.base = base;
    this.#open();
    void this.#lookAgain("cancelled", "failed", "unknown"); // the page has asked for its runs, which may have begun with that
  }

  /** Ask again about runs that had ended: a command may bring them back. */
  expect() {
    this.patience = PATIENCE;
    this.#close();
    this.#poll();
  }

  dispose() {
    document.removeEventListener("visibilitychange", this.onVisibility);
    clearInterval(this.looking);
    this.#close();
  }

  /** What is wanted of each run. */
  get #wants() {
    return this.runs.map(({ key, asked, quiet }) => [key, asked, quiet]).join();
  }

  get #unfinished() {
    return this.runs.filter((run) => !run.settled);
  }

  #open() {
    this.#close();
    if (document.hidden || !this.#unfinished.length) return;
    const cursors = this.#unfinished.map((run) => run.cursor).join(",");
    const source = new EventSource(api(this.base, "events", { runs: cursors }));
    this.source = source;
    for (const kind of EVENTS) {
      source.addEventListener(kind, (event) => source === this.source && this.#heard(kind, JSON.parse(event.data)));
    }
    source.addEventListener("error", () => source === this.source && this.#failed());
    this.silence = this.#after(FIRST_WORD, () => this.#failed());
  }

  #close() {
    this.source?.close();
    this.source = null;
    this.timers.forEach((timer) => clearTimeout(timer));
    this.timers.clear();
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} act
   */
  #after(milliseconds, act) {
    const timer = window.setTimeout(() => {
      this.timers.delete(timer);
      act();
    }, milliseconds);
    this.timers.add(timer);
    return timer;
  }

  /** @param {number | undefined} timer */
  #forget(timer) {
    clearTimeout(timer);
    if (timer !== undefined) this.timers.delete(timer);
  }

  /**
   * @param {string} kind
   * @param {News} news
   */
  #heard(kind, news) {
    this.#forget(this.silence);
    this.failures = 0;
    this.onTrouble(null);
    this.#deliver(news, kind);
    if (!this.#unfinished.length) this.#close();
  }

  /** @param {News} news @param {string} kind */
  #deliver(news, kind) {
    const run = this.runs.find(({ key }) => key === news.key);
    if (!run) return;
    run.take(news, kind);
    this.onNews(run);
  }

  #failed() {
    this.failures += 1;
    this.#close();
    if (this.failures < FAILURES) this.#after(500, () => this.#open());
    else {
      this.onTrouble("polling");
      this.#poll();
      this.#after(STREAM_AGAIN, () => this.#open());
    }
  }

  async #poll() {
    const patient = this.patience > 0;
    const asked = patient ? this.runs : this.#unfinished;
    if (document.hidden || !asked.length) return;
    const mine = this.#after(60000, () => {}); // held while asking, so that a closed stream is noticed
    const heard = await Promise.all(asked.map((run) => this.#ask(run)));
    if (!this.timers.has(mine)) return;
    this.#forget(mine);
    this.#next(patient, heard.every(Boolean));
  }

  /** @param {boolean} patient @param {boolean} reached */
  #next(patient, reached) {
    this.onTrouble(reached ? (patient ? null : "polling") : "trouble");
    if (!patient) {
      if (this.#unfinished.length) this.#after(POLL, () => this.#poll());
      else this.#close();
      return;
    }
    this.patience = this.#unfinished.length ? 0 : this.patience - 1;
    if (this.patience > 0) this.#after(PATIENT_POLL, () => this.#poll());
    else this.#open();
  }

  /**
   * Ask about runs that had ended in these states, and follow those that go on.
   * @param {...string} states
   */
  async #lookAgain(...states) {
    const { runs } = this;
    const stopped = runs.filter((run) => run.ended && states.includes(run.state));
    if (document.hidden || !stopped.length) return;
    await Promise.all(stopped.map((run) => this.#ask(run)));
    if (runs === this.runs && stopped.some((run) => !run.settled)) this.#open();
  }

  /**
   * Whether an answer came.
   * @param {Run} run
   */
  async #ask(run) {
    const answer = await ask(this.base, run);
    if (answer === "lost") {
      run.lose();
      this.onNews(run);
    } else if (answer) this.#deliver(answer, "poll");
    return answer !== null;
  }
}
