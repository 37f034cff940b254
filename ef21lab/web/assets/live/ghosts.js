// Ghosts: the curve that a contender had before its present one, faint, until the present one is whole and a while after. No DOM here.

const AFTER = 8000; // ms that a ghost outlives the end of the run that superseded it

import { haveEnded } from "../shared/repeats.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Ghost, Style } from "../shared/types.js" */

export class Ghosts {
  /** @param {() => void} onChange when ghosts have gone */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Ghost[]} */
    this.all = [];
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.going = undefined;
  }

  /**
   * Runs have taken the place of others: `styles` and `runs` are the present ones.
   *
   * What a contender had before stays as its ghost, if it had come to its end or there is no other; a contender that has left leaves none.
   * @param {Ghost[]} before
   * @param {Style[]} styles
   * @param {Run[]} runs
   */
  supersede(before, styles, runs) {
    const present = new Set(runs);
    const places = new Set(styles.map(({ place }) => place));
    const gone = before.filter(({ run }) => run.length && !present.has(run));
    const better = gone.filter(({ style, repeats }) => haveEnded(repeats) || !this.all.some((ghost) => ghost.style.place === style.place));
    const taken = new Set(better.map(({ style }) => style.place));
    const kept = this.all.filter(({ style }) => !taken.has(style.place));
    this.all = [...kept, ...better].filter(({ style, run }) => !present.has(run) && places.has(style.place));
    if (gone.length) this.#stay();
    this.settle(runs);
  }

  /**
   * The present runs have got further: once all have ended, the ghosts' time begins to run out.
   * @param {Run[]} runs
   */
  settle(runs) {
    if (!this.all.length || !runs.length || !runs.every(({ ended }) => ended)) this.#stay();
    else this.going ??= setTimeout(() => this.#vanish(), AFTER);
  }

  dispose() {
    this.#stay();
  }

  #stay() {
    clearTimeout(this.going);
    this.going = undefined;
  }

  #vanish() {
    [this.all, this.going] = [[], undefined];
    this.onChange();
  }
}
