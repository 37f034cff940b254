// The section of relative errors: whose they are, on which scale, and the heatmap.

import { el, write } from "../shared/dom.js";
import { say } from "../shared/words.js";
import { scaleOf } from "./errorscale.js";
import { Heatmap } from "./heatmap.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Cell, Language, Picks, Style, Theme } from "../shared/types.js" */
/**
 * @typedef {{
 *   runs: Run[], styles: Style[], chosen: number, oneScale: boolean, picked: { node: number, round: number | null }, theme: Theme, language: Language
 * }} ErrorsModel
 */

export class Errors {
  /**
   * @param {(change: Partial<Picks>) => void} onPick what a person chose
   * @param {(cell: Cell | null) => void} onHover
   */
  constructor(onPick, onHover) {
    this.heatmap = new Heatmap(onHover, onPick);
    this.select = el("select", { onchange: () => onPick({ contender: Number(this.select.value) }) });
    this.selectLabel = el("span");
    this.oneScale = el("button", { type: "button", class: "ef21-button", onclick: () => onPick({ oneScale: !this.model?.oneScale }) });
    this.title = el("h4");
    this.about = el("p", { class: "ef21-about" });
    const whose = el("label", { class: "ef21-select" }, this.selectLabel, this.select);
    this.node = el("section", { class: "ef21-errors" }, el("header", {}, this.title, this.oneScale, whose, this.about), this.heatmap.node);
    /** @type {ErrorsModel | null} */
    this.model = null;
  }

  /** @param {ErrorsModel} model */
  draw(model) {
    this.model = model;
    const { runs, styles, chosen, oneScale, picked, theme, language } = model;
    const [run, style] = /** @type {[Run | undefined, Style | undefined]} */ ([runs[chosen], styles[chosen]]);
    write(this.title, say(language, "errorsTitle"));
    write(this.about, say(language, "errorsAbout", { message: style?.message }));
    this.#drawSelect(model);
    write(this.oneScale, say(language, "oneScale"));
    this.oneScale.title = say(language, "oneScaleHint");
    this.oneScale.setAttribute("aria-pressed", String(oneScale));
    this.oneScale.hidden = runs.length < 2;
    const scale = scaleOf(oneScale ? runs : run ? [run] : []);
    this.heatmap.draw({ run, scale, theme, language, picked });
  }

  /** @param {ErrorsModel} model */
  #drawSelect({ styles, chosen, language }) {
    write(this.selectLabel, say(language, "contender"));
    const labels = styles.map(({ label }) => label);
    if (this.select.dataset.labels !== JSON.stringify(labels)) {
      this.select.replaceChildren(...labels.map((label, at) => el("option", { value: at }, label)));
      this.select.dataset.labels = JSON.stringify(labels);
    }
    this.select.value = String(chosen);
  }

  dispose() {
    this.heatmap.dispose();
  }
}
