"""What a visitor takes home of a grid: the file that computes it anywhere, the lines that do, and its table."""

from __future__ import annotations

import json
from collections.abc import Callable

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.sweeps.grid import cells
from ef21lab.sweeps.sweep import Sweep
from ef21lab.sweeps.tables import Ran
from ef21lab.sweeps.work import Ended
from ef21lab.ui.kit import visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.sweep.asked import AskedGrid
from ef21lab.ui.sweep.looking import LookedAt
from ef21lab.ui.sweep.results import trace_of

FILE = "sweep.json"
SHELL = f"python -m ef21lab sweep {FILE} --out runs"
PYTHON = f"""import json

import ef21lab as lab

with open("{FILE}") as file:
    asked = json.load(file)
found = lab.sweep(asked["spec"], asked["grid"], workers=2, store=True)
"""
TO_EPSILON = """print(found.best("bits", epsilon=asked["epsilon"]))
print(found.frame(asked["epsilon"]))
"""
TO_SHARE = """print(found.best("bits", epsilon={epsilon}, metric="{metric}"))
print(found.frame())
"""


def offer(asked: AskedGrid, looked: LookedAt) -> None:
    """The file, the table of what is done, and the lines."""
    epsilon = None if looked.judged.rises else looked.epsilon  # that of a file is of ‖∇f‖²
    with st.expander(say(TITLE), icon=":material/ios_share:"):
        with st.container(horizontal=True):
            st.download_button(
                say(JSON),
                lambda: written(asked, epsilon),
                FILE,
                "application/json",
                key="sweep-json",
                on_click="ignore",
                icon=":material/data_object:",
            )
            if looked.epsilon is not None:
                st.download_button(
                    say(CSV), table_of(asked, epsilon), "runs.csv", "text/csv", key="sweep-csv", on_click="ignore", icon=":material/table:"
                )
        st.caption(say(ON_SHELL))
        st.code(SHELL, language="bash")
        st.caption(say(IN_PYTHON))
        st.code(python_lines(looked), language="python")


def python_lines(looked: LookedAt) -> str:
    """What computes the file in Python and says who is best at what is looked at."""
    if looked.epsilon is None:
        return PYTHON + "print(found.frame())\n"
    return PYTHON + (TO_SHARE.format(epsilon=looked.epsilon, metric=looked.judged.metric) if looked.judged.rises else TO_EPSILON)


def written(asked: AskedGrid, epsilon: float | None) -> str:
    """The document of `sweep`; ε where it is known."""
    document = asked.document(epsilon or 0.0)
    if epsilon is None:
        del document["epsilon"]
    return json.dumps(document, ensure_ascii=False, indent=1)


def table_of(asked: AskedGrid, epsilon: float | None) -> Callable[[], str]:
    """The table that `sweep` writes, of all that is done; made when it is asked for."""

    bounds = () if epsilon is None else (epsilon,)

    def made() -> str:
        document = asked.document(epsilon or 0.0)
        done = [cell for cell in cells(document["spec"], document["grid"]) if visitor.is_done(cell.spec.key)]
        return Sweep(tuple(Ran(cell, Ended(trace_of(cell.spec), None, cell.spec)) for cell in done)).frame(bounds).to_csv(index=False)

    return made


TITLE = Text("Take it with you: file, table, code", "Забрать с собой: файл, таблица, код")
JSON = Text("The grid as JSON", "Сетка в JSON")
CSV = Text("Finished runs as CSV", "Готовые запуски в CSV")
ON_SHELL = Text(
    "The file computes the same runs on any machine; what is done stays in the folder:",
    "По этому файлу те же запуски посчитает любая машина; готовое остаётся в папке:",
)
IN_PYTHON = Text(
    "In Python, here from the same record of runs as this page:",
    "В Python, на этой машине — из того же хранилища запусков, что и страница:",
)
