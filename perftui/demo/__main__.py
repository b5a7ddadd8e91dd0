"""The conductor process: ``python -m perftui.demo --folder DIR [--fault NAME[:SIZE]] [--seconds N]``."""

from __future__ import annotations

import sys

from perftui.demo.conductor import main

sys.exit(main(sys.argv[1:]))
