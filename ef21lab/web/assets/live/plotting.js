// When the chart is drawn: first with its first points, or empty where none come for a while. Then the document's own picture goes.

/** @import { Chart } from "../chart/chart.js" */
/** @import { Run } from "../shared/runs.js" */
/** @import { ChartModel } from "../shared/types.js" */

// ms for which points are waited for before an empty plot is drawn: it costs as much as one with all curves, and would come before it
const EMPTY_AFTER = 500;
const FIRST = "ef21-first"; // what the server has drawn into the document of this page

export class Plotting {
  /**
   * @param {Chart} chart
   * @param {() => void} onDue when an empty plot is to be drawn
   * @param {() => void} onMissing when nothing can be drawn
   * @param {(milliseconds: number) => void} onDrawn with what a drawing took
   */
  constructor(chart, onDue, onMissing, onDrawn = () => {}) {
    this.chart = chart;
    this.onDrawn = onDrawn;
    this.onMissing = onMissing;
    this.begun = false; // from the first points on
    this.waiting = setTimeout(() => {
      this.begun = true;
      onDue();
    }, EMPTY_AFTER);
  }

  /**
   * Draw these runs, unless nothing of them is here yet and something may be in a moment. Whether they are drawn.
   * @param {Run[]} runs
   * @param {() => ChartModel} model
   */
  draw(runs, model) {
    this.begun ||= runs.some(({ length }) => length > 0);
    if (this.begun) void this.#drawn(runs, model());
    return this.begun;
  }

  dispose() {
    clearTimeout(this.waiting);
  }

  /**
   * @param {Run[]} runs
   * @param {ChartModel} model
   */
  async #drawn(runs, model) {
    const [whole, began] = [runs.every(({ length }) => length > 0), performance.now()];
    await this.chart.draw(model);
    this.onDrawn(performance.now() - began);
    if (this.chart.missing) this.onMissing();
    if (whole || this.chart.missing) document.getElementById(FIRST)?.remove();
  }
}
