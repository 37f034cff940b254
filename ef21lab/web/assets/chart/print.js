// The figure as it is taken home: of a size of its own whatever the window is, with a title, what it is about, a legend, and its address in the margin.

import { drawing } from "../shared/dom.js";

/** @import { Layout, Printed, Theme, Trace } from "../shared/types.js" */
/** @typedef {(text: string, size: number) => number} Measure the width of a text in pixels */
/** @typedef {(text: string) => number} Sized the same at one size */

export const WIDTH = 1000;
const PLOT = 440; // the height of the plot itself
const EDGE = { l: 88, r: 32 };
export const ROOM = { width: WIDTH - EDGE.l - EDGE.r, height: PLOT }; // of the plot itself
const LINE = 1.3; // the height of a line of text, in sizes of its letters
const SWATCH = 46; // what a legend's entry has before its words
const UNDER_AXIS = 62; // ticks and title
export const FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"; // a picture is drawn without the page's own fonts
const SIZES = { title: 18, about: 13, legend: 13, link: 10 };

/**
 * The figure of these traces. Words are plain.
 * @param {{
 *   traces: Trace[], layout: Layout, words: { title: string, about: string, link: string },
 *   colors: Pick<Theme, "background" | "muted">, measure: Measure
 * }} given
 * @returns {Printed}
 */
export function printed({ traces, layout, words, colors, measure }) {
  const room = WIDTH - EDGE.l - EDGE.r;
  const rows = (/** @type {keyof typeof SIZES} */ name, /** @type {string} */ said, width = room) => wrapped(said, width, (text) => measure(text, SIZES[name]));
  const [title, about, link] = [rows("title", words.title), rows("about", words.about), rows("link", words.link)];
  const named = traces.map((trace) => ({ ...trace, name: rows("legend", trace.name ?? "", room - SWATCH) }));
  const entries = named.filter(({ showlegend, visible }) => showlegend !== false && visible !== false);
  const legend = 20 + entries.reduce((sum, { name }) => sum + high(name, "legend") + 6, 0);
  const margin = { ...EDGE, t: 18 + high(title, "title") + 4 + high(about, "about") + legend, b: UNDER_AXIS + 8 + high(link, "link") + 10, pad: 0 };
  const height = margin.t + PLOT + margin.b;
  const text = { xref: "paper", x: 0, xanchor: "left", align: "left", showarrow: false };
  return {
    width: WIDTH,
    height,
    data: named.map((trace) => ({ ...trace, name: lines(trace.name) })),
    layout: {
      ...layout,
      margin,
      font: { ...layout.font, family: FONT },
      paper_bgcolor: colors.background,
      showlegend: true,
      legend: { orientation: "v", x: 0, xanchor: "left", y: 1 + 8 / PLOT, yanchor: "bottom", font: { size: SIZES.legend }, bgcolor: "rgba(0,0,0,0)", itemwidth: 36 },
      annotations: [
        .../** @type {object[]} */ (layout.annotations ?? []),
        { ...text, yref: "paper", y: 1, yanchor: "top", yshift: margin.t - 16, text: `<b>${lines(title)}</b>`, font: { size: SIZES.title } },
        { ...text, yref: "paper", y: 1, yanchor: "top", yshift: margin.t - 20 - high(title, "title"), text: lines(about), font: { size: SIZES.about } },
        { ...text, yref: "paper", y: 0, yanchor: "top", yshift: -UNDER_AXIS, text: lines(link), font: { size: SIZES.link, color: colors.muted } },
      ],
    },
  };
}

/** @type {(rows: string[], name: keyof typeof SIZES) => number} */
const high = (rows, name) => rows.length * SIZES[name] * LINE;

/**
 * Rows of text as plotly reads them: it takes tags for tags.
 * @param {string[]} rows
 */
const lines = (rows) => rows.map((row) => row.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")).join("<br>");

/**
 * A text in rows no wider than `room`: broken after a blank or a sign of an address, and in the middle of what is too long even so.
 * @param {string} text
 * @param {number} room
 * @param {Sized} measure
 */
export function wrapped(text, room, measure) {
  /** @type {string[]} */
  const rows = [];
  let row = "";
  for (const piece of text.split(/(?<=[\s&?;,])/)) {
    if (row && measure((row + piece).trimEnd()) > room) {
      rows.push(row.trimEnd());
      row = "";
    }
    row += piece;
    while (measure(row.trimEnd()) > room) {
      const fits = longest(row, room, measure);
      rows.push(row.slice(0, fits));
      row = row.slice(fits);
    }
  }
  return row.trimEnd() ? [...rows, row.trimEnd()] : rows;
}

/**
 * How many of the first signs of a text fit; at least one.
 * @param {string} text
 * @param {number} room
 * @param {Sized} measure
 */
function longest(text, room, measure) {
  let fits = 1;
  while (fits < text.length && measure(text.slice(0, fits + 1)) <= room) fits += 1;
  return fits;
}

/** @type {CanvasRenderingContext2D | undefined} */
let measuring;

/**
 * The width of a text in the printed font.
 * @type {Measure}
 */
export const measured = (text, size) => measuredIn(`bold ${size}px ${FONT}`, text); // a little wider than most of it is

/**
 * The width of a text in some font.
 * @param {string} font
 * @param {string} text
 */
export function measuredIn(font, text) {
  measuring ??= drawing(document.createElement("canvas"));
  measuring.font = font;
  return measuring.measureText(text).width;
}
