"""The pieces of the data page: a dataset, its partition, and how the nodes' functions differ."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from ef21lab.choices.markup import shortened
from ef21lab.choices.text import Refusal, Text, joined, quoted, same
from ef21lab.datasets.base import Dataset
from ef21lab.partitions.base import Partition
from ef21lab.plots import data as figures
from ef21lab.plots import pictures
from ef21lab.problems.base import Objective
from ef21lab.runs.spec import RunSpec
from ef21lab.runs.survey import Data, PreviewRow, Slopes, SmoothnessLevels, Survey
from ef21lab.ui.data import download
from ef21lab.ui.kit import language, refused, visitor
from ef21lab.ui.kit.figure import draw
from ef21lab.ui.kit.glossary import defined
from ef21lab.ui.kit.language import count, number, plain, say
from ef21lab.ui.kit.table import table
from ef21lab.ui.kit.theme import theme


def surveyed(posed: RunSpec) -> Survey | None:
    """What there is to see; or on the page the reason why there is nothing, and None."""
    try:
        with st.spinner(say(LOOKING)):
            return visitor.survey(posed)
    except Refusal as refusal:
        refused.tell(refusal)
        download.offer(posed.dataset)
    return None


def of_dataset(dataset: Dataset, data: Data) -> None:
    """What it is and where it comes from, its size, its labels, and some of its rows."""
    st.subheader(say(dataset.label))
    st.markdown(say(dataset.about))
    st.caption(say(ORIGIN + dataset.origin))
    left, right = st.columns(2)
    with left, st.container(horizontal=True, gap="medium"):
        for label, value in _numbers(data):
            st.metric(say(label), say(value), width="content")
    with right:
        st.caption(say(CLASSES if data.classes else TARGETS))
        draw("label.counts", figures.label_counts(data, language.current(), theme()))
    _rows(data)


def of_partition(partition: Partition, found: Survey) -> None:
    """Which labels and how many rows each node has."""
    st.subheader(say(Text("Partition: ", "Разбиение: ") + partition.label))
    st.markdown(say(partition.about))
    if isinstance(found.shares, Text):
        st.error(say(found.shares))
        return
    left, right = st.columns(2)
    with left:
        classes = bool(found.data.classes)
        st.caption(say(READ_SHARES if classes else READ_QUARTILES))
        shares, how = found.shares, (language.current(), theme())
        draw("shares", figures.label_shares(found.data, shares, *how) if classes else figures.target_quartiles(shares, *how))
    with right:
        st.caption(say(READ_SIZES))
        draw("sizes", figures.sizes(shares, *how))
    if shares.held_out:
        st.caption(say(HELD_OUT.format(n=shares.held_out)))
    if shares.images is not None:
        st.caption(say(READ_IMAGES if len(shares.imaged) == len(shares.sizes) else READ_SOME_IMAGES.format(n=len(shares.imaged))))
        st.html(pictures.of_nodes(shares, *how))


def of_objective(objective: Objective, slopes: Slopes | Text) -> None:
    """Lᵢ of each node and the means that steps are made of; how far the gradients are from each other at x⁰."""
    st.subheader(say(Text("How the nodes differ: ", "Чем различаются узлы: ") + objective.label))
    if isinstance(slopes, Text):
        st.error(say(slopes))
        return
    left, right = st.columns(2)
    with left:
        _smoothness(slopes.levels)
    with right:
        _apart(slopes)


def _smoothness(levels: SmoothnessLevels | None) -> None:
    if levels is None:
        st.info(say(NO_L))
        return
    st.latex(MEANS, help=say(defined("L", "L̃", "L̄")))
    st.caption(say(READ_SMOOTHNESS))
    draw("smoothness", figures.smoothness(levels, language.current(), theme()))


def _apart(slopes: Slopes) -> None:
    if slopes.apart is None or slopes.disagreement is None:
        st.info(say(NO_GRADIENT))
        return
    st.latex(DISAGREEMENT + rf"\text{{{_in_latex(slopes.disagreement)}}}")
    st.caption(say(READ_APART))
    draw("apart", figures.apart(slopes.apart, language.current(), theme()))


def _numbers(data: Data) -> Iterable[tuple[Text, Text]]:
    yield Text("Rows N", "Строк N"), count(data.rows)
    yield Text("Features", "Признаков"), count(data.columns)
    yield Text("Not zero", "Ненулевых"), number(100 * data.density) + Text("%", "\u00a0%")
    if data.classes:
        yield Text("Classes", "Классов"), count(len(data.classes))


def _rows(data: Data) -> None:
    """Rows as pictures where they are pictures, else as numbers."""
    if data.images is not None:
        st.caption(say(PICTURES))
        st.html(pictures.of_classes(data, language.current(), theme()))
    else:
        st.caption(say(SPARSE_ROWS if data.sparse else DENSE_ROWS))
        st.markdown(_sparse_table(data) if data.sparse else _dense_table(data))


def _dense_table(data: Data) -> str:
    columns, more = data.preview[0].columns, bool(data.preview[0].left_out)
    head = joined([ROW, LABEL, *(_name(data, column) for column in columns), *[same("")] * more], " | ")
    rows = [[*_ends(row, data), *map(number, row.values), *[_more(row)] * more] for row in data.preview]
    return table(head, "r" + "l" * (1 + len(columns) + more), rows, language.current())


def _sparse_table(data: Data) -> str:
    head = joined([ROW, LABEL, Text("column: value", "столбец: значение")], " | ")
    rows = [[*_ends(row, data), _entries(row, data) + same(" ") + _more(row)] for row in data.preview]
    return table(head, "rll", rows, language.current())


def _ends(row: PreviewRow, data: Data) -> tuple[Text, Text]:
    """The row's number from 1 and its label; a visitor's word is shown as it is written."""
    return count(row.place + 1), quoted(row.label) if data.classes else number(float(row.label))


def _entries(row: PreviewRow, data: Data) -> Text:
    if not len(row.values):
        return Text("all zero", "одни нули")
    entries = zip(row.columns, row.values, strict=True)
    return joined([_name(data, column) + same(":&nbsp;") + number(value) + same("&ensp;") for column, value in entries], " ")


def _name(data: Data, column: int) -> Text:
    """Of a feature, as its table calls it; without names its number from 1."""
    return quoted(shortened(data.names[column], 40)) if data.names and data.names[column] else count(column + 1)


def _more(row: PreviewRow) -> Text:
    return Text("… {left} more", "… ещё {left}").format(left=row.left_out) if row.left_out else same("")


def _in_latex(value: float) -> str:
    """Digits alone, as a formula has them."""
    return plain(number(value))


LOOKING = Text("Looking at the data…", "Данные изучаются…")
ORIGIN = Text("Where it comes from: ", "Откуда: ")
ROW, LABEL = Text("row", "строка"), Text("label", "метка")
CLASSES = Text("How many rows each class has.", "Сколько строк в каждом классе.")
TARGETS = Text("How the targets are spread over all rows.", "Как распределены ответы по всем строкам.")
PICTURES = Text("The first rows of each class, as the pictures that they are.", "Первые строки каждого класса — в виде картинок.")
DENSE_ROWS = Text("Rows from all over the table and their first columns.", "Строки из разных мест таблицы и их первые столбцы.")
SPARSE_ROWS = Text("Rows from all over the table; what is not written is zero.", "Строки из разных мест таблицы; что не записано, то ноль.")
READ_SHARES = Text(
    "Columns that look alike are nodes that see the same mixture of classes; a column with a single bright cell is a node with one class.",
    "Одинаковые столбцы — узлы с одной и той же смесью классов; столбец с единственной яркой клеткой — узел, где один класс.",
)
HELD_OUT = Text(
    "{n:row|rows} held out: no node has them.",
    "{n:строка отложена|строки отложены|строк отложено}: ни у одного узла этого нет.",
)
READ_IMAGES = Text(
    "Some rows of each node, from the first of its classes to the last: where one figure fills a line, the node has seen no other.",
    "Несколько строк каждого узла, от первого из его классов к последнему: если весь ряд — одна цифра, других узел не видел.",
)
READ_SOME_IMAGES = Text(
    "Some rows of {n:node|nodes}, from the first of its classes to the last: where one figure fills a line, the node has seen no other.",
    "Несколько строк {n:узла|узлов|узлов}, от первого из классов к последнему: если весь ряд — одна цифра, других узел не видел.",
)
READ_QUARTILES = Text(
    "Least, quartiles and greatest target of each node; boxes at different heights are nodes that want different answers.",
    "Наименьший ответ, квартили и наибольший ответ каждого узла; ящики с усами на разной высоте — узлы, которым нужны разные ответы.",
)
READ_SIZES = Text(
    "f is the plain mean of the fᵢ, so a row weighs the more, the fewer rows its node has.",
    "f — простое среднее fᵢ, поэтому строка весит тем больше, чем меньше строк у её узла.",
)
NO_L = Text("No L is known for this problem, so there is no step from theory.", "У этой задачи L неизвестна, поэтому шага по теории нет.")
READ_SMOOTHNESS = Text(
    "Steps from theory shrink as L̃ (or L̄) grows, so one node with a large Lᵢ slows down all. "
    "L far below L̄ says that the nodes' functions are steep in different directions.",
    "С ростом L̃ (или L̄) шаг из теории уменьшается, так что один узел с большой Lᵢ тормозит всех. "
    "L намного ниже L̄, когда функции узлов круты в разных направлениях.",
)
READ_APART = Text(
    "0: at x⁰ the gradients of all nodes coincide. Far above 1: they nearly cancel, and what is lost of each in compression "
    "outweighs what is left of their sum.",
    "0: градиенты узлов в x⁰ совпадают. Намного больше 1: они почти гасят друг друга, и потери при сжатии каждого "
    "перевешивают то, что остаётся от суммы.",
)
NO_GRADIENT = Text("∇f(x⁰) = 0: there is nothing to compare the node gradients with.", "∇f(x⁰) = 0: градиенты узлов не с чем сравнивать.")
MEANS = r"L \le \bar L = \frac1n \sum_i L_i \le \tilde L = \sqrt{\tfrac1n \textstyle\sum_i L_i^2}"
DISAGREEMENT = r"\frac1n \sum_i \frac{\lVert \nabla f_i(x^0) - \nabla f(x^0) \rVert^2}{\lVert \nabla f(x^0) \rVert^2} = "
