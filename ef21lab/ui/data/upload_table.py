"""A dataset from the visitor's own file."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.fields import shown
from ef21lab.choices.text import Refusal, Text, quoted, same
from ef21lab.datasets.base import Dataset
from ef21lab.datasets.uploaded import Uploaded, keep_upload
from ef21lab.jobs.uploads import Inspection
from ef21lab.problems.base import objectives
from ef21lab.runs.fitting import fitting
from ef21lab.ui.kit import forms, place, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link

FILE, REFUSED, UNREAD = (
    "table",
    "table.refused",
    "table.unread",
)  # session state: the widget, what was wrong, the file that it was wrong with


def offer(dataset: Dataset) -> None:
    """The uploader, open where the dataset is to be a file; what was wrong with the last one stays in sight, and a way to mend it."""
    refused = st.session_state.get(REFUSED)
    with st.expander(say(TITLE), expanded=bool(refused) or isinstance(dataset, Uploaded), icon=":material/upload_file:"):
        st.markdown(say(CONTRACT))
        place.warn_of_refused_uploads()
        st.file_uploader(say(FILES), key=FILE, on_change=_take)
        if refused:
            st.error(say(refused))
            if st.session_state.get(UNREAD):
                st.button(say(READ_OTHERWISE), on_click=_read_otherwise, icon=":material/tune:")
        elif isinstance(dataset, Uploaded) and dataset.content:
            _guesses(dataset)


def _guesses(dataset: Uploaded) -> None:
    """What was guessed to read the table: said, so that nothing is read wrongly in silence."""
    try:
        guesses = visitor.lab().uploads.inspect(dataset, visitor.name()).guesses
    except Refusal:  # said where the problem is posed
        return
    for guess in guesses:
        st.info(say(guess), icon=":material/visibility:")


def _take() -> None:
    """Keep the table; the controls, and so the link, name it from then on, with an objective that takes its labels."""
    st.session_state[REFUSED] = st.session_state[UNREAD] = None
    file = st.session_state[FILE]
    if file is None:
        return
    try:
        dataset = keep_upload(file.getvalue())
        st.session_state[UNREAD] = dataset
        found = visitor.lab().uploads.inspect(dataset, visitor.name())
    except Refusal as refusal:
        st.session_state[REFUSED] = quoted(shown(file.name)) + same(": ") + refusal.text
        return
    st.session_state[UNREAD] = None
    _choose(dataset, found)


def _read_otherwise() -> None:
    """Choose the file that could not be read as it looks: its settings then say how to read it."""
    _choose(st.session_state[UNREAD], None)
    st.session_state[REFUSED] = st.session_state[UNREAD] = None


def _choose(dataset: Uploaded, found: Inspection | None) -> None:
    forms.put("dataset", dataset)
    able = [] if found is None else fitting(found.classes)
    if able and Link.shows("objective") not in able:
        Link.put({"objective": objectives.members[able[0]].name})


TITLE = Text("Data of your own", "Свои данные")
FILES = Text("A LIBSVM or CSV file, packed or not", "Файл LIBSVM или CSV, можно в архиве")
READ_OTHERWISE = Text("Say how to read this file", "Указать, как читать этот файл")
CONTRACT = Text(
    "**CSV**: one row a line, set apart by commas, semicolons, tabs or spaces; a header if you like. The label is the last column, or the "
    "only one of words, unless **Label column** names another. **LIBSVM**: `label index:value …`. The content decides which of the two it "
    "is; .gz, .bz2 and .xz are unpacked. At most 20 MB and 5 million numbers, none missing. The file is only read, and kept under the hash "
    "of its content until newer ones displace it; whoever has the link can use it.",
    "**CSV**: объект на строку, через запятые, точки с запятой, табуляцию или пробелы; заголовок не обязателен. Метка — последний столбец "
    "или единственный столбец слов, если поле «**Столбец меток**» не называет другой. **LIBSVM**: `метка индекс:значение …`. Формат виден "
    "по содержимому; .gz, .bz2 и .xz распаковываются. Не больше 20 МБ и 5 миллионов чисел, без пропусков. Файл только читается и хранится "
    "под хешем содержимого, пока его не вытеснят новые; он доступен всем, у кого есть ссылка.",
)
