"""A page with the live view on it in a real browser, and what it is given."""

from __future__ import annotations

from pathlib import Path

from tests.browsers import PATIENCE, at_leisure

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
]
LIGHT = {"background": "#ffffff", "text": "#31333f", "secondary-background": "#f0f2f6", "primary": "#0072B2"}
DARK = {"background": "#0e1117", "text": "#fafafa", "secondary-background": "#262730", "primary": "#56B4E9"}

PAGE = """<!doctype html><html><head><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>body {{ margin: 16px; font-family: system-ui; background: var(--st-background-color); {theme} }}</style></head>
<body><div id="parent"></div><script type="module">
const loader = URL.createObjectURL(new Blob([{loader}], {{ type: "text/javascript" }}));
const show = (await import(loader)).default;
window.sent = [];
window.streams = [];
window.EventSource = class extends EventSource {{ constructor(url) {{ super(url); window.streams.push(this); }} }};
const tell = (kind) => (name, value) => window.sent.push([kind, name, value]);
window.show = async (data) => {{
  const before = window.cleanup;
  const parentElement = document.getElementById("parent");
  window.cleanup = await show({{ parentElement, data, setTriggerValue: tell("trigger"), setStateValue: tell("state") }});
  before?.();
}};
await window.show({data});
</script></body></html>"""

# Points of the first curve.
POINTS = "(document.querySelector('.ef21-plot')?.data?.[0]?.x.length ?? 0)"


class View:
    """A page with the component, in a browser or one of its windows, and what went wrong on it."""

    def __init__(self, window, address, width=1280, height=900):
        self.complaints = []
        self.page = at_leisure(window.new_page())
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.on("console", lambda message: message.type in ("error", "warning") and self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def until(self, condition, timeout=PATIENCE):
        self.page.wait_for_function(condition, timeout=timeout, polling=50)

    def __call__(self, expression):
        return self.page.evaluate(expression)


def data_of(*keys, **more):
    colors = ["#0072B2", "#D55E00", "#7A7A7A", "#009E73", "#CC79A7", "#8A5A2B"]
    common = {"dash": "solid", "dims": more.pop("dims", [2, 2, 3])}
    runs = [{"key": key, "place": "abcdef"[at], "label": f"Run {at + 1}", "color": colors[at], **common} for at, key in enumerate(keys)]
    return {"runs": runs, "metric": "grad_norm_sq", "axis": "round", "language": "en", "chosen": 0, "base": "", **more}
