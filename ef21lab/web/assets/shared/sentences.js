// Sentences with slots, filled as the server fills its own.

import { count, short } from "./numbers.js";

/** @import { Language, Slot } from "./types.js" */

/**
 * A sentence with its {slots} filled: a whole number in full, another and {about: number} to three digits, words as they are.
 * After a number a slot may name the forms of its noun, {n:round|rounds}.
 * @param {Language} language
 * @param {string} sentence
 * @param {Record<string, Slot>} values
 * @returns {string}
 */
export function filled(language, sentence, values) {
  return sentence.replace(/\{(\w+)(?::([^}]*))?\}/g, (_, /** @type {string} */ slot, /** @type {string | undefined} */ forms) => {
    const given = values[slot] ?? "";
    const value = typeof given === "object" ? given.about : given;
    if (typeof value !== "number") return value;
    const shown = Number.isInteger(given) ? count(language, value) : short(language, value);
    return forms ? `${shown}${language === "ru" ? "\u00a0" : " "}${form(language, value, forms.split("|"))}` : shown;
  });
}

const RULES = { en: new Intl.PluralRules("en"), ru: new Intl.PluralRules("ru") };

/** @type {Record<Language, Record<string, number>>} */
const PLACES = { en: { one: 0, other: 1 }, ru: { one: 0, few: 1, many: 2, other: 3 } };

/**
 * The form of a noun after a number; a Russian fraction without a form of its own takes the second.
 * @param {Language} language
 * @param {number} number
 * @param {string[]} forms
 */
function form(language, number, forms) {
  const category = !Number.isFinite(number) ? "many" : Number.isInteger(number) ? RULES[language].select(Math.abs(number)) : "other";
  return forms[PLACES[language][category] ?? 1] ?? forms[1] ?? "";
}
