// A line of words that a screen reader reads out when they change; not to be seen while there are none.

import { el, write } from "../shared/dom.js";

export class Spoken {
  /** @param {string} name of its style */
  constructor(name) {
    this.node = el("p", { class: name, role: "status", hidden: true });
  }

  /** @param {string} words */
  say(words) {
    if (words) write(this.node, words);
    this.node.hidden = !words;
  }
}
