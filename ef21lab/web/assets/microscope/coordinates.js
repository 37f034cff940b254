// What the coordinates of runs are called, asked for once a person points at one.

import { api } from "../shared/api.js";
import { Memory } from "../shared/memory.js";

const KEPT = 20; // runs

export class Coordinates {
  /** @param {() => void} onKnown names have come */
  constructor(onKnown) {
    this.onKnown = onKnown;
    /** By address. @type {Memory<readonly string[]>} */
    this.memory = new Memory(KEPT);
  }

  /**
   * Those of a run; none before they are known.
   * @param {string} base
   * @param {string} key
   * @returns {readonly string[]}
   */
  of(base, key) {
    const address = api(base, `runs/${key}/coordinates.json`);
    const known = this.memory.get(address);
    if (!known) void this.#ask(address);
    return known ?? [];
  }

  /** @param {string} address */
  async #ask(address) {
    this.memory.set(address, []); // asked for once, whatever comes
    const names = await fetch(address).then(read, () => []);
    this.memory.set(address, names);
    if (names.length) this.onKnown();
  }
}

/**
 * @param {Response} response
 * @returns {Promise<string[]>}
 */
async function read(response) {
  return response.ok ? (await response.json()).names : [];
}
