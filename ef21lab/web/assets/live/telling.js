// What the page is told: a view once it is at rest, a command, and once that all runs have come to their end. No DOM here.

/** @import { Component, LiveData, Picks } from "../shared/types.js" */

export class Telling {
  constructor() {
    /** @type {Component<LiveData> | null} */
    this.component = null;
    this.ended = ""; // the runs whose end the page was told
  }

  /** @param {Picks} picks */
  view(picks) {
    this.component?.setStateValue?.("view", picks);
  }

  /**
   * @param {string} name
   * @param {string[]} keys
   */
  command(name, keys) {
    this.ended = "";
    this.component?.setTriggerValue?.("command", { name, keys, nonce: Date.now() });
  }

  /** @param {string[]} keys of all runs, which have ended */
  finished(keys) {
    if (this.component?.data.settled || this.ended === keys.join()) return;
    this.ended = keys.join();
    this.component?.setTriggerValue?.("finished", { keys, nonce: Date.now() });
  }
}
