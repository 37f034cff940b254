// The legend, one card a run: its line, its name, where it stands. A press hides or shows its curve.

import { QUANTILES } from "../chart/band.js";
import { el, swatch, write } from "../shared/dom.js";
import { definitions, writeDefined } from "../shared/letters.js";
import { measured } from "../shared/numbers.js";
import { divergenceOf } from "../shared/repeats.js";
import { say } from "../shared/words.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Language, Letters, Shown } from "../shared/types.js" */
/** @typedef {{ metric: string, called: string, letters: Letters | undefined, language: Language }} Words `called` is what a value is */
/** @typedef {ReturnType<typeof newCard>} Card */

/** The dashes of plotly's lines, in pixels of a sample. @type {Record<string, string>} */
export const DASHES = { solid: "", dash: "9 5", dot: "2 4", dashdot: "9 4 2 4", longdash: "14 5", longdashdot: "14 4 2 4" };

export class Cards {
  /** @param {(place: string) => void} onToggle */
  constructor(onToggle) {
    this.onToggle = onToggle;
    this.tip = el("div", { class: "ef21-tip", hidden: true });
    this.node = el("div", { class: "ef21-cards" }, this.tip);
    /** By contender. @type {Map<string, Card>} */
    this.cards = new Map();
    this.node.addEventListener("focusin", ({ target }) => this.#define(/** @type {HTMLElement} */ (target)));
    this.node.addEventListener("focusout", () => (this.tip.hidden = true));
    this.node.addEventListener("keydown", ({ key }) => key === "Escape" && (this.tip.hidden = true));
  }

  /** @param {{ shown: Shown[] } & Words} model */
  draw({ shown, ...words }) {
    const places = shown.map(({ style }) => style.place);
    for (const [place, card] of this.cards) if (!places.includes(place)) this.#drop(place, card);
    shown.forEach((item, at) => this.#place(at, item, words));
  }

  /**
   * Who has come to a card by keys reads what its letters mean under it; a pointer is told by what it rests on.
   * @param {HTMLElement} card
   */
  #define(card) {
    const told = card.matches(":focus-visible") ? (card.dataset.letters ?? "") : "";
    this.tip.hidden = !told;
    this.tip.replaceChildren(...told.split("\n").map((definition) => el("div", {}, definition)));
    this.tip.style.top = `${card.offsetTop + card.offsetHeight + 4}px`;
  }

  /**
   * @param {string} place
   * @param {Card} card
   */
  #drop(place, card) {
    card.node.remove();
    this.cards.delete(place);
  }

  /**
   * @param {number} at
   * @param {Shown} item
   * @param {Words} words
   */
  #place(at, item, words) {
    const { place } = item.style;
    const card = this.cards.get(place) ?? newCard(() => this.onToggle(place));
    this.cards.set(place, card);
    if (this.node.children[at] !== card.node) this.node.insertBefore(card.node, this.node.children[at] ?? this.tip);
    fill(card, item, words);
  }
}

/** @param {() => void} onclick */
function newCard(onclick) {
  const sample = swatch('<path d="M1 5H33" fill="none" stroke-width="3"/>');
  const [name, state, value, standing, bar] = [el("b"), el("small"), el("span", { class: "ef21-value" }), el("span", { class: "ef21-standing" }), el("i")];
  const progress = el("div", { class: "ef21-progress" }, bar);
  const node = el("button", { type: "button", class: "ef21-card", onclick }, sample, name, value, standing, state, progress);
  return { node, sample, name, state, value, standing, bar };
}

/**
 * @param {Card} card
 * @param {Shown} item
 * @param {Words} words
 */
function fill(card, { style, run, repeats, hidden, pending, value, standing }, { metric, called, letters, language }) {
  const path = card.sample.firstElementChild;
  path?.setAttribute("stroke", style.color);
  path?.setAttribute("stroke-dasharray", DASHES[style.dash] ?? style.dash);
  writeDefined(card.name, style.label, letters);
  write(card.state, repeats.length > 1 ? repeatsWords(repeats, pending, language) : stateWords(run, pending, language));
  write(card.value, value === null ? "" : measured(language, metric, value));
  write(card.standing, standing ?? "");
  card.standing.hidden = !standing;
  card.value.title = [called, ...definitions(called, letters)].join("\n");
  card.bar.style.width = `${(100 * repeats.reduce((sum, one) => sum + share(one), 0)) / repeats.length}%`;
  card.bar.style.background = style.color;
  card.node.dataset.state = (repeats.find(({ ended }) => !ended) ?? run).state;
  card.node.toggleAttribute("data-diverged", divergenceOf(repeats) !== null);
  const told = definitions(`${style.label} ${called}`, letters);
  card.node.dataset.letters = told.join("\n");
  card.node.title = [say(language, "hide", { label: style.label }), ...told].join("\n");
  card.node.setAttribute("aria-pressed", String(!hidden));
}

/**
 * Where a run stands, in words.
 * @param {Run} run
 * @param {string | null} pending what it was told to do a moment ago
 * @param {Language} language
 */
export function stateWords(run, pending, language) {
  if (pending) return say(language, pending);
  const slots = { round: Math.max(run.head, 0), rounds: run.rounds, reason: run.reason?.[language] ?? "" };
  if (run.overridden) return say(language, run.wish === "stop" ? "stoppedHere" : "pausedHere", slots);
  const left = run.divergence;
  if (!left) return say(language, run.stoppedAt ? "reachedEnd" : run.state, slots);
  const gone = { round: left.round, times: { about: left.times ?? NaN } };
  if (left.cause === "overflow") return say(language, "overflowed", gone);
  const words = say(language, "diverged", gone);
  return run.state === "done" ? words : `${say(language, run.state, slots)}; ${words}`;
}

/**
 * Where repeats stand, in words: the one that has furthest to go, how many are over, and what is drawn of them.
 * @param {Run[]} repeats
 * @param {string | null} pending
 * @param {Language} language
 */
function repeatsWords(repeats, pending, language) {
  const last = repeats.reduce((one, other) => (remaining(other) > remaining(one) ? other : one));
  const [n, done] = [repeats.length, repeats.filter(({ ended }) => ended).length];
  const gone = repeats.filter(({ divergence }) => divergence).length;
  const drawn = say(language, "drawnOf", { n, low: 100 * QUANTILES[0], high: 100 * QUANTILES[1] });
  const over = done < n ? [say(language, "repeatsDone", { done, n })] : [];
  return [stateWords(last, pending, language), ...over, ...(gone ? [say(language, "repeatsGone", { gone, n })] : []), drawn].join(" · ");
}

/** @type {(run: Run) => number} */
const remaining = (run) => (run.ended ? -1 : 1) - share(run);

/** How far it has come. @type {(run: Run) => number} */
const share = (run) => (run.stoppedAt ? 1 : run.rounds ? Math.min(1, Math.max(0, run.head) / run.rounds) : run.state === "done" ? 1 : 0);
