// A link to hand on: to copy, as a QR code for a screen, and as a frame for a page of one's own.

import { el, stylesheet, write } from "../shared/dom.js";
import { mounting } from "../shared/mount.js";
import { themeOf } from "../shared/theme.js";
import { say } from "../shared/words.js";

/** @import { Component, Language, ShareData } from "../shared/types.js" */

const SAID = 2000; // ms for which a button says that it was pressed

/** Show `component` in its parent; the view there, if any, goes on with the new data. Returns the clean-up of this mount. */
export const mount = mounting((/** @type {HTMLElement} */ parent) => new Share(parent));

class Share {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.parent = parent;
    /** @type {Language} */
    this.language = "en";
    this.lines = [new Line("copyLink", "theLink"), new Line("copyFrame", "theFrame")];
    this.code = el("div", { class: "ef21-qr", role: "img" });
    this.open = el("a", { class: "ef21-button", target: "_blank", rel: "noopener" });
    const [link, frame] = this.lines;
    link.node.append(this.open);
    this.root = el("div", { class: "ef21-live ef21-share" }, stylesheet(() => {}), this.code, el("div", {}, link.node, frame.node));
  }

  /** @param {Component<ShareData>} component */
  update({ data }) {
    if (!this.root.isConnected) this.parent.append(this.root);
    this.language = data.language;
    this.root.lang = data.language;
    this.root.dataset.theme = themeOf(this.root).dark ? "dark" : "light";
    this.lines[0].draw(data.link, data.language);
    this.lines[1].draw(data.frame, data.language);
    write(this.open, say(data.language, "openLink"));
    this.open.href = data.link;
    this.code.hidden = !data.code;
    this.code.setAttribute("aria-label", say(data.language, "qrCode"));
    if (this.code.innerHTML !== data.code) this.code.innerHTML = data.code; // drawn by the server: one path
  }

  dispose() {
    for (const line of this.lines) line.dispose();
    this.root.remove();
  }
}

/** A text in a field of its own, and a button that copies it. */
class Line {
  /**
   * @param {string} words on the button
   * @param {string} label of the field
   */
  constructor(words, label) {
    this.words = words;
    this.label = label;
    /** @type {Language} */
    this.language = "en";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.field = el("input", { type: "text", readonly: true, onfocus: () => this.field.select() });
    this.button = el("button", { type: "button", class: "ef21-button", "aria-live": "polite", onclick: () => void this.#copy() });
    this.node = el("p", {}, this.field, this.button);
  }

  /**
   * @param {string} text
   * @param {Language} language
   */
  draw(text, language) {
    this.language = language;
    this.field.value = text;
    this.field.setAttribute("aria-label", say(language, this.label));
    write(this.button, say(language, this.words));
  }

  async #copy() {
    this.field.select();
    const done = await navigator.clipboard?.writeText(this.field.value).then(() => true, () => false); // prettier-ignore
    if (!done && !document.execCommand("copy")) return; // in a frame, or without https
    write(this.button, say(this.language, "copied"));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => write(this.button, say(this.language, this.words)), SAID);
  }

  dispose() {
    clearTimeout(this.timer);
  }
}
