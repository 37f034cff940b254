// Drawing once a frame, however often it is asked for.

import { Pace } from "./pace.js";

/** @template {string} Part */
export class Frame {
  /**
   * @param {(parts: Set<Part>) => void} draw
   * @param {NoInfer<Part>[]} [first] of parts that are asked for together, these are drawn a frame before the others
   */
  constructor(draw, first = []) {
    this.draw = draw;
    this.first = first;
    this.behind = false; // others have waited for these, and are drawn now whatever is asked for
    /** @type {Set<Part>} */
    this.asked = new Set();
    /** For what nobody has asked for but news. @type {Pace<Part>} */
    this.pace = new Pace((...parts) => this.soon(...parts));
  }

  /**
   * Draw these parts in the next frame, with all others that are asked for until then.
   * @param {...Part} parts
   */
  soon(...parts) {
    if (!this.asked.size) requestAnimationFrame(() => this.#now());
    for (const part of parts) this.asked.add(part);
  }

  #now() {
    const asked = this.asked;
    const urgent = this.behind ? [] : this.first.filter((part) => asked.has(part));
    const rest = [...asked].filter((part) => urgent.length && !urgent.includes(part));
    this.behind = rest.length > 0;
    this.asked = new Set(rest);
    if (this.behind) requestAnimationFrame(() => this.#now());
    this.draw(urgent.length ? new Set(urgent) : asked);
  }
}
