// All that is to be seen at one moment, for each part what it draws of it. No DOM here.

import { nameOf } from "../chart/theory.js";

/** @import { ErrorsModel } from "../heatmap/errors.js" */
/** @import { PicturesModel } from "../microscope/pictures.js" */
/** @import { ChartModel, Language, LiveData, Theme } from "../shared/types.js" */
/** @import { Picked } from "./picked.js" */
/** @import { Racing } from "./racing.js" */
/** @typedef {{ data: LiveData, base: string, language: Language, theme: Theme }} Page what was handed over last */

export class Scene {
  /**
   * @param {Page} page
   * @param {Racing} racing
   * @param {Picked} picked
   */
  constructor({ data, base, language, theme }, racing, picked) {
    const { runs, styles } = racing;
    this.data = data;
    this.base = base;
    this.look = { language, theme };
    this.racing = racing;
    this.picked = picked;
    this.logX = picked.logX(data.axis);
    this.chosen = picked.chosen(runs.length);
    this.run = runs.at(Math.max(0, this.chosen)); // whose messages are looked at
    this.style = styles.at(Math.max(0, this.chosen));
    this.shown = racing.shown(data.metric, theme);
  }

  get cards() {
    const { language } = this.look;
    return { shown: this.shown, metric: nameOf(this.data.metric, this.shown, language), letters: this.data.letters, language };
  }

  get toolbar() {
    return { runs: this.racing.runs, logX: this.logX, whole: this.picked.picks.whole, language: this.look.language };
  }

  /** @returns {ChartModel} */
  get chart() {
    const { metric, axis, theory = false, about, speaks } = this.data;
    const ghosts = this.racing.were(this.look.theme);
    return { shown: this.shown, ghosts, metric, axis, theory, about, speaks, logX: this.logX, whole: this.picked.picks.whole, ...this.look };
  }

  get caption() {
    const { metric, theory = false, letters } = this.data;
    return { shown: this.shown, metric, theory, letters, language: this.look.language };
  }

  /** @returns {ErrorsModel} */
  get errors() {
    const { runs, styles } = this.racing;
    return { runs, styles, chosen: this.chosen, oneScale: this.picked.picks.oneScale, picked: this.picked.cell(this.run), ...this.look };
  }

  /** @returns {PicturesModel} */
  get pictures() {
    const { dims, message } = this.style ?? {};
    return { base: this.base, run: this.run, dims, message, ...this.picked.message(this.run), slice: this.picked.picks.slice, ...this.look };
  }
}
