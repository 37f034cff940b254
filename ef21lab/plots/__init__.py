"""Pure functions from traces to plotly figures."""
