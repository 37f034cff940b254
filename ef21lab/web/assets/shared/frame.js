// Drawing once a frame, however often it is asked for.

/** @template {string} Part */
export class Frame {
  /** @param {(parts: Set<Part>) => void} draw */
  constructor(draw) {
    this.draw = draw;
    /** @type {Set<Part>} */
    this.asked = new Set();
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
    const parts = this.asked;
    this.asked = new Set();
    this.draw(parts);
  }
}
