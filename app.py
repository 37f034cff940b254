"""What `streamlit run app.py` serves: the pages, the live routes beside them, and the lab behind both."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st

from ef21lab.jobs.lab import the_lab
from ef21lab.live.routes import routes


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """The lab opens with the server and closes with it."""
    the_lab().start()
    yield
    the_lab().close()


app = st.App("ef21lab/ui/router.py", routes=routes(the_lab(), the_lab()), lifespan=lifespan)
