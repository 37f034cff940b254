// What is said of a vector under an operator: its bill in numbers, the energy that is kept, and what the bits are spent on.

import { PART_COLORS } from "../shared/colors.js";
import { el } from "../shared/dom.js";
import { count, short } from "../shared/numbers.js";
import { say } from "../shared/words.js";

/** @import { Both, Folded, Language } from "../shared/types.js" */
/**
 * What the server says of a look.
 * @typedef {{
 *   error: number, bits: number, floats: number, seconds: number, omega: number | null, kept: number, alpha: number | null, alpha_reason: Both,
 *   parts: [Both, number][], head: string, message: Folded
 * }} Look
 */

/**
 * @param {Look} look
 * @param {Language} language
 */
export function billOf(look, language) {
  const facts = [
    ["relativeError", short(language, look.error)],
    ["bitsOfMessage", count(language, look.bits)],
    ["floatsOfMessage", count(language, look.floats)],
    ["timeOfMessage", `${short(language, look.seconds * 1000)} ${say(language, "milliseconds")}`],
    ...(look.omega === null ? [] : [["variance", short(language, look.omega)]]),
  ];
  return facts.map(([name, value]) => el("div", {}, el("dt", {}, say(language, name)), el("dd", {}, value)));
}

/**
 * Kept energy as a bar, the certified share of it as a mark.
 * @param {Look} look
 * @param {Language} language
 */
export function energyOf({ kept, alpha, alpha_reason: reason }, language) {
  const bar = el("div", { class: "ef21-bar" }, el("i", { style: `width: ${100 * Math.max(0, Math.min(1, kept))}%` }));
  if (alpha !== null) bar.append(el("b", { style: `left: ${100 * alpha}%`, title: `α = ${short(language, alpha)}` }));
  const certified = alpha === null ? say(language, "noCertificate") : say(language, "certified", { alpha: short(language, alpha) });
  const words = say(language, "keptEnergy", { kept: short(language, kept), certified });
  return [el("p", {}, words), bar, ...(alpha === null ? [el("p", { class: "ef21-about" }, reason[language])] : [])];
}

/**
 * What the bits are spent on, one bar cut into parts.
 * @param {Look} look
 * @param {Language} language
 */
export function partsOf({ parts }, language) {
  const total = parts.reduce((sum, [, bits]) => sum + bits, 0) || 1;
  const colored = parts.map(([name, bits], at) => ({ name: name[language], bits, color: PART_COLORS[at % PART_COLORS.length] }));
  const bar = el("div", { class: "ef21-bar" }, ...colored.map(({ bits, color }) => el("i", { style: `width: ${(100 * bits) / total}%; background: ${color}` })));
  const legend = colored.map(({ name, bits, color }) => el("span", {}, el("i", { style: `background: ${color}` }), `${name}: ${count(language, bits)}`));
  return [el("p", {}, say(language, "bitsByPart")), bar, el("p", { class: "ef21-legend" }, ...legend)];
}
