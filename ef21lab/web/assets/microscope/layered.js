// One tensor of a network's message. No DOM here.

import { compared } from "./folded.js";

/** @import { Message } from "../shared/types.js" */

/**
 * "16 × 8 × 3 × 3".
 * @param {number[]} shape
 */
export const sidesOf = (shape) => shape.join(" × ") || "1";

/** @param {number[]} shape */
const sizeOf = (shape) => shape.reduce((product, side) => product * side, 1);

/**
 * The part of a message that is about a layer, laid out as a matrix: the outputs down, all else across.
 * @param {Message} message
 * @param {number[][]} layout
 * @param {number} layer
 * @returns {Message}
 */
export function layerOf(message, layout, layer) {
  const start = layout.slice(0, layer).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const size = sizeOf(layout[layer]);
  const cut = (/** @type {Float32Array} */ vector) => vector.subarray(start, start + size);
  const rows = layout[layer].length > 1 ? layout[layer][0] : 1;
  return { ...message, ...compared(cut(message.wanted), cut(message.received)), d: size, dims: [rows, size / rows] };
}
