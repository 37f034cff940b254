// How fast the singular values of a layer fall, by unfolding: of what was wanted, and of what arrived.

import { Plot } from "../chart/plotly.js";
import { ink, PART_COLORS } from "../shared/colors.js";
import { el, write } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { spectraOf } from "./spectrum.js";

/** @import { Folded, Language, Layout, Theme, Trace } from "../shared/types.js" */

export class Spectra {
  constructor() {
    this.plot = new Plot(() => {});
    this.title = el("h4");
    this.legend = el("p", { class: "ef21-legend" });
    this.node = el("div", { class: "ef21-spectra", hidden: true });
  }

  /**
   * @param {Folded} message of one layer
   * @param {number[]} shape
   * @param {Theme} theme
   * @param {Language} language
   */
  show(message, shape, theme, language) {
    const [wanted, received] = [message.wanted, message.received].map((values) => spectraOf(values, shape));
    if (!wanted.length) {
      this.hide();
      return;
    }
    this.node.hidden = false;
    if (!this.node.children.length) this.node.append(this.title, this.plot.node, this.legend);
    write(this.title, say(language, "spectraTitle"));
    const colors = wanted.map((_, at) => ink(PART_COLORS[at % PART_COLORS.length], theme));
    const traces = wanted.flatMap(({ values }, at) => [line(values, colors[at], "solid"), line(received[at].values, colors[at], "dot")]);
    const named = wanted.map(({ mode, side }, at) =>
      el("span", {}, el("i", { style: `background: ${colors[at]}` }), say(language, wanted.length > 1 ? "mode" : "matrix", { mode, side })),
    );
    this.legend.replaceChildren(...named, el("span", {}, say(language, "spectraLines")));
    this.plot.node.setAttribute("aria-label", say(language, "spectraTitle"));
    void this.plot.draw(() => ({ traces, layout: layoutOf(theme, language), config: {} }));
  }

  hide() {
    this.node.hidden = true;
    this.node.replaceChildren();
  }

  dispose() {
    this.plot.dispose();
  }
}

/**
 * @param {number[]} values
 * @param {string} color
 * @param {string} dash
 * @returns {Trace}
 */
function line(values, color, dash) {
  const [x, y] = [values.map((_, at) => at + 1), values];
  const marker = { color, size: dash === "solid" ? 5 : 8, symbol: dash === "solid" ? "circle" : "circle-open" };
  return { type: "scatter", mode: "lines+markers", hoverinfo: "skip", showlegend: false, x, y, line: { color, dash, width: 2 }, marker };
}

/**
 * @param {Theme} theme
 * @param {Language} language
 * @returns {Layout}
 */
function layoutOf(theme, language) {
  const axis = { gridcolor: theme.grid, linecolor: theme.faint, zeroline: false, automargin: true, fixedrange: true };
  return {
    showlegend: false,
    hovermode: false,
    dragmode: false,
    autosize: true,
    margin: { l: 8, r: 14, t: 8, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, color: theme.text, size: 13 },
    separators: language === "ru" ? ",\u202f" : ".,",
    xaxis: { ...axis, rangemode: "tozero", tickformat: "d", nticks: 8, title: { text: say(language, "singularNumber"), standoff: 8 } },
    yaxis: { ...axis, type: "log", exponentformat: "power", nticks: 5, title: { text: "σ / σ₁", standoff: 6 } },
  };
}
