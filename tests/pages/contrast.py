"""How well words stand out on a page, by WCAG 2: measured from the computed colours of everything that is written there."""

from __future__ import annotations

from playwright.sync_api import Page

# Every run of text in sight with its contrast ratio to what is painted under it; colours and opacities of all ancestors are mixed in order.
# Marks on the cells of a heatmap stand on a picture, whose colours are not the style of an element (tests/plots hold them).
# What cannot be used now (disabled) and what is no text (icons, which are written in a font of their own) is left out, as WCAG does.
MEASURED = r"""() => {
  const LEFT_OUT = "script, style, defs, :disabled, [aria-disabled=true], [data-testid=stIconMaterial], .katex-mathml, .ef21-spoken, " +
    ".textpoint";
  const context = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
  const memory = new Map();
  const rgba = (color) => {
    if (!memory.has(color)) {
      context.clearRect(0, 0, 1, 1);
      context.fillStyle = "#000";
      context.fillStyle = color;
      context.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
      memory.set(color, [r, g, b, a / 255]);
    }
    return memory.get(color);
  };
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ratio = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const chain = (node) => {
    const up = [];
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) up.push(at);
    return up.reverse();
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walker.nextNode(); text; text = walker.nextNode()) {
    const node = text.parentElement;
    const words = text.textContent.trim();
    if (!words || !node.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (node.closest(LEFT_OUT)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const here = range.getBoundingClientRect();
    if (here.width < 2 || here.height < 2) continue;
    const covers = (box) => box.left < here.right && here.left < box.right && box.top < here.bottom && here.top < box.bottom;
    let under = [255, 255, 255];
    let opacity = 1;
    for (const at of chain(node)) {
      const style = getComputedStyle(at);
      opacity *= Number(style.opacity);
      const [r, g, b, a] = rgba(style.backgroundColor);
      if (at.closest("[data-testid=stSlider]") && !covers(at.getBoundingClientRect())) continue; // its number stands above its thumb
      under = over([r, g, b, a * opacity], under);
    }
    const style = getComputedStyle(node);
    const [r, g, b, a] = rgba(node instanceof SVGElement ? style.fill : style.color);
    if (a * opacity < 0.02) continue; // shown under a pointer only
    const where = node.closest("[data-testid], [class^=ef21]")?.outerHTML.slice(0, 90) ?? node.tagName;
    found.push([ratio(over([r, g, b, a * opacity], under), under), words.slice(0, 60), where]);
  }
  return found;
}"""
LEAST = 4.5


def faint(page: Page) -> list[tuple[float, str, str]]:
    """What stands out less than 4.5 : 1: ratio, words, where they are."""
    found = page.evaluate(MEASURED)
    assert len(found) > 20, "a page has words"
    return sorted((round(ratio, 2), words, where) for ratio, words, where in found if ratio < LEAST)
