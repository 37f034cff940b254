"""A vector from the visitor's own file."""

from __future__ import annotations

import streamlit as st

from ef21lab.choices.text import Refusal, Text
from ef21lab.ui.kit import place, visitor
from ef21lab.ui.kit.language import say
from ef21lab.ui.kit.link import Link
from ef21lab.vectors.base import Vector
from ef21lab.vectors.uploaded import UploadedVector

KEPT = "vector.uploaded.content"  # the control that holds the hash of the file


def chosen(vector: Vector) -> Vector:
    """The vector itself; where it is to be a file, the uploader, and the file's vector once there is one."""
    if not isinstance(vector, UploadedVector):
        return vector
    place.warn_of_refused_uploads()
    st.file_uploader(
        say(Text("A .npy, .csv or .txt file", "Файл .npy, .csv или .txt")), ["npy", "csv", "txt"], key="upload", on_change=_take
    )
    if refused := st.session_state.get("upload.refused"):
        st.error(say(refused))
    return vector


def _take() -> None:
    """Keep the uploaded numbers; the hash control, and so the link, names them from then on."""
    st.session_state["upload.refused"] = None
    file = st.session_state["upload"]
    if file is None:
        return
    try:
        Link.put({KEPT: visitor.lab().uploads.take_vector(file.name, file.getvalue(), visitor.name()).content})
    except Refusal as refusal:
        st.session_state["upload.refused"] = refusal.text
