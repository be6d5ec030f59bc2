"""How much Hypothesis tries: little in `make test`, more with HYPOTHESIS_PROFILE=long."""

import os

from hypothesis import settings

settings.register_profile("short", max_examples=40)
settings.register_profile("long", max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "short"))
