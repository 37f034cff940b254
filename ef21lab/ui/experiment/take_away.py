"""What a visitor takes home: the link, the numbers, and the lines that make them again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ef21lab.address.lines import python_lines, shell_line
from ef21lab.choices.fields import Integer
from ef21lab.choices.text import Text, same
from ef21lab.runs.names import titles
from ef21lab.runs.spec import RunSpec
from ef21lab.ui.experiment.entries import Entry
from ef21lab.ui.kit import place
from ef21lab.ui.kit.language import plain, say
from ef21lab.ui.kit.link import Link
from ef21lab.web.server import paths

CHOSEN = "take.away"  # the control; in no address
OPEN = "take.open"  # whether its lines of code are to be seen: what colours them in the browser is a third of the whole front end


def offer(entries: Sequence[Entry], link: Link) -> None:
    """Link, CSV, JSON, command line and Python for one of the contenders at its best step; the table of all has every repeat of it."""
    racing = [entry.best for entry in entries]
    keys = [contender.spec.key for contender in racing]
    repeats = [[run.key for run in entry.repeats] for entry in entries]
    title = say(Text("Take it with you: link, data, code", "Забрать с собой: ссылка, данные, код"))
    with st.expander(title, icon=":material/ios_share:", key=OPEN, on_change="rerun") as box:
        st.markdown(say(LINK))
        if sum(map(len, repeats)) > 1:
            st.link_button(say(ALL), paths.of_repeats(repeats, place.base()), icon=":material/table_rows:", help=say(TIDY))
        if len(racing[0].planned.facts.layout) > 1:
            of_layers = paths.of_repeats(repeats, place.base(), paths.LAYERS)
            st.link_button(say(EVERY_LAYER), of_layers, icon=":material/layers:", help=say(LAYERS))
        labels = {place: plain(name) for place, name in enumerate(titles([contender.spec for contender in racing]))}
        asked = link.current(CHOSEN, 0, Integer(same(""), same(""), 0, 5))
        at = link.among(CHOSEN, asked if asked in labels else 0, labels)
        which = st.selectbox(say(Text("Contender", "Участник")), list(labels), format_func=labels.__getitem__, **at)
        link.keep(CHOSEN, which)
        spec, key = racing[which].spec, keys[which]
        with st.container(horizontal=True):
            for path, words, icon, meaning in (*FILES, *(OF_NETWORKS if spec.objective.trains else ())):
                st.link_button(say(words), paths.of_run(path, key, place.base()), icon=icon, help=say(meaning) if meaning else None)
        if box.open:
            _lines(spec)
        st.caption(say(FIGURES))


def _lines(spec: RunSpec) -> None:
    """What makes this run again."""
    st.caption(say(Text("On the command line:", "В командной строке:")))
    st.code(shell_line(spec, place.lab()), language="bash", wrap_lines=True)
    st.caption(say(Text("In Python:", "В Python:")))
    st.code(python_lines(spec), language="python")


LINK = Text(
    "The address of this page holds every control: copy it from the browser, and whoever opens it sees the same.",
    "Адрес этой страницы хранит все настройки: скопируйте его из браузера, и получатель увидит то же самое.",
)
POINT = Text("Final x (NumPy)", "Конечная точка x (NumPy)")
NUMPY_FILE = Text(
    "Where the run came to: d numbers of double precision, read by numpy.load. While it goes on, x after its last record.",
    "Куда пришёл запуск: d чисел двойной точности, файл читается функцией numpy.load. Пока запуск идёт — x после последней записи.",
)
NAMED = Text("Final x with names (CSV)", "Конечная точка x с именами (CSV)")
CSV_FILE = Text(
    "Where the run came to, a line for each coordinate: its number, the column and the class whose weight it is, its value.",
    "Куда пришёл запуск: строка на координату — номер, столбец и класс, чей это вес, и значение.",
)
FILES: tuple[tuple[str, Text, str, Text | None], ...] = (  # of a run: where, what it is called, its picture, what is said of it
    (paths.TRACE, Text("Records as CSV", "Записи в CSV"), ":material/table:", None),
    (paths.SPEC, Text("Spec as JSON", "Описание в JSON"), ":material/data_object:", None),
    (paths.X, NAMED, ":material/format_list_numbered:", CSV_FILE),
    (paths.POINT, POINT, ":material/location_on:", NUMPY_FILE),
)
OF_NETWORKS = (
    (
        paths.NETWORK,
        Text("Trained network (PyTorch)", "Обученная сеть (PyTorch)"),
        ":material/hub:",
        Text(
            "The parameters by their names, a state_dict: module.load_state_dict(torch.load(file, weights_only=True)). While the run goes "
            "on, those after its last record.",
            "Параметры по именам, state_dict: module.load_state_dict(torch.load(file, weights_only=True)). Пока запуск идёт — после "
            "последней записи.",
        ),
    ),
)
ALL = Text("All contenders as one CSV", "Все участники в одном CSV")
TIDY = Text(
    "One row a record; the first columns say whose: contender, repeat, method, compressor, step, seed and key of the run.",
    "Одна строка на запись; первые столбцы говорят, чья она: участник, повтор, метод, компрессор, шаг, зерно и ключ запуска.",
)
EVERY_LAYER = Text("Every layer as CSV", "Каждый слой в CSV")
LAYERS = Text(
    "One row for every layer of every record: its ‖∇f‖², the relative error of the last messages, and the bits so far.",
    "Строка на каждый слой каждой записи: его ‖∇f‖², относительная ошибка последних сообщений и биты к этому раунду.",
)
FIGURES = Text(
    "The figure itself (PNG, SVG, interactive HTML) is saved from the buttons above the chart.",
    "Сам график (PNG, SVG, интерактивный HTML) сохраняют кнопки над ним.",
)
