// Making and finding elements.

/** An element with attributes, listeners (onclick: …) and children. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

function set(node, name, value) {
  if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
  else if (value === true) node.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
}

/** An inline SVG icon from its path. */
export function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = `<path d="${path}" fill="currentColor"/>`;
  return svg;
}

/** Write text only where it differs, so that nothing is laid out in vain. */
export function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** Call `act` once things have been still for some milliseconds. */
export function settled(milliseconds, act) {
  let timer = 0;
  const call = (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...given), milliseconds);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}

/** A canvas context sized for the screen's pixels: drawing is in CSS pixels. */
export function sized(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

/** Show `component` in its parent by the view there, or by a new one; `views` holds them by parent. Returns the clean-up of this mount. */
export function mountIn(views, View, component) {
  const parent = component.parentElement;
  const view = views.get(parent) ?? new View(parent);
  views.set(parent, view);
  const generation = view.update(component);
  return () => view.release(generation);
}
