"""The real services that tests talk to: how to get each of them, and what happens when one is missing.

``python -m tests.services install`` gets them, ``check`` says which are there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

import pytest


class Service(NamedTuple):
    """``package`` is Debian's; ``version`` are the arguments that make it tell its version.

    With a ``requirement`` it comes from PyPI instead, into an environment of its own: nothing of it can be imported.
    """

    name: str
    package: str
    executable: str
    version: tuple[str, ...]
    requirement: str = ""

    def path(self) -> str | None:
        """Where its program is; None where it is not."""
        if not self.requirement:
            return shutil.which(self.executable)
        own = _OWN / self.name / "bin" / self.executable
        return str(own) if own.exists() else shutil.which(self.executable)

    @property
    def source(self) -> str:
        return f"PyPI, {self.requirement}" if self.requirement else f"Debian package {self.package}"


_OWN = Path(sys.prefix) / "services"
SERVICES = (
    Service("node_exporter", "prometheus-node-exporter", "prometheus-node-exporter", ("--version",)),
    Service("prometheus", "prometheus", "prometheus", ("--version",)),
    Service("alertmanager", "prometheus-alertmanager", "prometheus-alertmanager", ("--version",)),
    Service("nginx", "nginx-light", "nginx", ("-v",)),
    Service("locust", "", "locust", ("--version",), "locust>=2.43,<3"),
)


def require(name: str) -> str:
    """The path of the service's program; skips the test loudly, or fails it under PERFTUI_REQUIRE_SERVICES=1."""
    service = next(service for service in SERVICES if service.name == name)
    path = service.path()
    if path is not None:
        return path
    message = f"{service.executable} is missing: run `make services` ({service.source})"
    if os.environ.get("PERFTUI_REQUIRE_SERVICES") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def install() -> int:
    """Install what is missing; the services are not left running."""
    missing = [service for service in SERVICES if service.path() is None]
    code = _from_debian([service.package for service in missing if not service.requirement])
    for service in missing:
        if service.requirement:
            code = _from_pypi(service) or code
    return code


def _from_pypi(service: Service) -> int:
    home = _OWN / service.name
    venv.create(home, with_pip=True, clear=True)
    command = [
        home / "bin" / "python",
        "-m",
        "pip",
        "install",
        "-q",
        "--disable-pip-version-check",
        service.requirement,
    ]
    return subprocess.run(command, check=False).returncode


def _from_debian(missing: list[str]) -> int:
    """With apt-get, as root or by sudo."""
    if not missing:
        return 0
    if shutil.which("apt-get") is None:
        print(f"services: there is no apt-get here; install these yourself: {', '.join(missing)}", file=sys.stderr)
        return 1
    prefix = [] if os.geteuid() == 0 else ["sudo"]
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing],
    ):
        code = subprocess.run([*prefix, *command], env=environ, check=False).returncode
        if code:
            return code
    return 0


def check() -> int:
    """One line a service; 1 when one is missing."""
    code = 0
    for service in SERVICES:
        path = service.path()
        if path is None:
            print(f"missing  {service.name} ({service.source})")
            code = 1
            continue
        answer = subprocess.run([path, *service.version], capture_output=True, text=True, check=False)
        lines = (answer.stdout + answer.stderr).strip().splitlines()
        print(f"found    {service.name}: {lines[0] if lines else path}")
    return code


if __name__ == "__main__":
    commands = {"install": install, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit("usage: python -m tests.services install|check")
    sys.exit(commands[sys.argv[1]]())
