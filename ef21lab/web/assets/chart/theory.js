// What theorems say of the runs: which column a metric draws, which line lies above it, and the words under the chart.

import { curve } from "../shared/runs.js";
import { el } from "../shared/dom.js";
import { writeDefined } from "../shared/letters.js";
import { say, short } from "../shared/words.js";

const COLUMNS = { contraction: "median" }; // of other metrics: their own name
const STATEMENTS = ["mean", "psi", "tight", "distortion", "contraction"];
const AT_ONCE = ["grad_norm_sq", "distortion", "loss"]; // all other metrics come with the layer

/** The column of a run that a metric draws. */
export const columnOf = (metric) => COLUMNS[metric] ?? metric;

/** What a metric is called over these runs: of f it says what it is measured from, as soon as that is known. */
export function nameOf(metric, shown, language) {
  const floors = shown.map(({ run }) => run.said?.floor).filter(Boolean);
  if (metric !== "gap" || !floors.length) return say(language, metric);
  return floors.some(({ within }) => within !== null) ? say(language, "gapFound") : say(language, "gapBound");
}

/** Whether what is shown needs the layer that is sent on request. */
export const asksForMore = ({ metric, axis, theory }) => Boolean(theory) || !AT_ONCE.includes(metric) || axis === "bits_down";

/** The line that a theorem holds a run's curve below; no points where there is none. */
export function lineOf(run, along, metric) {
  if (!STATEMENTS.includes(metric)) return { x: [], y: [] };
  if (metric !== "contraction") return curve(run, { ...along, name: `${metric}_line` });
  const { x } = curve(run, { ...along, name: "median" });
  const level = run.said?.level ?? null;
  return level === null || !x.length ? { x: [], y: [] } : { x: [x[0], x.at(-1)], y: [level, level] };
}

/** The caption: what the dashed lines are, and for every run without one, why. */
export class Theory {
  constructor() {
    this.node = el("div", { class: "ef21-theory", role: "note", hidden: true });
    this.written = "";
  }

  /** `model`: {shown: [{style, run, hidden}], metric, theory, letters, language}. */
  draw(model) {
    const rows = rowsOf(model);
    const written = JSON.stringify([rows, model.letters]);
    if (written === this.written) return;
    this.written = written;
    this.node.hidden = !rows.length;
    this.node.replaceChildren(...rows.map((one) => row(one, model.letters)));
  }
}

function rowsOf({ shown, metric, theory, language }) {
  const sight = shown.filter(({ hidden }) => !hidden);
  const rows = metric === "contraction" ? [{ words: say(language, "bandAbout") }] : metric === "gap" ? floorsOf(sight, language) : [];
  if (theory && !STATEMENTS.includes(metric)) return [...rows, { words: say(language, "noTheorem", { metric: nameOf(metric, sight, language) }) }];
  const held = sight.filter(({ run }) => run.said && !run.said.missing[metric]);
  return [...rows, ...(theory && held.length ? legend(held, language) : []), ...reasons(sight, metric, theory, language)];
}

/** What the height of f is measured from, once for all runs that share it. */
function floorsOf(sight, language) {
  const labels = new Map();
  for (const { style, run } of sight.filter(({ run }) => run.said)) {
    const { floor, why } = run.said;
    const { level, within } = floor ?? {};
    const slots = { level: short(language, level ?? null), within: short(language, within ?? null), why: why?.[language] };
    const words = say(language, !floor ? "floorUnknown" : within === null ? "floorBound" : "floorFound", slots);
    labels.set(words, [...(labels.get(words) ?? []), style.label]);
  }
  return [...labels].map(([words, of]) => ({ words: labels.size > 1 ? `${of.join("; ")}: ${words}` : words }));
}

function legend(held, language) {
  const inExpectation = held.filter(({ run }) => run.said.expected).map(({ style }) => style.label);
  const words = say(language, "expected", { labels: inExpectation.join("; ") });
  return [{ dash: "2 3", words: say(language, "certain") }, ...(inExpectation.length ? [{ words }] : [])];
}

/** Why a run has no line; without the layer of theory, only why it has no curve. */
function reasons(sight, metric, theory, language) {
  const known = sight.filter(({ run }) => run.said);
  const told = STATEMENTS.includes(metric) ? known.filter(({ run }) => run.said.missing[metric] && (theory || !run.column(columnOf(metric)))) : [];
  const rows = told.map(({ style, run }) => ({ color: style.color, words: say(language, theory ? "noLine" : "noCurve", { label: style.label, why: run.said.missing[metric][language] }) }));
  const waiting = known.length < sight.length && sight.some(({ run }) => run.asked && !run.said && run.state !== "unknown");
  return waiting ? [...rows, { words: say(language, metric === "gap" ? "askingMinimum" : "askingTheorems") }] : rows;
}

function row({ color, dash, words }, letters) {
  const swatch = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  swatch.setAttribute("viewBox", "0 0 34 10");
  swatch.setAttribute("aria-hidden", "true");
  if (color) swatch.innerHTML = `<circle cx="17" cy="5" r="4" fill="${color}"/>`;
  if (dash) swatch.innerHTML = `<path d="M1 5H33" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="${dash}"/>`;
  const text = el("span");
  writeDefined(text, words, letters);
  return el("div", {}, swatch, text);
}
