// Making and finding elements.

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute; a listener takes the event of its name */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes, listeners (onclick: …) and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, Attribute>} attributes
 * @param {...(Node | string | null | undefined)} children
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/**
 * @param {HTMLElement} node
 * @param {string} name
 * @param {Attribute} value
 */
function set(node, name, value) {
  if (typeof value === "function") node.addEventListener(name.slice(2), value);
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
}

/**
 * An inline SVG icon from its path.
 * @param {string} path
 */
export const icon = (path) => svg("0 0 16 16", `<path d="${path}" fill="currentColor"/>`);

/** Room for a sample of a line, before the words that name it. */
export const swatch = (inside = "") => svg("0 0 34 10", inside);

/**
 * @param {string} box
 * @param {string} inside
 */
function svg(box, inside) {
  const node = document.createElementNS(SVG, "svg");
  node.setAttribute("viewBox", box);
  node.setAttribute("aria-hidden", "true");
  node.innerHTML = inside;
  return node;
}

/**
 * Write text only where it differs, so that nothing is laid out in vain.
 * @param {Node} node
 * @param {string} words
 */
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/**
 * The style of all views; `onload` once it has come.
 * @param {() => void} onload
 */
export const stylesheet = (onload) => el("link", { rel: "stylesheet", href: new URL("./live.css", import.meta.url).href, onload });

/**
 * Call `act` once things have been still for some milliseconds.
 * @param {number} milliseconds
 * @param {() => void} act
 */
export function settled(milliseconds, act) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const call = () => {
    clearTimeout(timer);
    timer = setTimeout(act, milliseconds);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}

/**
 * The context of a canvas to draw on.
 * @param {HTMLCanvasElement} canvas
 * @param {CanvasRenderingContext2DSettings} [how]
 */
export function drawing(canvas, how) {
  const context = canvas.getContext("2d", how);
  if (!context) throw new Error("this browser has no canvas");
  return context;
}

/**
 * A canvas context sized for the screen's pixels: drawing is in CSS pixels.
 * @param {HTMLCanvasElement} canvas
 * @param {number} width
 * @param {number} height
 */
export function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = drawing(canvas);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/**
 * Packed colours (rows × columns) as they are, one pixel each.
 * @param {HTMLCanvasElement} canvas
 * @param {Uint32Array} pixels
 * @param {number} columns
 */
export function put(canvas, pixels, columns) {
  canvas.width = columns;
  canvas.height = pixels.length / columns;
  const context = drawing(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  new Uint32Array(image.data.buffer).set(pixels);
  context.putImageData(image, 0, 0);
}
