"""The session process: ``python -m perftui.session --fd N [--config FILE] [--no-journal]``."""

from __future__ import annotations

import sys

from perftui.session.serve import main

sys.exit(main(sys.argv[1:]))
