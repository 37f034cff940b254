// A vector as pictures: how it is folded, and the colours of its numbers. No DOM here.

import { signedColors } from "../shared/colors.js";

/** @import { Folded } from "../shared/types.js" */

/** @type {("wanted" | "received" | "error")[]} */
export const PARTS = ["wanted", "received", "error"];

/**
 * Rows and columns of a picture (the last two dims) and how many there are (the dims before them).
 * @param {number[]} dims
 * @returns {[rows: number, columns: number, pictures: number]}
 */
export function face(dims) {
  const [columns, rows = 1, ...others] = [...dims].reverse();
  return [rows, columns, others.reduce((product, side) => product * side, 1)];
}

/**
 * What was wanted and what was received, with their difference and the largest magnitude of all.
 * @param {Float32Array} wanted
 * @param {Float32Array} received
 * @returns {Folded}
 */
export function compared(wanted, received) {
  const error = wanted.map((value, at) => value - received[at]);
  return { wanted, received, error, largest: largestOf([wanted, received, error]) };
}

/** @param {Float32Array[]} vectors */
function largestOf(vectors) {
  let most = 0;
  for (const vector of vectors) for (const value of vector) most = Math.max(most, Math.abs(value));
  return most;
}

/**
 * Whether all the numbers of a picture are zero: its `cells` from `start` on, as far as the vector goes. One that is all padding has none.
 * @param {Float32Array} values
 * @param {{ start: number, cells: number }} where
 */
export const isBlank = (values, { start, cells }) => start < values.length && values.subarray(start, start + cells).every((value) => value === 0);

/** @param {Float32Array} vector */
export const norm = (vector) => Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));

/**
 * Packed colours, one a number from `start` on; what lies past the vector's end (padding) stays clear.
 * @param {Float32Array} values
 * @param {{ start: number, cells: number, largest: number, dark: boolean }} how
 */
export function signedPixels(values, { start, cells, largest, dark }) {
  const colors = scaleOf(dark);
  const middle = (colors.length - 1) / 2;
  const pixels = new Uint32Array(cells);
  for (let at = 0; at < cells && start + at < values.length; at++) {
    pixels[at] = colors[Math.round(middle + (largest ? values[start + at] / largest : 0) * middle)];
  }
  return pixels;
}

/** @type {Map<boolean, Uint32Array>} */
const scales = new Map();

/** @param {boolean} dark */
function scaleOf(dark) {
  const colors = scales.get(dark) ?? signedColors(dark);
  scales.set(dark, colors);
  return colors;
}
