// Where the cells of the heatmap lie: nodes down from 0, rounds across from 0, with room for the axes around them. No DOM here.

/** @import { Cell } from "../shared/types.js" */

export const LEFT = 46;
export const RIGHT = 74;
export const TOP = 8;
export const BOTTOM = 40;

export class Grid {
  /**
   * @param {number} whole width of the canvas in pixels
   * @param {number} nodes
   * @param {number} rounds that fill it
   */
  constructor(whole, nodes, rounds) {
    this.nodes = nodes;
    this.rounds = rounds;
    this.whole = { width: whole, height: TOP + BOTTOM + Math.min(260, Math.max(110, nodes * 12)) };
    this.width = whole - LEFT - RIGHT; // of the cells together
    this.height = this.whole.height - TOP - BOTTOM;
  }

  /**
   * The middle of a round across.
   * @param {number} round
   */
  x(round) {
    return LEFT + ((round + 0.5) / this.rounds) * this.width;
  }

  /**
   * The middle of a node down.
   * @param {number} node
   */
  y(node) {
    return TOP + ((node + 0.5) / this.nodes) * this.height;
  }

  /**
   * The frame of a cell: left, top, width, height; wide enough to be seen.
   * @param {Cell} cell
   * @returns {[number, number, number, number]}
   */
  frame({ node, round }) {
    const [width, height] = [Math.max(5, this.width / this.rounds), this.height / this.nodes];
    return [this.x(round) - width / 2, this.y(node) - height / 2, width, height];
  }

  /**
   * The node and the round at a place on the canvas; null beside the cells.
   * @param {number} x
   * @param {number} y
   * @returns {Cell | null}
   */
  at(x, y) {
    const [across, down] = [(x - LEFT) / this.width, (y - TOP) / this.height];
    if (across < 0 || across >= 1 || down < 0 || down >= 1) return null;
    return { node: Math.floor(down * this.nodes), round: Math.floor(across * this.rounds) };
  }
}

/**
 * Round numbers from 0 to `last`, at most about `most` of them.
 * @param {number} last
 * @param {number} most
 */
export function ticks(last, most) {
  const rough = Math.max(1, last / Math.max(1, most));
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5].map((factor) => factor * power).find((size) => size >= rough) ?? 10 * power;
  return Array.from({ length: Math.floor(last / step) + 1 }, (_, at) => at * step);
}
