"""A dataset from the visitor's own file: kept first, then understood in the open."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted, same
from ef21lab.datasets.base import Dataset
from ef21lab.datasets.table import TableFile, keep
from ef21lab.datasets.uploaded import Uploaded
from ef21lab.jobs.uploads import Inspection
from ef21lab.problems.base import objectives
from ef21lab.runs.fitting import fitting
from ef21lab.ui.kit import forms, place, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

FILE, REFUSED = "table", "table.refused"  # session state: the widget, and why a file was not kept


def offer(dataset: Dataset) -> None:
    """The uploader, open where the dataset is to be a file; why the last one was not taken stays in sight."""
    refused = st.session_state.get(REFUSED)
    waiting = isinstance(dataset, (TableFile, Uploaded)) and not dataset.content
    with st.expander(say(TITLE), expanded=bool(refused) or waiting, icon=":material/upload_file:"):
        st.markdown(say(CONTRACT))
        place.warn_of_refused_uploads()
        st.file_uploader(say(FILES), key=FILE, on_change=_take)
        if refused:
            st.error(say(refused))
    if isinstance(dataset, Uploaded) and dataset.content:
        _guesses(dataset)


def _guesses(dataset: Uploaded) -> None:
    """What was guessed to read a table of an earlier version: said, so that nothing is read wrongly in silence."""
    try:
        guesses = visitor.lab().uploads.inspect(dataset, visitor.name()).guesses
    except Refusal:  # said where the problem is posed
        return
    for guess in guesses:
        st.info(say(guess), icon=":material/visibility:")


def _take() -> None:
    """Keep the table, whatever is in it; the controls, and so the link, name it from then on, with an objective that takes its labels."""
    st.session_state[REFUSED] = None
    file = st.session_state[FILE]
    if file is None:
        return
    try:
        dataset = keep(file.getvalue(), file.name)
    except Refusal as refusal:
        st.session_state[REFUSED] = quoted(shown(file.name)) + same(": ") + refusal.text
        return
    forms.put("dataset", dataset)
    try:
        take_objective(visitor.lab().uploads.inspect(dataset, visitor.name()))
    except Refusal:  # said beside the settings by which it may be understood otherwise
        return


def take_objective(found: Inspection) -> None:
    """An objective that takes such labels, where the one that stands does not; for callbacks."""
    able = fitting(found.classes)
    if able and Link.shows("objective") not in able:
        Link.put({"objective": objectives.members[able[0]].name})


TITLE = Text("Data of your own", "Свои данные")
FILES = Text("A table: CSV, LIBSVM or Excel, packed or not", "Таблица: CSV, LIBSVM или Excel, можно в архиве")
CONTRACT = Text(
    "One row a line, with a header or without; numbers, words, yes and no, gaps. **What is inside decides** how the file is read, not its "
    "name; LIBSVM (`label index:value …`), .xlsx, .gz, .bz2, .xz and .zip are known too. Every guess is shown and can be changed. "
    "At most 20 MB and 5 million numbers. The file is only read, and kept under the hash of its content until newer ones displace it; "
    "whoever has the link can use it.",
    "Объект на строку, с заголовком или без; числа, слова, «да» и «нет», пропуски. Как читать файл, видно **по содержимому**, а не по "
    "имени; подойдут и LIBSVM (`метка индекс:значение …`), и .xlsx, и .gz, .bz2, .xz, .zip. Каждая догадка показана, и её можно изменить. "
    "Не больше 20 МБ и 5 миллионов чисел. Файл только читается и хранится под хешем содержимого, пока его не вытеснят новые; он доступен "
    "всем, у кого есть ссылка.",
)
