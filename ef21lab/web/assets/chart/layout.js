// The axes of the chart and what stands beside them. No DOM here.

import { SHARES } from "../shared/runs.js";
import { say } from "../shared/words.js";
import { decadesOf, edgeOf, isLinear } from "./picture.js";
import { nameOf } from "./theory.js";

/** @import { ChartModel, Layout, Picture } from "../shared/types.js" */

const TICKS = 16; // the size of numbers along the axes of a large figure: plotly draws those between decades a quarter smaller
const FEW = 5; // numbers along the axis of a large figure: no small ones between decades

/**
 * @param {ChartModel} model
 * @param {Picture} picture
 * @param {number | null} height decades that a person has chosen to see; null for all
 * @returns {Layout}
 */
export function layoutOf({ theme, metric, axis, logX, language, shown, scale = 1 }, picture, height) {
  const linear = isLinear(metric);
  const onLog = `, ${say(language, "logScale")}`;
  const line = { gridcolor: theme.grid, linecolor: theme.faint, zeroline: false, automargin: true, fixedrange: false, rangemode: "tozero", ...(scale > 1 && { tickfont: { size: Math.round(TICKS * scale) } }) };
  return {
    uirevision: `${metric} ${axis} ${logX}`,
    showlegend: false,
    hovermode: false,
    dragmode: "zoom",
    autosize: true,
    margin: { l: 8, r: 14, t: 10, b: 8 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: theme.font, color: theme.text, size: Math.round(13 * scale) },
    separators: language === "ru" ? ",\u202f" : ".,",
    xaxis: {
      ...line,
      type: logX ? "log" : "linear",
      exponentformat: logX ? "power" : "none",
      separatethousands: true,
      nticks: scale > 1 ? FEW : 0,
      title: { text: say(language, axis) + (logX ? onLog : ""), standoff: 10 * scale },
    },
    yaxis: {
      ...line,
      type: linear ? "linear" : "log",
      exponentformat: "power",
      autorangeoptions: { clipmax: edgeOf(picture) },
      dtick: linear ? undefined : decadesApart(height ?? decadesOf(picture)),
      title: { text: nameOf(metric, shown, language) + (SHARES.includes(metric) ? ", %" : linear ? "" : onLog), standoff: 8 * scale },
    },
  };
}

/**
 * Whole decades between ticks where many are in sight, 1, 2 and 5 within a few; Plotly's own ticks within one.
 * @param {number} decades
 */
export const decadesApart = (decades) => (decades > 2.2 ? Math.max(1, Math.ceil(decades / 10)) : decades > 0.9 ? "D2" : undefined);
