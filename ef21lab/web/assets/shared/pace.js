// How often news are drawn: as often as leaves the browser most of its time, for the workers may compute on the same machine. No DOM here.

const REST = 3; // times what a drawing took, before the next one for news alone
const LONGEST = 500; // ms

/** @template {string} Part */
export class Pace {
  /** @param {(...parts: Part[]) => void} draw */
  constructor(draw) {
    this.draw = draw;
    this.ready = 0; // when news may be drawn again
    /** What is to be drawn then. @type {Set<Part>} */
    this.due = new Set();
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Draw these parts once it is time; at once where nothing was drawn for a while. @param {...Part} parts */
  soon(...parts) {
    for (const part of parts) this.due.add(part);
    const left = this.ready - performance.now();
    if (left <= 0) this.now();
    else this.timer ??= setTimeout(() => this.now(), left);
  }

  /** Draw what is due, and these parts, whatever the time. @param {...Part} parts */
  now(...parts) {
    clearTimeout(this.timer);
    const all = new Set([...this.due, ...parts]);
    [this.timer, this.due] = [undefined, new Set()];
    if (all.size) this.draw(...all);
  }

  /** A drawing has ended. @param {number} milliseconds that it took */
  took(milliseconds) {
    this.ready = performance.now() + Math.min(REST * milliseconds, LONGEST);
  }

  dispose() {
    clearTimeout(this.timer);
  }
}
