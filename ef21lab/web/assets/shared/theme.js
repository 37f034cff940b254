// Colours and fonts of the page the view stands in, and the two colour scales.

/** What the page looks like now, read from Streamlit's CSS variables, or from the page itself where there are none. */
export function themeOf(node) {
  const style = getComputedStyle(node);
  const variable = (name, fallback) => style.getPropertyValue(name).trim() || fallback;
  const background = variable("--st-background-color", pageBackground(node));
  const dark = luminance(background) < 0.4;
  return {
    dark,
    background,
    text: variable("--st-text-color", style.color),
    panel: variable("--st-secondary-background-color", dark ? "#262730" : "#f0f2f6"),
    accent: variable("--st-primary-color", dark ? "#56b4e9" : "#0072b2"),
    font: style.fontFamily,
    faint: dark ? "rgba(255,255,255,0.12)" : "rgba(20,30,50,0.10)",
    muted: dark ? "rgba(255,255,255,0.72)" : "rgba(20,30,50,0.76)",
    grid: dark ? "rgba(255,255,255,0.09)" : "rgba(20,30,50,0.08)",
  };
}

function pageBackground(node) {
  for (let at = node; at; at = at.parentElement) {
    const color = getComputedStyle(at).backgroundColor;
    if (color && color !== "transparent" && !/, 0\)$/.test(color)) return color;
  }
  return "#ffffff";
}

/** A run's colour as it is drawn: lighter on a dark page, so that it stands out as well as on a light one. */
export function ink(color, theme) {
  return theme.dark ? `rgb(${rgb(color).map((value) => Math.round(value + (255 - value) * 0.28)).join(",")})` : color;
}

function luminance(color) {
  const [red, green, blue] = rgb(color);
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
}

/** Any CSS colour as three numbers 0..255. */
export function rgb(color) {
  const context = rgb.context ?? (rgb.context = document.createElement("canvas").getContext("2d", { willReadFrequently: true }));
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

// Cividis: rises in lightness from end to end, for every kind of colour vision and in grey.
const ERROR_STOPS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];
const SIGNED_STOPS = {
  light: ["#08306b", "#2c6fb0", "#8bbbdc", "#f4f4f2", "#f2ab7c", "#c8571b", "#6e2503"],
  dark: ["#a8d8ff", "#4ea3e6", "#1f5687", "#15181f", "#8a431b", "#e8823c", "#ffd2a8"],
};

/** 256 colours of a relative error in [0, 1], packed for ImageData; the last level (255) means none and is clear. */
export function errorColors() {
  const table = packedTable(ERROR_STOPS, 255);
  const colors = new Uint32Array(256);
  colors.set(table);
  return colors;
}

/** 511 colours of a signed value in [−1, 1], neutral in the middle. */
export function signedColors(dark) {
  return packedTable(SIGNED_STOPS[dark ? "dark" : "light"], 511);
}

/** The CSS gradients of both scales, low to high. */
export const errorGradient = (direction) => `linear-gradient(${direction}, ${ERROR_STOPS.join(", ")})`;
export const signedGradient = (dark) => `linear-gradient(to right, ${SIGNED_STOPS[dark ? "dark" : "light"].join(", ")})`;

function packedTable(stops, length) {
  const colors = stops.map((stop) => [1, 3, 5].map((at) => parseInt(stop.slice(at, at + 2), 16)));
  return Uint32Array.from({ length }, (_, index) => pack(between(colors, index / (length - 1))));
}

function between(colors, share) {
  const place = share * (colors.length - 1);
  const low = Math.min(Math.floor(place), colors.length - 2);
  return colors[low].map((value, channel) => value + (colors[low + 1][channel] - value) * (place - low));
}

function pack([red, green, blue]) {
  return ((255 << 24) | (Math.round(blue) << 16) | (Math.round(green) << 8) | Math.round(red)) >>> 0; // little-endian RGBA
}
