"""`python -m octui`."""

import sys

from octui.cli.main import main

sys.exit(main())
