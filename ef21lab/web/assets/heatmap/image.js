// The cells as colours. No DOM here.

import { errorColors } from "../shared/colors.js";
import { placeOf } from "./errorscale.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Scale } from "../shared/types.js" */
/** @typedef {Pick<Run["errors"], "nodes" | "rounds" | "relative">} Errors by round and row */

const COLORS = errorColors();
export const NOTHING = COLORS[COLORS.length - 1]; // where nothing was sent, or nothing has come yet: clear

/**
 * The colour at a place of the scale, in [0, 1].
 * @param {number} place
 */
export const colorAt = (place) => COLORS[Math.round(place * (COLORS.length - 2))];

/**
 * Packed colours (nodes × columns), node 0 in the first row and round 0 in the first column; where several records share a column, their mean.
 * @param {Run} run
 * @param {Scale | null} scale
 * @param {number} rounds that the columns stand for
 * @param {number} columns
 * @param {Errors} errors those of the nodes, or of the layers
 */
export function errorPixels(run, scale, rounds, columns, errors = run.errors) {
  const { nodes, rounds: recorded } = errors;
  const last = recorded.last ?? -1;
  const every = recorded.length > 1 ? recorded.values[1] - recorded.values[0] : 1;
  const pixels = new Uint32Array(columns * nodes).fill(NOTHING);
  let before = -1;
  for (let column = 0; column < columns; column++) {
    const until = Math.ceil(((column + 1) * rounds) / columns) - 1;
    if (until > last + every - 1 && column > 0 && Math.floor((column * rounds) / columns) > last) break;
    const row = run.rowAt(until);
    for (let node = 0; node < nodes; node++) {
      const error = meanError(errors, Math.max(0, Math.min(before + 1, row)), row, node);
      if (scale && !Number.isNaN(error)) pixels[node * columns + column] = colorAt(placeOf(scale, error));
    }
    before = row;
  }
  return pixels;
}

/**
 * The mean over rows of what a node's errors were; nan where nothing was sent.
 * @param {Errors} errors
 * @param {number} from
 * @param {number} to
 * @param {number} node
 */
function meanError({ nodes, relative }, from, to, node) {
  const { values } = relative;
  let sum = 0;
  let seen = 0;
  for (let row = from; row <= to; row++) {
    const error = values[row * nodes + node];
    if (!Number.isNaN(error)) {
      sum += error;
      seen += 1;
    }
  }
  return sum / seen;
}
