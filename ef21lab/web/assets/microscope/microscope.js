// The microscope: one vector under one operator, its pictures and its bill, following a slider while it moves.
//
// It is handed MicroscopeData; vector and spec are JSON objects of the lab. It sets the state "picked" {rung, slice} once a slider is let go.

import { api } from "../shared/api.js";
import { floats } from "../shared/column.js";
import { el, settled, stylesheet, write } from "../shared/dom.js";
import { Memory } from "../shared/memory.js";
import { mounting } from "../shared/mount.js";
import { themeOf } from "../shared/theme.js";
import { say } from "../shared/words.js";
import { billOf, energyOf, partsOf } from "./facts.js";
import { compared, face } from "./folded.js";
import { slider } from "./slider.js";
import { Triptych } from "./triptych.js";

/** @import { Both, Component, Language, MicroscopeData, Theme } from "../shared/types.js" */
/** @import { Look } from "./facts.js" */
/** @typedef {{ error: Both }} Refused in words of both languages */
/** @typedef {{ rung: number, slice: number }} Picked */
/** @typedef {{ component: Component<MicroscopeData>, data: MicroscopeData, language: Language, theme: Theme }} Page what was handed over last */

const KEPT = 80; // looks remembered
const REST = 150; // ms after which a slider has been let go
const UNREACHED = { error: { en: "the server does not answer", ru: "сервер не отвечает" } };

/** Show `component` in its parent; the view there, if any, goes on with the new data. Returns the clean-up of this mount. */
export const mount = mounting((/** @type {HTMLElement} */ parent) => new View(parent));

class View {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent;
    /** @type {Page | null} */
    this.page = null;
    /** @type {Picked} */
    this.picked = { rung: 0, slice: 0 };
    this.given = "";
    /** Looks by address. @type {Memory<Look | Refused>} */
    this.memory = new Memory(KEPT);
    this.asking = false;
    this.tell = settled(REST, () => this.page?.component.setStateValue?.("picked", this.picked));
    this.triptych = new Triptych(() => this.page?.data.names ?? []);
    this.strength = slider((rung) => this.#pick({ rung }), this.tell);
    this.slices = slider((slice) => this.#pick({ slice }), this.tell);
    this.notice = el("p", { class: "ef21-notice", role: "status", hidden: true });
    this.facts = el("dl", { class: "ef21-facts" });
    this.energy = el("div", { class: "ef21-energy" });
    this.parts = el("div", { class: "ef21-parts" });
    this.head = el("code", { class: "ef21-head" });
    this.headTitle = el("span", { class: "ef21-about" });
    this.root = el(
      "div",
      { class: "ef21-live ef21-microscope" },
      stylesheet(() => {}),
      el("div", { class: "ef21-sliders" }, this.strength.node, this.slices.node),
      this.notice,
      this.triptych.node,
      this.triptych.scale,
      this.facts,
      this.energy,
      this.parts,
      el("p", {}, this.headTitle, this.head),
    );
  }

  /** @param {Component<MicroscopeData>} component */
  update(component) {
    const { data } = component;
    if (!this.root.isConnected) this.parent.append(this.root);
    /** @type {Language} */
    const language = data.language === "ru" ? "ru" : "en";
    this.root.lang = language;
    this.page = { component, data, language, theme: themeOf(this.root) };
    const given = JSON.stringify([data.vector, data.rungs, data.rung, data.slice, data.opened]);
    if (given !== this.given) [this.given, this.picked] = [given, { rung: data.rung, slice: data.slice }];
    this.#draw(this.page);
  }

  dispose() {
    this.root.remove();
  }

  /** @param {Partial<Picked>} change */
  #pick(change) {
    this.picked = { ...this.picked, ...change };
    if (this.page) this.#draw(this.page);
  }

  /** @param {Page} page */
  #draw(page) {
    const { data, language } = page;
    if (!data.rungs.length) return;
    const slices = face(data.dims)[2];
    const [rung, slice] = [Math.min(this.picked.rung, data.rungs.length - 1), Math.min(this.picked.slice, slices - 1)];
    this.picked = { rung, slice };
    this.strength.set(say(language, "strength"), data.rungs.length - 1, rung, data.rungs[rung].label);
    this.slices.set(say(language, "Slice"), slices - 1, slice, `${slice + 1} / ${slices}`);
    const known = this.memory.get(addressOf(data, rung));
    if (known) this.#show(known, page);
    else void this.#ask(addressOf(data, rung));
  }

  /**
   * One question at a time; when its answer comes, the slider's place of that moment is asked for.
   * @param {string} address
   */
  async #ask(address) {
    if (this.asking) return;
    this.asking = true;
    const answer = await fetch(address, { headers: { "X-EF21Lab": "1" } }).then(read, () => UNREACHED);
    this.asking = false;
    this.memory.set(address, answer);
    if (this.page) this.#draw(this.page);
  }

  /**
   * @param {Look | Refused} look
   * @param {Page} page
   */
  #show(look, { data, language, theme }) {
    this.notice.hidden = !isRefused(look);
    if (isRefused(look)) {
      write(this.notice, look.error[language]);
      return;
    }
    const captions = { wanted: say(language, "original"), received: say(language, "arrived"), error: say(language, "lost") };
    this.triptych.show(look.message, { dims: data.dims, slice: this.picked.slice, theme, language, captions });
    this.facts.replaceChildren(...billOf(look, language));
    this.energy.replaceChildren(...energyOf(look, language));
    this.parts.replaceChildren(...partsOf(look, language));
    write(this.headTitle, say(language, "head"));
    write(this.head, look.head.replace(/../g, "$& "));
  }
}

/**
 * Where the server answers for a rung.
 * @param {MicroscopeData} data
 * @param {number} rung
 */
function addressOf({ base = "", vector, rungs }, rung) {
  return api(base, "look", { vector: JSON.stringify(vector), compressor: JSON.stringify(rungs[rung].spec) });
}

/**
 * A look's error is a number; a refusal's is words in both languages.
 * @param {Look | Refused} answer
 * @returns {answer is Refused}
 */
const isRefused = (answer) => typeof answer.error === "object";

/**
 * @param {Response} response
 * @returns {Promise<Look | Refused>}
 */
async function read(response) {
  const answer = await response.json();
  return isRefused(answer) ? answer : { ...answer, message: compared(floats(answer.values), floats(answer.received)) };
}
