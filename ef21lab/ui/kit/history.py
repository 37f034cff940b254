"""The browser's history: an entry for each page and each ready-made setting, none for each tick of a slider.

Streamlit writes `st.query_params` with `history.pushState`, so that Back undoes ticks one by one; only in a run that Back or Forward
asked for does it replace. Its own bound parameters replace, but write labels, in one language. So `pushState` itself is
mended: what stays on the page replaces its entry, what leaves it is pushed, as is another ready-made setting, unless nobody has
touched the page since it came (then it is the page's own address that arrives). On Back and Forward Streamlit asks for a run by itself
and marks it as such; `visit` opens the address then.
"""

from __future__ import annotations

import streamlit as st

SCRIPT = """<script>
(() => {
  if (window.ef21History) return;
  window.ef21History = true;
  const push = history.pushState.bind(history);
  let touched = false;
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => (touched = true), { capture: true, passive: true });
  history.pushState = (state, unused, url) => {
    const to = new URL(url ?? location.href, location.href);
    const leaves = to.pathname !== location.pathname;
    const setting = to.searchParams.get("setting");
    const opens = touched && setting && setting !== new URL(location.href).searchParams.get("setting");
    if (leaves) touched = false;
    return leaves || opens ? push(state, unused, url) : history.replaceState(state, unused, url);
  };
})();
</script>"""


def keep_short() -> None:
    """Mend the history of this tab, once; the place of the script on the page takes no room (see the style of the router)."""
    st.html(SCRIPT, unsafe_allow_javascript=True)
