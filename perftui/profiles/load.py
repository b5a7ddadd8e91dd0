from __future__ import annotations

from collections.abc import Collection, Mapping

from perftui.config.schema import Config


def detect(names: Collection[str]) -> tuple[str, ...]:
    return ()


def with_profiles(config: Config, found: Mapping[str, tuple[str, ...]]) -> Config:
    return config
