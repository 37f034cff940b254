// The runs of the page: which they are, what was pressed, hidden and superseded. No DOM here.

import { columnOf } from "../chart/theory.js";
import { ink } from "../shared/colors.js";
import { Memory } from "../shared/memory.js";
import { Run } from "../shared/runs.js";
import { Ghosts } from "./ghosts.js";

/** @import { Ghost, Shown, Style, Theme } from "../shared/types.js" */

const REMEMBERED = 24; // runs whose rows are kept after they left the page
const PRESSED_FOR = 4000; // ms a press is shown where no answer comes

/** What a run is said to do from the press of a button on. @type {Record<string, string>} */
export const PRESSED = { pause: "pausing", resume: "resuming", step: "stepping", stop: "stopping" };

export class Racing {
  /** @param {() => void} onChange when ghosts have gone or a press is forgotten */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Style[]} */
    this.styles = [];
    /** One for each style. @type {Run[]} */
    this.runs = [];
    /** @type {Memory<Run>} */
    this.known = new Memory(REMEMBERED);
    this.ghosts = new Ghosts(onChange);
    /** Keys of hidden curves. @type {Set<string>} */
    this.hidden = new Set();
    /** Pressed commands by key, with where the run stood. @type {Map<string, { words: string, state: string, head: number }>} */
    this.pressed = new Map();
  }

  /**
   * The page says which runs they are; two of them may be one run.
   * @param {Style[]} given
   */
  take(given) {
    const before = this.styles.map((style, at) => this.#one(style, at));
    this.styles = given.filter(({ key }, at) => given.findIndex((other) => other.key === key) === at);
    this.runs = this.styles.map(({ key, wish, clock }) =>
      Object.assign(this.known.get(key) ?? new Run(key), { wish: wish ?? "run", clock: clock ?? null }),
    );
    for (const run of this.runs) this.known.set(run.key, run);
    this.ghosts.supersede(before, given, this.runs);
  }

  /** Whether all have come to their end. */
  get ended() {
    return this.runs.length > 0 && this.runs.every(({ ended }) => ended);
  }

  /**
   * A run has got further: a press that it answers is forgotten.
   * @param {Run} run
   */
  news(run) {
    const pressed = this.pressed.get(run.key);
    if (pressed && (run.state !== pressed.state || run.head !== pressed.head)) this.pressed.delete(run.key);
    this.ghosts.settle(this.runs);
  }

  /** @param {string} key */
  toggle(key) {
    if (!this.hidden.delete(key)) this.hidden.add(key);
  }

  /**
   * Say of these runs that they were told to do something, until they have, or for a while.
   * @param {string} command
   * @param {string[]} keys
   */
  press(command, keys) {
    for (const { key, state, head } of this.runs.filter((run) => keys.includes(run.key))) {
      const mark = { words: PRESSED[command], state, head };
      this.pressed.set(key, mark);
      setTimeout(() => {
        if (this.pressed.get(key) === mark) this.pressed.delete(key);
        this.onChange();
      }, PRESSED_FOR);
    }
  }

  /**
   * The runs as they are drawn on a page, with the latest of what is drawn.
   * @param {string} metric
   * @param {Theme} theme
   * @returns {Shown[]}
   */
  shown(metric, theme) {
    return this.styles.map((style, at) => {
      const one = this.#one(style, at);
      const value = one.run.last(columnOf(metric)) ?? null;
      return { ...inked(one, theme), pending: this.pressed.get(style.key)?.words ?? null, value };
    });
  }

  /** @param {Theme} theme */
  were(theme) {
    return this.ghosts.all.map((ghost) => inked(ghost, theme));
  }

  dispose() {
    this.ghosts.dispose();
  }

  /**
   * @param {Style} style
   * @param {number} at
   * @returns {Ghost}
   */
  #one(style, at) {
    return { style, run: this.runs[at], hidden: this.hidden.has(style.key) };
  }
}

/**
 * @param {Ghost} one
 * @param {Theme} theme
 * @returns {Ghost}
 */
const inked = ({ style, run, hidden }, theme) => ({ style: { ...style, color: ink(style.color, theme) }, run, hidden });
