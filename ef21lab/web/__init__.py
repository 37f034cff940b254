"""The live view: one event stream a page, one component that draws it, and the routes beside them.

app = st.App(…, routes=live.routes(lab))
component = st.components.v2.component("ef21lab_live", js=live.loader(), isolate_styles=False)
"""

from ef21lab.web.server.assets import loader
from ef21lab.web.server.routes import routes
from ef21lab.web.server.source import RunStatus, Source

__all__ = ["RunStatus", "Source", "loader", "routes"]
