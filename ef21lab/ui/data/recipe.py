"""How a table was understood: its first rows as they were read, each guess as a control, and what was left out, filled or made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ef21lab.choices.fields import Choice, Field
from ef21lab.choices.text import Refusal, Text, joined, quoted, same
from ef21lab.datasets.base import Dataset
from ef21lab.datasets.table import AUTO, TableFile
from ef21lab.jobs.uploads import Inspection
from ef21lab.problems.base import Objective
from ef21lab.runs.fitting import fitting
from ef21lab.ui.data import upload_table
from ef21lab.ui.kit import forms, language, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.table import table

MOST_OFFERED = 300  # columns in the menu of labels; with more their name is typed
ROWS, COLUMNS = 6, 10  # of the preview
DRAWERS = 3


class Understanding:
    """The part of the data page that stands open while a table of one's own is chosen."""

    def __init__(self) -> None:
        self._place = st.container()
        self._found: Inspection | None = None
        self._refused: Text | None = None

    def controls(self, kind: type[Dataset], context: forms.Context) -> tuple[Mapping[str, Field], Sequence[DeltaGenerator]]:
        """What the controls of a table offer, with what was found in it, and where they stand. Others have theirs as everywhere."""
        if not issubclass(kind, TableFile):
            return {}, ()
        known = {
            name: context.link.current(f"dataset.{kind.name}.{name}", kind.defaults()[name], field) for name, field in kind.fields().items()
        }
        self._inspect(kind, known)
        with self._place, st.container(border=True):
            st.markdown(f"**{say(TITLE)}**")
            self._preview = st.container()
            return self._narrower(kind, str(known["target"])), st.columns(DRAWERS)

    def draw(self, dataset: Dataset, objective: Objective) -> bool:
        """The first rows, and in words what was done to them; whether there is a table to look at further."""
        if not isinstance(dataset, TableFile):
            return True
        with self._preview:
            if self._refused is not None:
                st.error(say(self._refused))
            if self._found is None:
                return self._refused is None
            if self._found.of_file:
                st.markdown(_head(self._found))
            st.markdown("\n".join(f"- {say(note)}" for note in (_size(self._found), *self._found.guesses)))
            if objective.name not in fitting(self._found.classes):
                st.button(say(FIT), on_click=upload_table.take_objective, args=(self._found,), icon=":material/target:")
        return True

    def _inspect(self, kind: type[TableFile], known: Mapping[str, object]) -> None:
        try:
            dataset = kind(**known)  # type: ignore[arg-type]
            if dataset.content:
                with st.spinner(say(READING)):
                    self._found = visitor.lab().uploads.inspect(dataset, visitor.name())
        except Refusal as refusal:
            self._refused = refusal.text

    def _narrower(self, kind: type[TableFile], target: str) -> dict[str, Field]:
        """The same fields; what is left to the file says what was found there, and the label is one of the columns."""
        if self._found is None:
            return {}
        made: dict[str, Field] = {}
        for name, field in kind.fields().items():
            found = self._found.found.get(name)
            if isinstance(field, Choice) and AUTO in field.options and found is not None and found in field.options:
                said = AS_FOUND.format(usual=field.options[AUTO], found=field.options[found])
                made[name] = type(field)(field.label, field.about, {**field.options, AUTO: said})
        columns = self._found.of_file
        if columns and len(columns) <= MOST_OFFERED:
            field = kind.fields()["target"]
            guessed = AS_FOUND.format(usual=AS_IT_LOOKS, found=quoted(self._found.found["label"]))
            names = {column.name: quoted(column.name) for column in columns}
            if target and target not in names:
                names[target] = quoted(target)
            made["target"] = Choice(field.label, field.about, {"": AS_IT_LOOKS if target else guessed, **names})
        return made


def _head(found: Inspection) -> str:
    """The first rows under the names of the columns, what each holds, and what becomes of it."""
    columns = found.of_file[:COLUMNS]
    more = [same("…")] * (len(found.of_file) > COLUMNS)
    roles = [joined([column.kind, _role(column.label, column.taken)], ", ") for column in columns]
    rows = [[quoted(cell) for cell in row[:COLUMNS]] + more for row in found.head[:ROWS]]
    head = joined([*(quoted(column.name) for column in columns), *more], " | ")
    return table(head, "l" * (len(columns) + len(more)), [[*roles, *more], *rows], language.current())


def _role(label: bool, taken: bool) -> Text:
    return LABEL if label else FEATURE if taken else LEFT_OUT


def _size(found: Inspection) -> Text:
    size = Text("{rows:row|rows}, {columns:feature|features}", "{rows:строка|строки|строк}, {columns:признак|признака|признаков}")
    task = Text("{n:class|classes}", "{n:класс|класса|классов}").format(n=found.classes) if found.classes else NUMBERS
    return size.format(rows=found.rows, columns=found.columns) + same("; ") + task + same(".")


TITLE = Text("How the table was understood", "Как понята таблица")
READING = Text("Reading the table…", "Таблица читается…")
AS_IT_LOOKS = Text("as it looks", "как похоже")
AS_FOUND = Text("{usual}: {found}", "{usual}: {found}")
LABEL, FEATURE, LEFT_OUT = Text("label", "метка"), Text("feature", "признак"), Text("left out", "не взят")
NUMBERS = Text("numbers to predict", "предсказываются числа")
FIT = Text("Take an objective for these labels", "Взять целевую функцию под эти метки")
