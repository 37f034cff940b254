// What is asked of the stream: all runs, and of those that lead everything. No DOM here.

import { asksForMore } from "../chart/theory.js";
import { settled } from "../shared/dom.js";

/** @import { LiveData } from "../shared/types.js" */
/** @import { Racing } from "./racing.js" */
/** @import { Stream } from "./stream.js" */

const REST = 400; // ms after another has come to lead until its messages are asked for

export class Following {
  /**
   * @param {Stream} stream
   * @param {Racing} racing
   */
  constructor(stream, racing) {
    this.stream = stream;
    this.racing = racing;
    /** @type {{ base: string, data: LiveData } | null} */
    this.page = null;
    this.soon = settled(REST, () => this.#ask());
  }

  /** @param {{ base: string, data: LiveData }} page */
  take(page) {
    this.page = page;
    this.#ask();
  }

  dispose() {
    this.soon.cancel();
    this.stream.dispose();
  }

  #ask() {
    if (this.page) this.stream.watch(this.racing.all, this.page.base, asksForMore(this.page.data), this.racing.repeats.flat());
  }
}
