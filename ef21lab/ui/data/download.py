"""The offer to fetch a dataset that this machine does not have."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.text import Refusal, Text
from ef21lab.datasets.base import Dataset
from ef21lab.datasets.download import download, published
from ef21lab.ui.kit.language import say


def offer(dataset: Dataset) -> None:
    """A button that downloads the dataset, with its progress; nothing where it is at hand or cannot be downloaded."""
    if dataset.absence() is None or dataset.name not in published():
        return
    if st.button(say(Text("Download {name}", "Скачать {name}").format(name=dataset.name)), icon=":material/download:"):
        _fetch(dataset.name)


def _fetch(name: str) -> None:
    bar = st.progress(0.0)

    def show(so_far: int, in_all: int) -> None:
        words = Text("{megabytes} MB", "{megabytes} МБ").format(megabytes=so_far / 1e6)
        bar.progress(min(1.0, so_far / in_all) if in_all else 0.0, say(words))

    try:
        download(name, show)
    except Refusal as refusal:
        st.error(say(refusal.text))
    else:
        st.rerun()
