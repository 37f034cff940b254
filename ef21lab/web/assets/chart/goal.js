// ε on the chart: a line across it that can be dragged, or moved by the keys of a slider.

import { el, write } from "../shared/dom.js";
import { short } from "../shared/numbers.js";
import { say } from "../shared/words.js";

/** @import { Plot } from "./plotly.js" */
/** @import { Language } from "../shared/types.js" */

const NEXT = [1, 2, 5, 10]; // the steps of the keys within a decade

export class Goal {
  /** @param {(epsilon: number) => void} onMove */
  constructor(onMove) {
    this.onMove = onMove;
    /** @type {Plot | null} */
    this.plot = null;
    this.epsilon = 0;
    this.label = el("span");
    this.node = el("div", { class: "ef21-goal", role: "slider", tabindex: 0, hidden: true, "aria-orientation": "vertical" }, this.label);
    this.node.addEventListener("pointerdown", (event) => this.#take(event));
    this.node.addEventListener("pointermove", (event) => this.node.hasPointerCapture(event.pointerId) && this.#drag(event));
    this.node.addEventListener("keydown", (event) => this.#key(event));
  }

  /**
   * Show it where it lies on a plot, at the edge where that is out of sight; hide it where there is none.
   * @param {Plot} plot
   * @param {number | null} epsilon
   * @param {Language} language
   * @param {number} least of which the runs tell anything; 0 where that is all
   */
  draw(plot, epsilon, language, least = 0) {
    const { area } = plot;
    const share = epsilon === null ? null : plot.shareOf(epsilon);
    this.node.hidden = !area || share === null || epsilon === null;
    if (!area || share === null || epsilon === null) return;
    [this.plot, this.epsilon] = [plot, epsilon];
    const words = say(language, "goal", { epsilon: { about: epsilon } });
    write(this.label, words);
    this.node.title = [say(language, "goalHint"), ...(least ? [say(language, "goalLeast", { least: { about: least } })] : [])].join("; ");
    this.node.setAttribute("aria-label", this.node.title);
    this.node.setAttribute("aria-valuetext", short(language, epsilon));
    this.node.setAttribute("aria-valuenow", String(epsilon));
    this.node.style.left = `${area.left}px`;
    this.node.style.width = `${area.width}px`;
    this.node.style.top = `${area.top + Math.min(1, Math.max(0, share)) * area.height}px`;
    this.node.toggleAttribute("data-out", share < 0 || share > 1);
  }

  /** @param {PointerEvent} event */
  #take(event) {
    event.preventDefault();
    event.stopPropagation();
    this.node.focus();
    this.node.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #drag(event) {
    const area = this.plot?.area;
    if (!this.plot || !area) return;
    const share = (event.clientY - this.plot.node.getBoundingClientRect().top - area.top) / area.height;
    const epsilon = this.plot.yAt(Math.min(1, Math.max(0, share)));
    if (epsilon !== null && epsilon > 0) this.onMove(Number(epsilon.toPrecision(2)));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const to = moved(this.epsilon, event.key);
    if (to === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.onMove(to);
  }
}

/**
 * ε after a key: up and down by 1, 2, 5, 10, a page by a decade; null for a key that does not move it.
 * @param {number} epsilon
 * @param {string} key
 */
export function moved(epsilon, key) {
  const power = Math.floor(Math.log10(epsilon) + 1e-9);
  const lead = Number((epsilon / 10 ** power).toPrecision(6));
  if (key === "PageUp") return rounded(lead, power + 1);
  if (key === "PageDown") return rounded(lead, power - 1);
  if (key === "ArrowUp" || key === "ArrowRight") return rounded(NEXT.find((step) => step > lead) ?? 20, power);
  if (key === "ArrowDown" || key === "ArrowLeft") return lead > 1 ? rounded(NEXT.filter((step) => step < lead).at(-1) ?? 1, power) : rounded(5, power - 1);
  return null;
}

/** @type {(lead: number, power: number) => number} */
const rounded = (lead, power) => Number(`${lead}e${power}`);
