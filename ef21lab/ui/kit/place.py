"""Where the lab is served: under which path, and whether inside a page of another site."""

from __future__ import annotations

from urllib.parse import urlsplit

import streamlit as st

from ef21lab.address.links import HERE
from ef21lab.choices.text import Text
from ef21lab.ui.kit.language import say

XSRF_COOKIE = "_streamlit_xsrf"


def base() -> str:
    """The path that comes before every address of the lab: /lab for `--server.baseUrlPath lab`, nothing by default."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def lab() -> str:
    """Where this browser has the lab, for links to it: https://uni.example/lab."""
    found = urlsplit(str(st.context.url or HERE))
    return f"{found.scheme}://{found.netloc}{base()}"


def warn_of_refused_uploads() -> None:
    """In a frame of another site a browser keeps back the cookie that an upload is proved with: said before somebody tries."""
    if st.get_option("server.enableXsrfProtection") and st.context.headers and XSRF_COOKIE not in st.context.cookies:
        st.warning(say(FRAMED), icon=":material/frame_bug:")


FRAMED = Text(
    "In a page of another site this browser refuses uploads. Open the lab in a tab of its own; or ask the operator for "
    "`--server.xsrfCookieSameSite none` (over HTTPS), or `--server.enableXsrfProtection false` where everybody may upload.",
    "Внутри страницы другого сайта этот браузер не даёт загружать файлы. Откройте лабораторию в отдельной вкладке или попросите "
    "администратора задать `--server.xsrfCookieSameSite none` (нужен HTTPS) либо, если загружать можно всем, "
    "`--server.enableXsrfProtection false`.",
)
