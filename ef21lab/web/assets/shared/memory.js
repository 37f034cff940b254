// The latest things by name; the oldest make room.

/** @template Thing */
export class Memory {
  /** @param {number} most that are kept */
  constructor(most) {
    this.most = most;
    /** @type {Map<string, Thing>} */
    this.things = new Map();
  }

  /** @param {string} name */
  get(name) {
    return this.things.get(name);
  }

  /**
   * Keep a thing as the latest.
   * @param {string} name
   * @param {Thing} thing
   */
  set(name, thing) {
    this.things.delete(name);
    this.things.set(name, thing);
    for (const oldest of this.things.keys()) {
      if (this.things.size <= this.most) break;
      this.things.delete(oldest);
    }
  }
}
