"""Puts a Monitor together from a configuration."""

from __future__ import annotations

import os
import random
import sys
import time

from perftui.config.paths import data_folder, journal_path
from perftui.config.schema import Config
from perftui.config.watch import ConfigWatch
from perftui.session.monitor import Monitor
from perftui.sources.base import Source
from perftui.sources.host.gauges import HostSource
from perftui.sources.host.processes import ProcessSource
from perftui.store.claims import Claims
from perftui.store.journal import Journal


def build_monitor(config: Config, *, keep: bool, config_watch: ConfigWatch | None = None) -> Monitor:
    """``keep`` false leaves the journal alone: everything stays in memory, but for what people said of alerts.

    That is kept beside the journal, and shared by all perftui of the user.
    """
    journal, off = None, "the journal is switched off"
    if keep and config.storage.enabled:
        path = journal_path(config.storage.path)
        journal = Journal(path, wall=time.time, keep_raw_s=config.storage.keep_raw)
    elif keep:
        off = "the journal is switched off in the configuration ([storage] enabled = false)"
    return Monitor(
        config,
        build_sources(config),
        journal,
        wall=time.time,
        monotonic=time.monotonic,
        random=random.random,
        storage_off=off,
        claims=build_claims(),
        config_watch=config_watch,
    )


def build_claims() -> Claims:
    """What people said of alerts, as far as it still matters."""
    claims = Claims(data_folder() / "triage.jsonl", time.time)
    claims.tidy()
    claims.poll()
    return claims


def build_sources(config: Config) -> list[Source]:
    """The sources that the configuration enables."""
    return (
        _host_sources(config)
        + _prometheus_sources(config)
        + _scrape_sources(config)
        + _alertmanager_sources(config)
        + _workflow_sources(config)
    )


def _prometheus_sources(config: Config) -> list[Source]:
    enabled = {name: settings for name, settings in config.sources.prometheus.items() if settings.enabled}
    if not enabled:
        return []
    # client libraries take 200 ms to load: only who has a server pays for them
    from perftui.profiles.load import detect
    from perftui.sources.prometheus.source import PrometheusSource

    return [
        PrometheusSource(
            name, settings, environ=os.environ, wall=time.time, monotonic=time.monotonic, detect=detect,
            backfill_s=min(config.window, config.storage.memory),
        )
        for name, settings in enabled.items()
    ]  # fmt: skip


def _scrape_sources(config: Config) -> list[Source]:
    enabled = {name: settings for name, settings in config.sources.scrape.items() if settings.enabled}
    if not enabled:
        return []
    from perftui.profiles.load import detect
    from perftui.sources.scrape.source import ScrapeSource

    return [
        ScrapeSource(name, settings, environ=os.environ, wall=time.time, monotonic=time.monotonic, detect=detect)
        for name, settings in enabled.items()
    ]


def _alertmanager_sources(config: Config) -> list[Source]:
    enabled = {name: settings for name, settings in config.sources.alertmanager.items() if settings.enabled}
    if not enabled:
        return []
    from perftui.sources.alertmanager.source import AlertmanagerSource

    return [
        AlertmanagerSource(name, settings, environ=os.environ, wall=time.time, monotonic=time.monotonic)
        for name, settings in enabled.items()
    ]


def _workflow_sources(config: Config) -> list[Source]:
    enabled = {name: settings for name, settings in config.sources.workflow.items() if settings.enabled}
    if not enabled:
        return []
    from perftui.sources.workflow.source import WorkflowSource

    return [
        WorkflowSource(name, settings, wall=time.time, monotonic=time.monotonic) for name, settings in enabled.items()
    ]


def _host_sources(config: Config) -> list[Source]:
    if not config.sources.host.enabled:
        return []
    intervals, deadline = config.intervals, config.sources.host.deadline
    if not sys.platform.startswith("linux"):
        # psutil is only needed there
        from perftui.sources.host.portable import PortableHostSource
        from perftui.sources.host.portable_processes import PortableProcessSource

        return [
            PortableHostSource(intervals.host, deadline, wall=time.time, monotonic=time.monotonic),
            PortableProcessSource(
                intervals.processes, intervals.followed, deadline, wall=time.time, monotonic=time.monotonic
            ),
        ]
    return [
        HostSource(intervals.host, deadline, wall=time.time, monotonic=time.monotonic),
        ProcessSource(intervals.processes, intervals.followed, deadline, wall=time.time, monotonic=time.monotonic),
    ]
