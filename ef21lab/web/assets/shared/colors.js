// Colours as numbers, and the two colour scales. No DOM here.

/** @import { Ghost, Theme } from "./types.js" */
/** @typedef {[number, number, number]} Rgb red, green, blue in 0..255 */

// Cividis: rises in lightness from end to end, for every kind of colour vision and in grey.
export const ERROR_STOPS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
export const SIGNED_STOPS = {
  light: ["#08306b", "#2c6fb0", "#8bbbdc", "#f4f4f2", "#f2ab7c", "#c8571b", "#6e2503"],
  dark: ["#a8d8ff", "#4ea3e6", "#1f5687", "#15181f", "#8a431b", "#e8823c", "#ffd2a8"],
};
export const PART_COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999"]; // of a message's parts
const TOWARDS_WHITE = 0.28; // that a run's colour goes on a dark page

/**
 * @param {string} hex #rrggbb
 * @returns {Rgb}
 */
const channels = (hex) => [parseInt(hex.slice(1, 3), 16), parseInt(hex.slice(3, 5), 16), parseInt(hex.slice(5, 7), 16)];

/**
 * A run's colour as it is drawn: lighter on a dark page, so that it stands out as well as on a light one.
 * @param {string} hex
 * @param {Pick<Theme, "dark">} theme
 */
export function ink(hex, { dark }) {
  if (!dark) return hex;
  return `#${channels(hex).map((value) => Math.round(value + (255 - value) * TOWARDS_WHITE).toString(16).padStart(2, "0").toUpperCase()).join("")}`;
}

/**
 * One of a race, in the colour in which it is drawn.
 * @param {Ghost} one
 * @param {Theme} theme
 * @returns {Ghost}
 */
export const inked = ({ style, ...one }, theme) => ({ ...one, style: { ...style, color: ink(style.color, theme) } });

/**
 * @param {string} hex
 * @param {number} opacity
 */
export const clear = (hex, opacity) => `rgba(${channels(hex).join(",")},${opacity})`;

/** 256 colours of a relative error in [0, 1], packed for ImageData; the last one means none and is clear. */
export function errorColors() {
  const colors = new Uint32Array(256);
  colors.set(packed(ERROR_STOPS, 255));
  return colors;
}

/**
 * 511 colours of a signed value in [−1, 1], neutral in the middle.
 * @param {boolean} dark
 */
export const signedColors = (dark) => packed(SIGNED_STOPS[dark ? "dark" : "light"], 511);

/**
 * The CSS gradient of the signed scale, low to high.
 * @param {boolean} dark
 */
export const signedGradient = (dark) => `linear-gradient(to right, ${SIGNED_STOPS[dark ? "dark" : "light"].join(", ")})`;

/**
 * A packed colour as CSS.
 * @param {number} color
 */
export const css = (color) => `rgb(${color & 255},${(color >> 8) & 255},${(color >> 16) & 255})`;

/**
 * So many colours along a scale.
 * @param {string[]} stops
 * @param {number} length
 */
function packed(stops, length) {
  const colors = stops.map(channels);
  return Uint32Array.from({ length }, (_, index) => pack(between(colors, index / (length - 1))));
}

/**
 * @param {Rgb[]} colors
 * @param {number} share
 * @returns {Rgb}
 */
function between(colors, share) {
  const place = share * (colors.length - 1);
  const low = Math.min(Math.floor(place), colors.length - 2);
  const mixed = (/** @type {0 | 1 | 2} */ channel) => colors[low][channel] + (colors[low + 1][channel] - colors[low][channel]) * (place - low);
  return [mixed(0), mixed(1), mixed(2)];
}

/** @param {Rgb} color */
function pack([red, green, blue]) {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0; // little-endian RGBA
}
