// The legend, one card a run: its line, its name, where it stands. A press hides or shows its curve.

import { divergence } from "../chart/divergence.js";
import { el, write } from "../shared/dom.js";
import { count, say, short } from "../shared/words.js";

const DASHES = { solid: "", dash: "9 5", dot: "2 4", dashdot: "9 4 2 4", longdash: "14 5", longdashdot: "14 4 2 4" };

export class Cards {
  constructor(onToggle) {
    this.onToggle = onToggle;
    this.node = el("div", { class: "ef21-cards" });
    this.cards = new Map();
  }

  /** `model`: {shown: [{style, run, hidden, pending, value}], language}. */
  draw({ shown, language }) {
    const keys = shown.map(({ run }) => run.key);
    for (const [key, card] of this.cards) if (!keys.includes(key)) this.#drop(key, card);
    shown.forEach((item, at) => this.#place(at, item, language));
  }

  #drop(key, card) {
    card.node.remove();
    this.cards.delete(key);
  }

  #place(at, item, language) {
    const { key } = item.run;
    if (!this.cards.has(key)) this.cards.set(key, newCard(() => this.onToggle(key)));
    const card = this.cards.get(key);
    if (this.node.children[at] !== card.node) this.node.insertBefore(card.node, this.node.children[at] ?? null);
    fill(card, item, language);
  }
}

function newCard(onclick) {
  const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  swatch.setAttribute("viewBox", "0 0 34 10");
  swatch.setAttribute("aria-hidden", "true");
  swatch.innerHTML = '<path d="M1 5H33" fill="none" stroke-width="3"/>';
  const [name, state, value, bar] = [el("b"), el("small"), el("span", { class: "ef21-value" }), el("i")];
  const node = el("button", { type: "button", class: "ef21-card", onclick }, swatch, name, value, state, el("div", { class: "ef21-progress" }, bar));
  return { node, swatch, name, state, value, bar };
}

function fill(card, { style, run, hidden, pending, value }, language) {
  const path = card.swatch.firstChild;
  path.setAttribute("stroke", style.color);
  path.setAttribute("stroke-dasharray", DASHES[style.dash ?? "solid"] ?? style.dash);
  write(card.name, style.label);
  write(card.state, stateWords(run, pending, language));
  write(card.value, value === null ? "" : short(language, value));
  card.bar.style.width = `${100 * share(run)}%`;
  card.bar.style.background = style.color;
  card.node.dataset.state = run.state;
  card.node.toggleAttribute("data-diverged", divergence(run) !== null);
  card.node.title = say(language, "hide", { label: style.label });
  card.node.setAttribute("aria-pressed", String(!hidden));
}

/** Where a run stands, in words. */
export function stateWords(run, pending, language) {
  if (pending) return say(language, pending);
  const slots = { round: Math.max(run.head, 0), rounds: run.rounds, reason: run.reason?.[language] ?? "" };
  const left = divergence(run);
  if (!left) return say(language, run.state, slots);
  const gone = { round: left.round, times: { about: left.times ?? NaN } };
  if (left.cause === "overflow") return say(language, "overflowed", gone);
  const words = say(language, "diverged", gone);
  return run.state === "done" ? words : `${say(language, run.state, slots)}; ${words}`;
}

const share = (run) => (run.rounds ? Math.min(1, Math.max(0, run.head) / run.rounds) : run.state === "done" ? 1 : 0);
