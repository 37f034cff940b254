import assert from "node:assert/strict";
import { test } from "node:test";

import { clear, css, ERROR_STOPS, errorColors, ink, SIGNED_STOPS, signedColors, signedGradient } from "../../../ef21lab/web/assets/shared/colors.js";
import { themed } from "../../../ef21lab/web/assets/shared/theme.js";

const channels = (packed) => [packed & 255, (packed >> 8) & 255, (packed >> 16) & 255];
const hex = (packed) => `#${channels(packed).map((value) => value.toString(16).padStart(2, "0")).join("")}`;

/** How light a colour is to the eye, from 0 to 1: relative luminance of sRGB. */
function luminance(packed) {
  const [red, green, blue] = channels(packed).map((value) => (value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const rgba = (color) => color.match(/[\d.]+/g).map(Number);

test("the greater an error, the lighter it is, in small even steps from end to end", () => {
  const colors = errorColors();
  const light = [...colors.subarray(0, 255)].map(luminance);
  assert.ok(light.every((value, at) => at === 0 || value >= light[at - 1]));
  assert.deepEqual([hex(colors[0]), hex(colors[254])], [ERROR_STOPS[0], ERROR_STOPS.at(-1)]);
  assert.equal(colors[255] >>> 24, 0, "none is clear");
  assert.ok([...colors.subarray(0, 255)].every((color) => color >>> 24 === 255));
});

test("on a dark page 0 is dark and large values are light; on a light page the other way round", () => {
  for (const [dark, sign] of [[true, 1], [false, -1]]) {
    const light = [...signedColors(dark)].map(luminance);
    assert.equal(light.length, 511);
    for (let at = 1; at <= 255; at++) {
      assert.ok(sign * (light[255 + at] - light[254 + at]) >= -0.002);
      assert.ok(sign * (light[255 - at] - light[256 - at]) >= -0.002);
    }
    assert.ok(dark ? light[255] < 0.02 : light[255] > 0.85);
    assert.equal(hex(signedColors(dark)[255]), SIGNED_STOPS[dark ? "dark" : "light"][3]);
  }
});

test("negative is blue and positive is red on either page, and the bar is the scale", () => {
  for (const dark of [true, false]) {
    const [negative, positive] = [channels(signedColors(dark)[100]), channels(signedColors(dark)[410])];
    assert.ok(negative[2] > negative[0] && positive[0] > positive[2]);
    assert.ok(signedGradient(dark).startsWith(`linear-gradient(to right, ${hex(signedColors(dark)[0])}, `));
    assert.ok(signedGradient(dark).endsWith(`, ${hex(signedColors(dark)[510])})`));
  }
});

test("a line is lighter on a dark page and as it is on a light one", () => {
  for (const color of ["#0072B2", "#000000", "#FFFFFF", "#8A5A2B"]) {
    assert.equal(ink(color, { dark: false }), color);
    const [own, lighter] = [rgba(clear(color, 1)), rgba(clear(ink(color, { dark: true }), 1))];
    assert.ok(lighter.every((value, at) => value >= own[at]));
    assert.ok(color === "#FFFFFF" || lighter.slice(0, 3).some((value, at) => value > own[at]));
  }
});

test("what is faint or muted is light on a dark page and dark on a light one, and is seen", () => {
  const given = { background: "b", text: "t", panel: "" };
  for (const dark of [true, false]) {
    const theme = themed(given, { dark, font: "f" });
    const inks = [theme.faint, theme.muted, theme.grid].map(rgba);
    assert.ok(inks.every(([red]) => (dark ? red > 200 : red < 60)));
    assert.ok(inks.every(([, , , opacity]) => opacity > 0.05 && opacity < 1));
    const [panel] = rgba(clear(theme.panel, 1));
    assert.ok(dark ? panel < 80 : panel > 200);
    assert.equal(theme.dark, dark);
  }
});

test("a packed colour is the colour that CSS reads", () => {
  assert.equal(css(errorColors()[0]), "rgb(0,34,78)");
});
