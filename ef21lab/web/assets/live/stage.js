// The chart for the screen of a lecture room: how large all of it is, and the few buttons that are left.

import { el, icon } from "../shared/dom.js";
import { say } from "../shared/words.js";

/** @import { Language } from "../shared/types.js" */

const USUAL = 960; // pixels: at twice this width everything is twice as large
const [LEAST, MOST] = [1.1, 2.2];

/** @type {Record<string, string>} */
const ICONS = {
  fullScreen: "M2 2h5v2H4v3H2zM9 2h5v5h-2V4H9zM2 9h2v3h3v2H2zM12 9h2v5H9v-2h3z",
  linksOwn: "M8 3a5 5 0 1 1-4.6 3l1.8.8A3 3 0 1 0 8 5v2.5L4.2 4 8 .8z",
  leave: "M3.4 2L8 6.6 12.6 2 14 3.4 9.4 8l4.6 4.6-1.4 1.4L8 9.4 3.4 14 2 12.6 6.6 8 2 3.4z",
};

/** How many times larger than usual. @param {number} width of the window */
export const scaleOf = (width) => Math.min(MOST, Math.max(LEAST, width / USUAL));

export class Stage {
  /** @param {(name: string) => void} act reset or leave */
  constructor(act) {
    this.buttons = {
      fullScreen: button("fullScreen", () => void turn()),
      linksOwn: button("linksOwn", () => act("reset")),
      leave: button("leave", () => act("leave")),
    };
    this.node = el("div", { class: "ef21-stage", hidden: true }, ...Object.values(this.buttons));
  }

  /** @param {{ present: boolean, stays: boolean, language: Language }} model `stays`: the link does not let go of this view */
  draw({ present, stays, language }) {
    this.node.hidden = !present;
    this.buttons.leave.hidden = stays;
    this.buttons.fullScreen.hidden = !document.fullscreenEnabled;
    for (const [name, node] of Object.entries(this.buttons)) {
      node.title = say(language, name);
      node.setAttribute("aria-label", node.title);
    }
  }
}

/** Full screen, or back. */
const turn = () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()).catch(() => {});

/**
 * @param {string} name
 * @param {() => void} onclick
 */
const button = (name, onclick) => el("button", { type: "button", class: "ef21-button", onclick }, icon(ICONS[name]));
