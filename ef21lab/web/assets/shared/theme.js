// Colours and font of the page that a view stands in.

import { drawing } from "./dom.js";

/** @import { Theme } from "./types.js" */

/**
 * What the page looks like now, read from Streamlit's CSS variables, or from the page itself where there are none.
 * @param {HTMLElement} node
 */
export function themeOf(node) {
  const style = getComputedStyle(node);
  const given = (/** @type {string} */ name) => style.getPropertyValue(`--st-${name}`).trim();
  const background = given("background-color") || pageBackground(node);
  return themed({ background, text: given("text-color") || style.color, panel: given("secondary-background-color") }, {
    dark: luminance(background) < 0.4,
    font: style.fontFamily,
  });
}

/**
 * The whole theme of a page with these colours; the panel is our own where the page has none.
 * @param {{ background: string, text: string, panel: string }} given
 * @param {{ dark: boolean, font: string }} page
 * @returns {Theme}
 */
export function themed({ background, text, panel }, { dark, font }) {
  return {
    dark,
    background,
    text,
    panel: panel || (dark ? "#262730" : "#f0f2f6"),
    font,
    faint: dark ? "rgba(255,255,255,0.12)" : "rgba(20,30,50,0.10)",
    muted: dark ? "rgba(255,255,255,0.72)" : "rgba(20,30,50,0.76)",
    grid: dark ? "rgba(255,255,255,0.09)" : "rgba(20,30,50,0.08)",
  };
}

/** @param {HTMLElement} node */
function pageBackground(node) {
  for (let at = /** @type {HTMLElement | null} */ (node); at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color && color !== "transparent" && !/, 0\)$/.test(color)) return color;
  }
  return "#ffffff";
}

/** @param {string} color any that CSS has */
function luminance(color) {
  const [red, green, blue] = seen(color);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/**
 * A CSS colour as it comes out: red, green, blue in 0..255.
 * @param {string} color
 */
function seen(color) {
  const context = drawing(Object.assign(document.createElement("canvas"), { width: 1, height: 1 }), { willReadFrequently: true });
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}
