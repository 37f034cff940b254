"""Whose marks a visitor sees and changes: on a machine of one's own those of the record itself, on a shared server a list of their own."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from urllib.parse import urlsplit

import streamlit as st

from ef21lab.choices.text import Text
from ef21lab.jobs.catalogue import COMMON
from ef21lab.jobs.limits import TOKEN
from ef21lab.ui.kit import place
from ef21lab.ui.kit.language import say

COOKIE = "ef21lab_list"
LIST, OPERATOR = "_list", "_operator"  # session state: the name of the visitor's list; whether they have shown the token
LOOPBACK = ("127.0.0.1", "localhost", "::1")
WRONG_TOKEN = 1.0  # seconds until the next try

_NAME = re.compile(r"[0-9a-f]{32}")


def owner() -> str:
    """The list that this visitor's marks are in."""
    return COMMON if is_operator() else _own()


def is_operator() -> bool:
    """Whether this visitor may change the record for everybody."""
    return not is_shared() or bool(st.session_state.get(OPERATOR))


def is_shared() -> bool:
    """Whether others may be here too: a token is set, or the lab is reached by another name than this machine's own."""
    listens, reached = st.get_option("server.address"), urlsplit(str(st.context.url or "http://localhost")).hostname
    return bool(os.environ.get(TOKEN)) or listens not in LOOPBACK or reached not in LOOPBACK


def offer_token() -> None:
    """Where an operator shows the token, once for this tab; nothing where none is set, or it is shown already."""
    expected = os.environ.get(TOKEN)
    if not expected or st.session_state.get(OPERATOR):
        return
    with st.popover(say(I_AM), icon=":material/key:"):
        shown = st.text_input(say(TOKEN_LABEL), type="password", help=say(WHAT_IT_DOES), key="operator.token")
        if shown and hmac.compare_digest(shown.encode(), expected.encode()):
            st.session_state[OPERATOR] = True
            st.rerun()
        elif shown:
            time.sleep(WRONG_TOKEN)
            st.error(say(WRONG))


def remember() -> None:
    """Let this browser keep the name of its list; only where there are lists."""
    if not is_operator():
        secure = "; Secure" if place.lab().startswith("https:") else ""
        cookie = f"{COOKIE}={_own()}; path={place.base() or '/'}; max-age=31536000; SameSite=Lax{secure}"
        st.html(f"<script>document.cookie.includes('{COOKIE}=') || (document.cookie = '{cookie}');</script>", unsafe_allow_javascript=True)


def _own() -> str:
    """The name that the browser has kept, else a new one that nobody guesses."""
    if LIST not in st.session_state:
        kept = str(st.context.cookies.get(COOKIE, ""))
        st.session_state[LIST] = kept if _NAME.fullmatch(kept) else secrets.token_hex(16)
    return str(st.session_state[LIST])


I_AM = Text("I run this server", "Я администратор")
TOKEN_LABEL = Text("Operator's token", "Токен администратора")
WHAT_IT_DOES = Text(
    "What EF21LAB_ADMIN is set to on the server. With it tags, notes, pins and deletes are those of the record itself, for everybody.",
    "Значение EF21LAB_ADMIN на сервере. С ним метки, заметки, закрепление и удаление относятся к самим записям — для всех.",
)
WRONG = Text("This is not the token of this server.", "Это не токен этого сервера.")
