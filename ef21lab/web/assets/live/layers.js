// The strip of a network's layers: how much of each is lost in every round, and what the chosen one weighs.

import { el, write } from "../shared/dom.js";
import { sidesOf } from "../microscope/layered.js";
import { percent } from "../shared/numbers.js";
import { say } from "../shared/words.js";
import { scaleOf } from "../heatmap/errorscale.js";
import { Heatmap } from "../heatmap/heatmap.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Language, Picks, Theme } from "../shared/types.js" */
/** @import { Rows } from "../heatmap/paint.js" */
/**
 * @typedef {{
 *   run: Run | undefined, layout: number[][] | null | undefined, picked: { node: number, round: number | null }, theme: Theme, language: Language
 * }} LayersModel `picked.node` is the layer
 */

/** @type {Rows} */
const OF_LAYERS = { of: ({ layers }) => layers, axis: "layer", cell: "layerCell", title: "layersTitle", first: 1 };

export class Layers {
  /** @param {(change: Partial<Picks>) => void} onPick what a person chose */
  constructor(onPick) {
    this.heatmap = new Heatmap(() => {}, ({ node, round }) => onPick({ layer: node, round }), OF_LAYERS);
    this.title = el("h4");
    this.about = el("p", { class: "ef21-about" });
    this.weight = el("p", { class: "ef21-about" });
    this.parts = [el("header", {}, this.title, this.about), this.heatmap.node, this.weight];
    this.node = el("section", { class: "ef21-layers", hidden: true });
  }

  /** @param {LayersModel} model */
  draw({ run, layout, picked, theme, language }) {
    const shown = run && run.layers.nodes > 0 && layout?.length === run.layers.nodes;
    this.node.hidden = !shown;
    if (!shown) {
      this.node.replaceChildren(); // two heatmaps are no more than there is to see
      return;
    }
    if (!this.node.children.length) this.node.append(...this.parts);
    write(this.title, say(language, "layersTitle"));
    write(this.about, say(language, "layersAbout"));
    write(this.weight, weightOf(run, layout, picked.node, language));
    this.heatmap.draw({ run, scale: scaleOf([{ errors: run.layers }]), theme, language, picked });
  }

  dispose() {
    this.heatmap.dispose();
  }
}

/**
 * Which shape the chosen layer has, how much of ‖∇f‖² it is and how much of what is sent.
 * @param {Run} run
 * @param {number[][]} layout
 * @param {number} layer
 * @param {Language} language
 */
export function weightOf({ layers }, layout, layer, language) {
  if (!(layer in layout)) return "";
  const share = (/** @type {Float64Array} */ each) => each[layer] / each.reduce((sum, one) => sum + one, 0);
  const [energy, bits] = [share(layers.energy), share(layers.bits)];
  const words = { layer: layer + 1, sides: sidesOf(layout[layer]), energy: percent(language, energy), bits: percent(language, bits) };
  return say(language, Number.isFinite(bits) ? "layerWeight" : "layerEnergy", words);
}
