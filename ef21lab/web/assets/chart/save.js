// The figure as a file: a picture, or a page that stays interactive without a network.

import { el } from "../shared/dom.js";
import { loadPlotly, SOURCE } from "./plotly.js";

/** @import { Printed } from "../shared/types.js" */

/**
 * Save a figure as PNG, SVG or HTML; nothing where there is none.
 * @param {Printed | null} figure
 * @param {string} format
 * @param {string} name of the file, without its ending
 */
export async function save(figure, format, name) {
  if (!figure) return;
  if (format === "HTML") {
    download(await page(figure, name), `${name}.html`);
    return;
  }
  const { data, layout, width, height } = figure;
  const options = { format: format.toLowerCase(), width, height, scale: format === "PNG" ? 2 : 1 };
  const response = await fetch(await (await loadPlotly()).toImage({ data, layout }, options));
  download(await response.blob(), `${name}.${options.format}`);
}

/**
 * A page that holds plotly itself and draws the figure.
 * @param {Printed} figure
 * @param {string} name
 */
async function page(figure, name) {
  const plotly = await (await fetch(SOURCE)).text();
  const drawn = JSON.stringify(figure).replaceAll("<", "\\u003c");
  const script = plotly.replaceAll("</script", "<\\/script");
  const parts = [
    `<!doctype html><html><head><meta charset="utf-8"><title>${name}</title>`,
    `<style>html,body,#figure{height:100%;margin:0;background:${figure.layout.paper_bgcolor}}`,
    `#figure{min-height:${figure.height}px;min-width:${figure.width}px}</style></head>`,
    '<body><div id="figure"></div><script>',
    script,
    "</script><script>const figure = ",
    drawn,
    ';Plotly.newPlot("figure", figure.data, figure.layout, { responsive: true });</script></body></html>',
  ];
  return new Blob(parts, { type: "text/html" });
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function download(blob, name) {
  const url = URL.createObjectURL(blob);
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}
