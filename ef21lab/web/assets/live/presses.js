// What was pressed: a run is said to do it from then on, until it has, or for a while.

/** @import { Run } from "../shared/runs.js" */

const FOR = 4000; // ms a press is shown where no answer comes

/** What a run is said to do, by command. @type {Record<string, string>} */
export const PRESSED = { pause: "pausing", resume: "resuming", step: "stepping", stop: "stopping" };

export class Presses {
  /** @param {() => void} onChange when a press is forgotten for want of an answer */
  constructor(onChange) {
    this.onChange = onChange;
    /** By key, with where the run stood. @type {Map<string, { words: string, state: string, head: number }>} */
    this.pressed = new Map();
  }

  /** The words for what a run was told to do; null where it was told nothing. @param {string} key */
  of(key) {
    return this.pressed.get(key)?.words ?? null;
  }

  /**
   * These runs were told to do something.
   * @param {string} command
   * @param {Run[]} runs
   */
  press(command, runs) {
    for (const { key, state, head } of runs) {
      const mark = { words: PRESSED[command], state, head };
      this.pressed.set(key, mark);
      setTimeout(() => {
        if (this.pressed.get(key) === mark) this.pressed.delete(key);
        this.onChange();
      }, FOR);
    }
  }

  /** A run has got further: a press that it answers is forgotten. @param {Run} run */
  news(run) {
    const pressed = this.pressed.get(run.key);
    if (pressed && (run.state !== pressed.state || run.head !== pressed.head)) this.pressed.delete(run.key);
  }
}
