// The letters of the lab, each defined where it stands. What they mean comes from the page, in its language: {letter: definition}.

import { el } from "./dom.js";

/** @import { Letters } from "./types.js" */
/** @typedef {{ words: string, definition: string | null }} Piece of words: a letter with its definition, or what stands between */

const WITHIN = "[\\p{L}\\p{N}\\p{M}]"; // what makes a letter a part of something longer

/**
 * Words cut at the letters among them, which have a definition.
 * @param {string} words
 * @param {Letters | undefined} letters
 * @returns {Piece[]}
 */
export function pieces(words, letters = {}) {
  const names = Object.keys(letters).sort((one, two) => two.length - one.length);
  if (!names.length) return [{ words, definition: null }];
  const letter = new RegExp(`(?<!${WITHIN})(${names.map(escaped).join("|")})(?!${WITHIN})`, "u");
  return words.split(letter).map((part, at) => ({ words: part, definition: at % 2 ? letters[part] : null })).filter((piece) => piece.words);
}

/**
 * The definitions of the letters in these words, each once, in the order of the words.
 * @param {string} words
 * @param {Letters | undefined} letters
 */
export function definitions(words, letters) {
  return [...new Set(pieces(words, letters).map(({ definition }) => definition))].filter((definition) => definition !== null);
}

/**
 * Write words whose letters say on hover what they mean; where the same is written already, leave it.
 * @param {HTMLElement} node
 * @param {string} words
 * @param {Letters | undefined} letters
 */
export function writeDefined(node, words, letters) {
  const found = pieces(words, letters);
  const written = JSON.stringify(found);
  if (node.dataset.written === written) return;
  node.dataset.written = written;
  node.replaceChildren(...found.map((piece) => (piece.definition ? el("abbr", { title: piece.definition }, piece.words) : piece.words)));
}

/** @param {string} letter */
const escaped = (letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
