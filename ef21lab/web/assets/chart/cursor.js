// The cursor that compares the curves at one x: a line, and what each of them is there.

import { el } from "../shared/dom.js";
import { count, measured, short } from "../shared/numbers.js";
import { overflows } from "../shared/repeats.js";
import { NETWORK } from "../shared/runs.js";
import { say } from "../shared/words.js";
import { valueAt } from "./points.js";

/** @import { Curve, Language, Picture, Style } from "../shared/types.js" */

const KEY_STEPS = 40; // that the arrow keys take from one side to the other

/** @type {Record<string, number>} */
const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -KEY_STEPS, End: KEY_STEPS };

export class Cursor {
  constructor() {
    this.line = el("div", { class: "ef21-cursor", hidden: true });
    this.tip = el("div", { class: "ef21-tip", hidden: true, role: "status" });
    this.keyed = KEY_STEPS / 2;
  }

  /**
   * How far across the cursor comes by a key, in [0, 1]; null for a key that does not move it.
   * @param {string} key
   */
  moved(key) {
    if (!(key in STEPS)) return null;
    const from = this.line.hidden ? KEY_STEPS / 2 : this.keyed;
    this.keyed = Math.min(KEY_STEPS, Math.max(0, from + STEPS[key]));
    return this.keyed / KEY_STEPS;
  }

  /**
   * Show it at `x`, which is drawn `left` pixels into a node of a width.
   * @param {{ x: number, left: number, width: number }} place
   * @param {Pick<Picture, "curves" | "ghosts">} picture
   * @param {{ language: Language, axis: string, metric: string }} model
   */
  show({ x, left, width }, { curves, ghosts }, { language, axis, metric }) {
    const rows = valuesAt(curves.filter(({ hidden }) => !hidden), x);
    const were = valuesAt(ghosts, x).filter(({ value }) => value !== null);
    const at = axis === "seconds" || axis === NETWORK ? short(language, x) : count(language, x);
    this.tip.replaceChildren(
      el("div", { class: "ef21-tip-x" }, `${say(language, axis)}: ${at}`),
      ...rows.map(({ style, value, gone }) => row(style, style.label, gone ? say(language, "overflow") : measured(language, metric, value))),
      ...were.map(({ style, value }) => row(style, say(language, "before", { label: style.label }), measured(language, metric, value), "ef21-was")),
    );
    this.line.hidden = this.tip.hidden = false;
    this.line.style.transform = `translateX(${left}px)`;
    const flip = left > width / 2;
    this.tip.style.left = flip ? "" : `${left + 12}px`;
    this.tip.style.right = flip ? `${width - left + 12}px` : "";
  }

  hide() {
    this.line.hidden = this.tip.hidden = true;
  }
}

/**
 * What every curve is at x, the highest first; `gone` where its numbers had overflowed by then.
 * @param {Pick<Curve, "style" | "repeats" | "points">[]} curves
 * @param {number} x
 */
export const valuesAt = (curves, x) =>
  curves
    .map(({ style, repeats, points }) => ({ style, value: valueAt(points, x), gone: overflows(repeats) && x > points.x[points.x.length - 1] }))
    .sort((a, b) => (b.value ?? -1) - (a.value ?? -1));

/**
 * @param {Style} style
 * @param {string} label
 * @param {string} value
 * @param {string} kind
 */
function row(style, label, value, kind = "") {
  const mark = el("i", { style: `background:${style.color}` });
  return el("div", { class: `ef21-tip-row ${kind}` }, mark, el("span", {}, label), el("b", {}, value));
}
