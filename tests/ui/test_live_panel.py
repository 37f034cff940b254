"""The controls of the chart: what is drawn, against what, and whether with theory; all of it in the address."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from ef21lab.ui.experiment.live_panel import AXES, METRICS


def panel() -> None:
    import streamlit as st

    from ef21lab.runs.spec import RunSpec
    from ef21lab.ui.experiment import live_panel
    from ef21lab.ui.kit.link import Link

    link = Link()
    shown = live_panel.controls(RunSpec.make({"held_out": float(st.query_params.get("held_out", 0))}), link)
    st.text(f"{shown.metric} {shown.axis} {shown.theory}")
    for complaint in link.complaints:
        st.warning(complaint.en)
    link.write()


def opened(**query: str) -> AppTest:
    app = AppTest.from_function(panel, default_timeout=120)
    app.query_params.update(query)
    app.run()
    assert not app.exception
    return app


def test_a_link_opens_theory_on_its_metric_and_axis() -> None:
    app = opened(theory="on", metric="psi", axis="bits_down")
    assert app.text[0].value == "psi bits_down True"
    assert not app.warning


def test_the_toggle_is_written_on_and_goes_without_a_word_when_off() -> None:
    app = opened()
    assert app.text[0].value.endswith("False")
    app.toggle(key="theory").set_value(True).run()
    assert dict(app.query_params)["theory"] in ("on", ["on"])
    app.toggle(key="theory").set_value(False).run()
    assert "theory" not in app.query_params


def test_another_word_for_theory_is_refused_in_words() -> None:
    app = opened(theory="yes")
    assert "on, off" in app.warning[0].value
    assert app.text[0].value.endswith("False")


def test_every_metric_and_axis_can_be_chosen() -> None:
    app = opened(held_out="0.2")
    for metric in METRICS:
        assert app.selectbox(key="metric").set_value(metric).run().text[0].value.startswith(metric)
    for axis in AXES:
        assert f" {axis} " in app.selectbox(key="axis").set_value(axis).run().text[0].value


def test_accuracy_is_among_them_where_rows_are_held_out_and_nowhere_else() -> None:
    names = [METRICS[name].en for name in METRICS]
    assert "accuracy" in METRICS
    with_rows, without = opened(held_out="0.2", metric="accuracy"), opened(metric="accuracy")
    assert with_rows.selectbox(key="metric").options == names
    assert with_rows.text[0].value.startswith("accuracy")
    assert without.selectbox(key="metric").options == [METRICS[name].en for name in METRICS if name != "accuracy"]
    assert without.text[0].value.startswith("grad_norm_sq")


def network_panel() -> None:
    import streamlit as st

    from ef21lab.clocks.base import topologies
    from ef21lab.runs.spec import RunSpec
    from ef21lab.ui.experiment import live_panel
    from ef21lab.ui.kit.link import Link

    link = Link()
    shown = live_panel.controls(RunSpec.make({}), link)
    st.text(str(shown.network and topologies.json(shown.network)))
    link.write()


def test_the_network_is_asked_for_on_its_axis_alone_and_kept_in_the_address() -> None:
    app = AppTest.from_function(network_panel, default_timeout=120).run()
    assert app.text[0].value == "None"
    app.selectbox(key="axis").set_value("network").run()
    assert app.text[0].value == str({"name": "star", "up": 100.0, "down": 100.0, "master": 1000.0, "latency": 1.0, "slower": 1.0})
    app.button(key="network.preset.data_centre").click().run()
    assert not app.exception
    assert app.text[0].value == str({"name": "ring", "link": 25_000.0, "latency": 0.02, "slower": 1.0})
    again = AppTest.from_function(network_panel, default_timeout=120)
    again.query_params.update({key: value[0] if isinstance(value, list) else value for key, value in app.query_params.items()})
    assert again.run().text[0].value == app.text[0].value
    app.selectbox(key="axis").set_value("round").run()
    assert app.text[0].value == "None"
    app.selectbox(key="axis").set_value("network").run()
    assert app.text[0].value == again.text[0].value
