"""One budget for all contenders: each takes the strongest setting that it can afford, on its own controls."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ef21lab.compressors.base import compressors
from ef21lab.microscope.afford import affordable
from ef21lab.ui.kit import forms

D = 112


def page() -> None:
    import streamlit as st

    from ef21lab.runs.posed import problem_of
    from ef21lab.runs.spec import RunSpec
    from ef21lab.ui.experiment import contenders
    from ef21lab.ui.kit.link import Link

    problem = RunSpec.make({})
    racing = contenders.race(problem, problem_of(problem).facts, Link())
    st.session_state["bits"] = [contenders.cost_of(contender.planned.compressor, 112).bits for contender in racing]


def test_every_contender_ends_within_the_budget_and_near_it() -> None:
    at = AppTest.from_function(page, default_timeout=120).run()
    at.select_slider(key="equal.bits").set_value(min(forms.growing(8, 40 * D), key=lambda bits: abs(bits - 1200))).run()
    next(button for button in at.button if button.label == "Apply to all").click().run()
    assert not at.exception
    top_k, tucker, dense = at.session_state["bits"]
    budget = at.session_state["equal.bits"]
    assert budget / 3 < top_k <= budget
    assert budget / 3 < tucker <= budget
    assert dense > budget  # no setting of the uncompressed one is so cheap: it keeps its own


@pytest.mark.parametrize("name", list(compressors.members))
@pytest.mark.parametrize("bits", [200.0, 1000.0, 5000.0])
def test_what_is_affordable_is_within_the_budget(name: str, bits: float) -> None:
    bought = affordable(compressors.make(name).fitted(((D,),)), D, bits)
    assert bought is None or bought.cost(D)[0] <= bits


def put_page() -> None:
    import numpy as np
    import streamlit as st

    from ef21lab.compressors.base import compressors
    from ef21lab.ui.kit import forms
    from ef21lab.ui.kit.link import Link

    wanted = compressors.make(st.session_state["wanted"]).fitted(((112,),))
    link = Link()
    if st.session_state.pop("move", False):
        forms.put("a", wanted)
    got = forms.member(compressors, "a", compressors.make("identity"), forms.Context(link, 112, ((112,),)))
    x = np.random.default_rng(0).normal(size=112)
    st.session_state["same"] = type(got) is type(wanted) and np.array_equal(got.compress(x).values, wanted.compress(x).values)


@pytest.mark.parametrize(
    "given", [{"name": "top_k", "k": 9}, {"name": "st_hosvd", "ranks": 3}, {"name": "hosvd", "dims": [4, 4, 7], "ranks": 1}]
)
def test_a_form_that_was_moved_gives_what_it_was_moved_to(given: dict[str, object]) -> None:
    at = AppTest.from_function(put_page, default_timeout=120)
    at.session_state["wanted"], at.session_state["move"] = given, True
    at.run()
    assert not at.exception
    assert at.session_state["same"]
