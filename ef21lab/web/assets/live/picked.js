// What a person picked to look at, what lies under the pointer, and what became of it. No DOM here.

import { settled } from "../shared/dom.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Cell, LiveData, Picks } from "../shared/types.js" */

const REST = 500; // ms after the last change until the page is told

export const COSTS = ["floats_up", "bits_up", "bits_down", "network"]; // axes that are logarithmic unless a person says otherwise: operators differ by orders of magnitude

/** Nothing yet: of the first contender, the latest message of node 0. @type {Picks} */
export const FIRST = { contender: 0, node: 0, round: null, layer: 0, slice: 0, logX: null, whole: false, oneScale: false, goal: 0 };

export class Picked {
  /** @param {(picks: Picks) => void} tell hears of the picks once they have been still */
  constructor(tell) {
    this.picks = FIRST;
    /** The message under the pointer: the kept one near a cell. @type {Cell & { near: number } | null} */
    this.preview = null;
    /** Which round is shown for the one that was asked. @type {{ asked: number, round: number } | null} */
    this.opened = null;
    /** Of which opening of the page the picks are. @type {unknown} */
    this.page = undefined;
    /** What stays as the link has it. @type {(keyof Picks)[]} */
    this.locked = [];
    /** What the page knows already, and may give back late. @type {Set<string>} */
    this.told = new Set();
    this.tell = settled(REST, () => {
      this.told.add(nameOf(this.picks));
      tell({ ...this.picks });
    });
  }

  /**
   * The page says what is picked. What it was told from here counts no more; what it says after it was opened anew does.
   * @param {Pick<LiveData, "opened" | "chosen" | "view" | "locked">} data
   */
  take({ opened, chosen, view, locked = [] }) {
    this.locked = locked;
    if (opened !== this.page) this.told.clear();
    this.page = opened;
    const given = { ...this.picks, contender: chosen ?? 0, ...view };
    if (this.told.has(nameOf(given))) return;
    this.told.add(nameOf(given));
    this.picks = given;
  }

  /** @param {Partial<Picks>} change */
  change(change) {
    const held = Object.fromEntries(this.locked.map((name) => [name, this.picks[name]]));
    this.picks = { ...this.picks, ...change, ...held };
    this.tell();
  }

  /**
   * Whether costs and rounds are drawn on a log axis.
   * @param {string} axis
   */
  logX(axis) {
    return this.picks.logX ?? COSTS.includes(axis);
  }

  /**
   * Whose messages are looked at, among so many.
   * @param {number} contenders
   */
  chosen(contenders) {
    return Math.min(Math.max(0, this.picks.contender), contenders - 1);
  }

  /**
   * Look at what is under the pointer where it is at hand: at the kept round nearest to it.
   * @param {Cell | null} cell
   * @param {Run | undefined} run
   */
  hover(cell, run) {
    const round = (cell && run?.keptNear(cell.round)) ?? null;
    this.preview = cell === null || round === null ? null : { node: cell.node, round, near: cell.round };
  }

  /**
   * The message to show of a run: the one under the pointer, else the picked one; without a picked round, the latest kept one.
   * @param {Run | undefined} run
   * @returns {{ node: number, round: number | null, near?: number }}
   */
  message(run) {
    if (this.preview) return this.preview;
    const { node, round } = this.picks;
    return { node: Math.min(node, Math.max(0, (run?.errors.nodes || 1) - 1)), round: run?.messageAt(round) ?? null, near: round ?? undefined };
  }

  /**
   * The cell of the message that is shown in the end.
   * @param {Run | undefined} run
   */
  cell(run) {
    const { node, round } = this.message(run);
    return { node, round: this.opened && this.opened.asked === round ? this.opened.round : round };
  }

  dispose() {
    this.tell.cancel();
  }
}

/** @param {Picks} picks */
const nameOf = (picks) => JSON.stringify(Object.entries(picks).sort());
