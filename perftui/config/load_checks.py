"""What the types of ``[load]`` can't tell: hosts, networks, URLs and limits that make sense."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit

from perftui.config.load_settings import LoadLimits, OwnLimits
from perftui.config.problems import Path as Where
from perftui.config.problems import Problems
from perftui.config.schema import Config

_NAME = re.compile(r"[A-Za-z0-9_-]+")
_HOST = re.compile(r"[^\s/:@?#\[\]]+")
_SCHEMES = ("http", "https", "http+unix", "https+unix")


def check_load(config: Config, problems: Problems) -> None:
    """Add what is wrong with what may be loaded."""
    for index, entry in enumerate(config.load.allow):
        if problem := _entry_problem(entry):
            problems.add(("load", "allow", index), problem)
    _limits(("load", "limits"), config.load.limits, problems)
    for name, target in config.load.targets.items():
        path = ("load", "targets", name)
        if _NAME.fullmatch(name) is None:
            problems.add(path, "a target's name has letters, digits, _ and - only")
        if problem := _url_problem(target.url):
            problems.add((*path, "url"), problem)
        _limits((*path, "limits"), target.limits, problems)


def _entry_problem(entry: str) -> str:
    """An address is a host, too: an IPv6 one without brackets."""
    if "/" in entry:
        try:
            network = ipaddress.ip_network(entry)
        except ValueError as error:
            return f"not a network such as 10.1.0.0/16: {error}"
        return "this would allow every machine there is" if network.prefixlen == 0 else ""
    try:
        ipaddress.ip_address(entry)
    except ValueError:
        if _HOST.fullmatch(entry) is None or "*" in entry:
            return 'expected a host, an address or a network, such as "api.test.example" or "10.1.0.0/16"'
    return ""


def _url_problem(url: str) -> str:
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in _SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    return "" if is_good else "expected a URL such as http://10.1.2.3:8080/ or http+unix://%2Frun%2Fa.sock/"


def _limits(path: Where, limits: LoadLimits | OwnLimits, problems: Problems) -> None:
    if limits.rate is not None and not 0 <= limits.rate <= 1e6:
        problems.add((*path, "rate"), "from 0 (any rate) to 1000000 a second")
    if limits.duration is not None and not 1 <= limits.duration <= 7 * 86400:
        problems.add((*path, "duration"), "from 1s to 7d")
    if limits.connections is not None and not 1 <= limits.connections <= 10_000:
        problems.add((*path, "connections"), "from 1 to 10000")
