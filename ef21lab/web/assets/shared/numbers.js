// Numbers as each language writes them.

import { SHARES } from "./runs.js";

/** @import { Language } from "./types.js" */

/**
 * A whole number with its thousands set apart: 20,481, in Russian by a narrow no-break space.
 * @param {Language} language
 * @param {number} number
 */
export function count(language, number) {
  return marked(language, new Intl.NumberFormat("en").format(Math.round(number)).replace("-", "−"));
}

/** @type {(language: Language, words: string) => string} */
const marked = (language, words) => (language === "ru" ? words.replaceAll(",", "\u202f").replace(".", ",") : words);

/** @type {Record<string, string>} */
const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/**
 * Three significant digits, as 0.123, 1,230 or 1.23·10⁻⁷; with the language's marks. A dash for what is no number.
 * @param {Language} language
 * @param {number | null | undefined} number
 */
export function short(language, number) {
  if (number === null || number === undefined || !Number.isFinite(number)) return "—";
  const size = Math.abs(number);
  if (size === 0) return "0";
  const sign = number < 0 ? "−" : "";
  const [digits = "", power = "0"] = size.toExponential(2).split("e");
  if (Number(power) >= -2 && Number(power) < 4) return sign + marked(language, new Intl.NumberFormat("en", { maximumSignificantDigits: 3 }).format(size));
  const scale = `10${[...power.replace("+", "")].map((digit) => SUPERSCRIPTS[digit]).join("")}`;
  return sign + (Number(digits) === 1 ? scale : `${marked(language, String(Number(digits)))}·${scale}`);
}

/**
 * A share of one as per cent: 12.3%, in Russian set apart.
 * @param {Language} language
 * @param {number} share
 */
export const percent = (language, share) => `${short(language, 100 * share)}${language === "ru" ? "\u00a0" : ""}%`;

/**
 * A value of a metric: three digits, and what are shares as per cent.
 * @param {Language} language
 * @param {string} metric
 * @param {number | null | undefined} value
 */
export function measured(language, metric, value) {
  return SHARES.includes(metric) && value !== null && value !== undefined && Number.isFinite(value) ? percent(language, value / 100) : short(language, value);
}
