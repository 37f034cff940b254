"""One hypothesis profile for all tests: no deadline on a shared machine, the same examples every time in CI."""

import os

from hypothesis import settings

settings.register_profile("lab", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("lab")
