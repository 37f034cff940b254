// The letters of the lab, each defined where it stands. What they mean comes from the page, in its language: {letter: definition}.

import { el } from "./dom.js";

const WITHIN = "[\\p{L}\\p{N}\\p{M}]"; // what makes a letter a part of something longer

/** Words cut at the letters among them, which have a definition: [{words, definition}]; null for what stands between. */
export function pieces(words, letters) {
  const names = Object.keys(letters ?? {}).sort((one, two) => two.length - one.length);
  if (!names.length) return [{ words, definition: null }];
  const letter = new RegExp(`(?<!${WITHIN})(${names.map(escaped).join("|")})(?!${WITHIN})`, "u");
  return words.split(letter).map((part, at) => ({ words: part, definition: at % 2 ? letters[part] : null })).filter((piece) => piece.words);
}

/** The definitions of the letters in these words, each once, in the order of the words. */
export function definitions(words, letters) {
  return [...new Set(pieces(words, letters).map(({ definition }) => definition))].filter(Boolean);
}

/** Write words whose letters say on hover what they mean; where the same is written already, leave it. */
export function writeDefined(node, words, letters) {
  const found = pieces(words, letters);
  const written = JSON.stringify(found);
  if (node.dataset.written === written) return;
  node.dataset.written = written;
  node.replaceChildren(...found.map((piece) => (piece.definition ? el("abbr", { title: piece.definition }, piece.words) : piece.words)));
}

const escaped = (letter) => letter.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
