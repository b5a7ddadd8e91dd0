"""What may be loaded, and how much: small loads on near machines without a question, everything else by name.

Caps rise in the configuration only, so that nobody raises them in the heat of a test. What is production is never
loaded with more than the smoke caps, however near it is, and only after somebody typed what it is and why.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from perftui.config.load_settings import Load, LoadTarget
from perftui.domain.errors import PerftuiError
from perftui.domain.text import clean
from perftui.load.job import Address, Job, Model
from perftui.load.places import (
    Found,
    Known,
    Place,
    is_listed,
    is_loopback,
    is_metadata,
    is_near,
    look_up,
    place_of,
    same_host,
)


class Caps(NamedTuple):
    """The most that is allowed; a rate of 0 is not capped."""

    rate: float
    duration_s: float
    connections: int


SMOKE = Caps(200.0, 60.0, 10)
LOOPBACK = Caps(0.0, 600.0, 64)
# what httpx bears before its own time is most of what is measured
COMPAT_RATE = 100.0


class Marked(NamedTuple):
    """A target of the configuration, and where it is."""

    at: Known
    target: LoadTarget


class Policy(NamedTuple):
    """The configuration, ready to judge by."""

    settings: Load = Load()
    hosts: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    known: tuple[Marked, ...] = ()


class Confirmed(NamedTuple):
    """What somebody typed: the host, the name of the target in the configuration, and why."""

    host: str = ""
    name: str = ""
    reason: str = ""


NOTHING_SET, NOTHING_TYPED = Policy(), Confirmed()


class Verdict(msgspec.Struct, frozen=True):
    """``problems`` forbid it; ``needs`` (host, name, reason) have to be typed, which ``why`` says in a sentence.

    ``production`` is the name of the production target that it is.
    """

    caps: Caps
    problems: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    why: str = ""
    production: str = ""


def policy_of(settings: Load, look: Callable[[str, int], Found] = look_up) -> Policy:
    """Looks up the targets that the configuration knows, which takes time where a name server does not answer."""
    networks = tuple(entry for entry in settings.allow if "/" in entry)
    hosts = tuple(same_host(entry) for entry in settings.allow if "/" not in entry)
    known = [Marked(_at(name, target, look), target) for name, target in settings.targets.items()]
    # where two names are one place, what is production stays it
    known.sort(key=lambda each: not each.target.production)
    return Policy(settings, hosts, networks, tuple(known))


def weigh(job: Job, host: str, policy: Policy = NOTHING_SET) -> Verdict:
    """What speaks against a job, and what somebody would have to type for it; ``host`` is as the plan names it."""
    place = _place(job, host)
    known = next((each for each in policy.known if each.at.is_at(place, job.addresses)), None)
    caps = _caps(job, known, policy.settings)
    name = clean(place.host, 200)
    if known is not None and known.target.production:
        why = (
            f"{name} is production (target {known.at.name}): a load on it needs its host, the name of the target and "
            f"a reason typed: --confirm-host, --name and --reason"
        )
        problems = [*_problems(job, caps, known), *_proxy_problems(job, policy)]
        return Verdict(caps, tuple(problems), ("host", "name", "reason"), why, known.at.name)
    why = _far(job, place, policy) or _unknown(job, policy)
    if why:
        why += f": a load on it needs its name once more, --confirm-host {name}"
    problems = [*_problems(job, caps, known), *_proxy_problems(job, policy)]
    return Verdict(caps, tuple(problems), ("host",) if why else (), why)


def judge(job: Job, host: str, confirmed: Confirmed = NOTHING_TYPED, policy: Policy = NOTHING_SET) -> Job:
    """The job with the bounds that it has to keep. Raises PerftuiError with everything that must not be."""
    verdict = weigh(job, host, policy)
    problems = [*_unconfirmed(verdict, host, confirmed), *verdict.problems]
    if problems:
        raise PerftuiError("no load was sent:\n" + "\n".join(f"  {problem}" for problem in problems))
    rate = verdict.caps.rate
    if job.compat is not None:
        rate = min(rate or COMPAT_RATE, COMPAT_RATE)
    return msgspec.structs.replace(job, max_rate=rate)


def _place(job: Job, host: str) -> Place:
    return Place(host, job.addresses[0].port, job.addresses[0].unix)


def _unconfirmed(verdict: Verdict, host: str, confirmed: Confirmed) -> list[str]:
    """What has to be typed and was not, or was typed wrongly."""
    if "host" in verdict.needs and not confirmed.host:
        return [verdict.why]
    if "host" in verdict.needs and same_host(confirmed.host) != same_host(host):
        return [f"--confirm-host {clean(confirmed.host, 200)} is not {clean(host, 200)}. {verdict.why}"]
    if "name" in verdict.needs and not confirmed.name:
        return [verdict.why]
    if "name" in verdict.needs and confirmed.name.strip() != verdict.production:
        return [f"--name {clean(confirmed.name, 200)} is not the name of this target. {verdict.why}"]
    if "reason" in verdict.needs and not confirmed.reason.strip():
        return [verdict.why]
    return []


def _caps(job: Job, known: Marked | None, settings: Load) -> Caps:
    """A target's own limits, else ``[load.limits]``; on loopback those are raised, for production never."""
    general = Caps(settings.limits.rate, settings.limits.duration, settings.limits.connections)
    if all(map(is_loopback, job.addresses)):
        general = Caps(
            0.0, max(LOOPBACK.duration_s, general.duration_s), max(LOOPBACK.connections, general.connections)
        )
    if known is None:
        return general
    own = known.target.limits
    caps = Caps(
        general.rate if own.rate is None else own.rate,
        general.duration_s if own.duration is None else own.duration,
        general.connections if own.connections is None else own.connections,
    )
    if not known.target.production:
        return caps
    rate = min(caps.rate, SMOKE.rate) if caps.rate else SMOKE.rate
    return Caps(rate, min(caps.duration_s, SMOKE.duration_s), min(caps.connections, SMOKE.connections))


