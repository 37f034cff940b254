// The buttons: what to do with the runs, how to look at the chart, and how to take it away.

import { el, icon, write } from "../shared/dom.js";
import { say } from "../shared/words.js";

/** @import { Run } from "../shared/runs.js" */
/** @import { Language } from "../shared/types.js" */

/** @type {Record<string, string>} */
const ICONS = {
  pause: "M4 2h3v12H4zM9 2h3v12H9z",
  resume: "M4 2l9 6-9 6z",
  step: "M3 2l7 6-7 6zM11 2h2.5v12H11z",
  stop: "M3 3h10v10H3z",
  save: "M7 1h2v7l2.5-2.5 1.4 1.4L8 11.8 3.1 6.9l1.4-1.4L7 8zM2 13h12v2H2z",
};

/** The states of a run in which a command means something. @type {Record<string, string[]>} */
export const APPLIES = {
  pause: ["running", "queued"],
  resume: ["paused", "cancelled", "failed"],
  step: ["paused", "running", "queued"],
  stop: ["running", "queued", "paused"],
};

/**
 * Whether a command means something to a run. One that goes on for others only can be joined again, not paused again.
 * @param {string} name
 * @param {Pick<Run, "state" | "overridden" | "wish">} run
 */
export const applies = (name, { state, overridden, wish }) =>
  overridden ? name === "resume" || (name === "stop" && wish === "pause") : APPLIES[name].includes(state);

export class Toolbar {
  /** @param {{ command(name: string, keys: string[]): void, logX(): void, reset(): void, save(format: string): void }} act */
  constructor(act) {
    /** @type {Run[]} */
    this.runs = [];
    this.commands = Object.fromEntries(
      Object.keys(APPLIES).map((name) => [name, button(ICONS[name], () => act.command(name, this.#keys(name)))]),
    );
    this.logX = button(null, act.logX);
    this.reset = button(null, act.reset);
    this.saves = Object.fromEntries(["PNG", "SVG", "HTML"].map((format) => [format, button(ICONS.save, () => act.save(format))]));
    const groups = [Object.values(this.commands), [this.logX, this.reset], Object.values(this.saves)];
    this.node = el("div", { class: "ef21-toolbar", role: "toolbar" }, ...groups.map((group) => el("div", {}, ...group.map(({ node }) => node))));
  }

  /** @param {{ runs: Run[], logX: boolean, whole: boolean, language: Language }} model */
  draw({ runs, logX, whole, language }) {
    this.runs = runs;
    this.node.setAttribute("aria-label", say(language, "controls"));
    for (const [name, { node, label }] of Object.entries(this.commands)) {
      write(label, say(language, name));
      node.title = say(language, name);
      node.disabled = !this.#keys(name).length;
    }
    this.commands.pause.node.hidden = this.commands.pause.node.disabled && !this.commands.resume.node.disabled;
    this.commands.resume.node.hidden = !this.commands.pause.node.hidden;
    this.#drawView(logX, whole, language);
  }

  /**
   * @param {boolean} logX
   * @param {boolean} whole
   * @param {Language} language
   */
  #drawView(logX, whole, language) {
    write(this.logX.label, say(language, "logX"));
    this.logX.node.title = say(language, "logXHint");
    this.logX.node.setAttribute("aria-pressed", String(logX));
    write(this.reset.label, say(language, "reset"));
    this.reset.node.title = say(language, "resetHint");
    this.reset.node.setAttribute("aria-pressed", String(whole));
    for (const [format, { node, label }] of Object.entries(this.saves)) {
      write(label, format);
      node.title = say(language, "saveAs", { format });
      node.setAttribute("aria-label", node.title);
    }
  }

  /** @param {string} name */
  #keys(name) {
    return this.runs.filter((run) => applies(name, run)).map(({ key }) => key);
  }
}

/**
 * @param {string | null} path of its icon
 * @param {() => void} onclick
 */
function button(path, onclick) {
  const label = el("span");
  return { node: el("button", { type: "button", class: "ef21-button", onclick }, path ? icon(path) : null, label), label };
}
