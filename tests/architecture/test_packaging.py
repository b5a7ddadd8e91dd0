"""Wheel, source archive and checkout all bring themes, the example configuration and the ready panels."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ASK = """
import perftui
from perftui.config.example import example_text, shipped
from perftui.config.themes import theme_names
from perftui.profiles.load import profiles
print(perftui.__file__)
print(len(example_text()))
print(",".join(theme_names()))
print(",".join(profile.id for profile in profiles()))
print(shipped("themes"))
from perftui.demo.configuration import configuration
print(len(configuration({"events": "e", "service": "s", "client": "c"})))
"""


def _ask(python: Path, cwd: Path) -> list[str]:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    answer = subprocess.run([python, "-c", _ASK], cwd=cwd, env=environ, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout.splitlines()


def test_an_installed_wheel_brings_what_a_checkout_has(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True, check=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    site = Path(subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True, text=True, check=True,
    ).stdout.strip())  # fmt: skip
    # the libraries come from this environment, perftui itself only from the wheel
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--target", str(site), str(wheel)],
        capture_output=True, check=True,
    )  # fmt: skip
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib"))

    installed, checkout = _ask(python, tmp_path), _ask(Path(sys.executable), ROOT)

    assert installed[0].startswith(str(site))
    assert checkout[0].startswith(str(ROOT))
    assert installed[1:4] == checkout[1:4]
    assert installed[3].startswith("latency,http,host")
    assert installed[4].endswith("_data/themes")
    assert installed[5] == checkout[5]
    assert (site / "perftui" / "py.typed").exists()


def test_a_source_archive_brings_them_too(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)],
        capture_output=True, check=True,
    )  # fmt: skip
    (archive,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(archive) as packed:
        names = {name.partition("/")[2] for name in packed.getnames()}

    profiles = {str(path.relative_to(ROOT)) for path in (ROOT / "perftui/profiles").glob("*.toml")}
    assert profiles
    assert profiles | {"config.example.toml", "themes/dark.toml"} <= names
