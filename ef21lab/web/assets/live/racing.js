// The runs of the page: which they are, the best of each contender, what was pressed, hidden and superseded. No DOM here.

import { columnOf } from "../chart/theory.js";
import { inked } from "../shared/colors.js";
import { Memory } from "../shared/memory.js";
import { haveEnded, lastOf } from "../shared/repeats.js";
import { Run } from "../shared/runs.js";
import { Ghosts } from "./ghosts.js";
import { Presses } from "./presses.js";
import { JUDGED, USUAL_GOAL, best } from "./reach.js";

/** @import { Ghost, Shown, Style, Theme } from "../shared/types.js" */

const REMEMBERED = 800; // runs whose rows are kept after they left the page

/**
 * A contender: how each of its candidates is drawn, the shortest step first, and the repeats of each; one where its step is its own.
 * @typedef {{ styles: Style[], tries: Run[][] }} Group
 */

export class Racing {
  /** @param {() => void} onChange when ghosts have gone or a press is forgotten */
  constructor(onChange) {
    this.onChange = onChange;
    /** The candidates of each contender. @type {Group[]} */
    this.groups = [];
    /** The best so far of each. @type {Style[]} */
    this.styles = [];
    /** The repeats of each of these. @type {Run[][]} */
    this.repeats = [];
    this.asked = 0; // ε that a person has set; 0 for the usual one
    /** @type {Memory<Run>} */
    this.known = new Memory(REMEMBERED);
    this.ghosts = new Ghosts(onChange);
    /** Contenders whose curves are hidden. @type {Set<string>} */
    this.hidden = new Set();
    this.presses = new Presses(onChange);
  }

  /**
   * The page says which runs they are; those of one place are one contender's, and two contenders may be one run. The repeats of a
   * candidate follow its first.
   * @param {Style[]} given
   */
  take(given) {
    const before = this.styles.map((style, at) => this.#one(style, at));
    /** @type {Map<string, Group>} */
    const groups = new Map();
    for (const style of given) {
      const group = groups.get(style.place) ?? { styles: [], tries: [] };
      const asked = { wish: style.wish ?? "run", clock: style.clock ?? null, stop: style.stop ?? 0 };
      const run = Object.assign(this.known.get(style.key) ?? new Run(style.key), asked);
      this.known.set(run.key, run);
      groups.set(style.place, group);
      if (style.repeat) group.tries[group.tries.length - 1].push(run);
      else [group.styles, group.tries] = [[...group.styles, style], [...group.tries, [run]]];
    }
    this.groups = [...groups.values()];
    this.#choose();
    this.ghosts.supersede(before, this.styles, this.runs);
  }

  /** Every run of every contender, once. */
  get all() {
    return [...new Set(this.groups.flatMap(({ tries }) => tries.flat()))];
  }

  /** One for each style: the first of its repeats, whose messages are looked at. */
  get runs() {
    return this.repeats.map(([first]) => first);
  }

  /** All steps that a contender tries, each with its repeats. @param {string} place */
  candidates(place) {
    return this.groups.find(({ styles }) => styles[0].place === place)?.tries ?? [];
  }

  /** Whether all have come to their end. */
  get ended() {
    return this.groups.length > 0 && this.groups.every(({ tries }) => tries.every(haveEnded));
  }

  /** ε: as it was set, else the usual part of where the runs start, but not below where they are to end; null before the first row. */
  get epsilon() {
    const tries = this.groups[0]?.tries ?? [];
    const start = [...tries.map(([first]) => first), ...tries.flat()].find((run) => run.length)?.columns[JUDGED].values[0];
    return this.asked || start ? Math.max(this.asked || USUAL_GOAL * (start ?? 0), this.least) : null;
  }

  /** ‖∇f‖² at which the runs are to end: of a smaller ε they tell nothing. */
  get least() {
    return this.groups[0]?.styles[0].stop ?? 0;
  }

  /**
   * A person has set ε: the best of each contender may be another.
   * @param {number} epsilon 0 for the usual one
   */
  aim(epsilon) {
    this.asked = epsilon;
    return this.#choose();
  }

  /** Find the best of each contender; whether one of them is another than before. */
  #choose() {
    const before = this.styles;
    const chosen = this.groups.map(({ styles, tries }) => {
      const at = tries.length > 1 ? best(tries, Math.max(styles[0].goal || (this.epsilon ?? 0), styles[0].stop ?? 0)) : 0;
      return { style: styles[at], repeats: tries[at] };
    });
    const own = chosen.filter(({ repeats: [run] }, at) => chosen.findIndex((other) => other.repeats[0] === run) === at); // doubles are drawn once
    [this.styles, this.repeats] = [own.map(({ style }) => style), own.map(({ repeats }) => repeats)];
    return before.length !== own.length || before.some(({ key }, at) => key !== this.styles[at].key);
  }

  /**
   * A run has got further: a press that it answers is forgotten. Whether another candidate is now the best of its contender.
   * @param {Run} run
   */
  news(run) {
    this.presses.news(run);
    this.ghosts.settle(this.all);
    return this.groups.some(({ tries }) => tries.length > 1) && this.#choose();
  }

  /** @param {string} place of a contender */
  toggle(place) {
    if (!this.hidden.delete(place)) this.hidden.add(place);
  }

  /**
   * Say of these runs that they were told to do something, until they have, or for a while.
   * @param {string} command
   * @param {string[]} keys
   */
  press(command, keys) {
    this.presses.press(
      command,
      this.all.filter((run) => keys.includes(run.key)),
    );
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
      const value = lastOf(one.repeats, columnOf(metric));
      return { ...inked(one, theme), pending: this.presses.of(style.key), value };
    });
  }

  /**
   * The candidates that are not the best of theirs, faint behind it.
   * @param {Theme} theme
   * @returns {Ghost[]}
   */
  others(theme) {
    const leading = new Set(this.runs);
    return this.groups.flatMap(({ styles, tries }) =>
      styles.flatMap((style, at) => (leading.has(tries[at][0]) ? [] : [inked(this.#drawn(style, tries[at]), theme)])),
    );
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
    return this.#drawn(style, this.repeats[at]);
  }

  /**
   * @param {Style} style
   * @param {Run[]} repeats
   * @returns {Ghost}
   */
  #drawn(style, repeats) {
    return { style, run: repeats[0], repeats, hidden: this.hidden.has(style.place) };
  }
}
