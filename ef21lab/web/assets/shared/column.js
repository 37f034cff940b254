// Columns of numbers as the server packs them, and as they grow.

/** @import { Numbers, Packed } from "./types.js" */

/**
 * Numbers that grow by doubling.
 * @template {Float64Array | Float32Array} Store
 */
export class Column {
  /** @param {Store} store empty, of the kind that the numbers are kept in */
  constructor(store) {
    this.store = grown(store, 256);
    this.length = 0;
  }

  /** @returns {Store} */
  get values() {
    return /** @type {Store} */ (this.store.subarray(0, this.length));
  }

  /** @returns {number | undefined} */
  get last() {
    return this.length ? this.store[this.length - 1] : undefined;
  }

  /** @param {Numbers} more */
  push(more) {
    const whole = this.length + more.length;
    if (whole > this.store.length) this.store = grown(this.store, 2 * whole);
    this.store.set(more, this.length);
    this.length = whole;
  }
}

/**
 * The same numbers with more room behind them.
 * @template {Float64Array | Float32Array} Store
 * @param {Store} store
 * @param {number} room
 */
function grown(store, room) {
  const larger = store instanceof Float64Array ? new Float64Array(room) : new Float32Array(room);
  larger.set(store);
  return /** @type {Store} */ (larger);
}

/** base64 → bytes.
 * @param {string} text
 */
export function bytes(text) {
  const raw = atob(text);
  const out = new Uint8Array(raw.length);
  for (let at = 0; at < raw.length; at++) out[at] = raw.charCodeAt(at);
  return out;
}

/** @param {Packed | undefined} text */
export const numbers = (text) => new Float64Array(bytes(text ?? "").buffer);

/** @param {string} text base64 of little-endian float32 */
export const floats = (text) => new Float32Array(bytes(text).buffer);

/**
 * The index of the first of ascending values that is greater than `limit`.
 * @param {Numbers} values
 * @param {number} limit
 */
export function firstAfter(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {number} */ (values[middle]) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
