"""The demo starts with nothing but the standard library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import perftui

_ROOT = Path(perftui.__file__).parents[1]
_IMPORT_ALL = """
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import perftui.demo
for module in pkgutil.iter_modules(perftui.demo.__path__):
    if module.name != "__main__":
        importlib.import_module(f"perftui.demo.{module.name}")
print(sorted({name.split(".")[1] for name in sys.modules if name.startswith("perftui.")}))
"""


def test_it_needs_no_library_and_no_other_room() -> None:
    # -I and -S: without what is installed
    answer = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _IMPORT_ALL, str(_ROOT)], capture_output=True, text=True, check=False
    )

    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == "['demo']\n"