def _problems(job: Job, caps: Caps, known: Marked | None) -> list[str]:
    """Everything that is over a cap, and where the cap can be raised."""
    is_production = known is not None and known.target.production
    where = f"[load.targets.{known.at.name}.limits]" if known is not None else "[load.limits]"
    way_out = "production has the smoke caps, which nothing raises" if is_production else f"{where} raises it"
    found = []
    most = job.most_per_arrival
    of = f" of up to {most} requests each (steps, and redirects that are followed)" if most > 1 else ""
    if job.compat is not None and job.model is Model.CLOSED:
        found.append(f"the compat transport has no closed model: its cap of {COMPAT_RATE:g}/s could not be kept")
    elif job.compat is not None and job.peak_rate * most > COMPAT_RATE:
        found.append(f"a rate of {job.peak_rate:g}/s{of} is over the {COMPAT_RATE:g}/s of the compat transport (httpx)")
    if job.model is Model.OPEN and caps.rate and job.peak_rate * most > caps.rate:
        found.append(f"a rate of {job.peak_rate:g}/s{of} is over the cap of {caps.rate:g}/s ({way_out}: rate)")
    if job.model is Model.CLOSED and caps.rate:
        out = way_out if is_production else f"{where} with rate = 0 lifts the cap"
        found.append(f"a closed model has no rate that could be capped at {caps.rate:g}/s: use the open one ({out})")
    if job.length_s + job.warming_s > caps.duration_s:
        warming = f" with a warm-up of up to {job.warming_s:g} s" if job.warming_s else ""
        found.append(f"{job.length_s:g} s{warming} are over the cap of {caps.duration_s:g} s ({way_out}: duration)")
    if job.connections > caps.connections:
        found.append(f"{job.connections} connections are over the cap of {caps.connections} ({way_out}: connections)")
    return found


def _proxy_problems(job: Job, policy: Policy) -> list[str]:
    """The whole load goes through a proxy: it has to be near, too."""
    if job.compat is None or not job.compat.proxy:
        return []
    place = place_of(job.compat.proxy)
    address = Address(place.host, place.port)
    if is_near(address) or is_listed(place, address, policy.hosts, policy.networks):
        return []
    return [f"the proxy is {place.host}, no address of a private network: [load] allow can list it"]


def _far(job: Job, place: Place, policy: Policy) -> str:
    """One address that is not near is enough."""
    hosts, networks = policy.hosts, policy.networks
    far = [each for each in job.addresses if not (is_near(each) or is_listed(place, each, hosts, networks))]
    if not far:
        return ""
    kind = "the metadata service of a cloud" if is_metadata(far[0]) else "no address of a private network"
    shown = clean(place.host, 200)
    return f"{shown} is {kind}" if shown == far[0].host else f"{shown} is {far[0].host}, {kind}"


def _unknown(job: Job, policy: Policy) -> str:
    """A production target that has no address now could be any machine but this one."""
    if all(map(is_loopback, job.addresses)):
        return ""
    for each in policy.known:
        if each.target.production and not (each.at.addresses or each.at.place.unix):
            return f"whether this is the production target {each.at.name} can't be told, as that has no address now"
    return ""


def _at(name: str, target: LoadTarget, look: Callable[[str, int], Found]) -> Known:
    place = place_of(target.url)
    if place.unix:
        return Known(name, place)
    addresses: tuple[Address, ...] = ()
    # where it matters that there is none, weigh says so
    with contextlib.suppress(PerftuiError):
        addresses = look(place.host, place.port).addresses
    return Known(name, place, tuple(address.host for address in addresses))
