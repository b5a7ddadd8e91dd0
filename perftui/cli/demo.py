"""The demo: a real service, a real workflow and a real fault on this machine, in the console or told line by line."""

from __future__ import annotations

import asyncio
import sys
import time

from perftui.cli.arguments import Options
from perftui.cli.console import can_draw, console
from perftui.cli.demo_process import DemoProcess
from perftui.cli.demo_story import Story
from perftui.cli.first_frame.terminal import EarlyTerminal
from perftui.cli.plain import plain
from perftui.cli.setup import chosen_glyphs, configuration
from perftui.cli.snapshot import chosen_size, needed, screen_text
from perftui.cli.work_document import TABLES
from perftui.config.schema import Config, Screen
from perftui.demo.configuration import configuration as demo_configuration
from perftui.domain.errors import Exit
from perftui.link.messages import Watch
from perftui.link.mirror import Mirror
from perftui.profiles.load import with_profiles
from perftui.session.local import collect, found_profiles

_HEADLESS_S = 30.0


def demo(options: Options, early: EarlyTerminal) -> int:
    """Until it is left; without a terminal, or with ``--headless``, for a while and without a screen."""
    headless = options.headless or not can_draw()
    process = DemoProcess(_arguments(options))
    try:
        ready = process.start()
        path = process.folder / "perftui.toml"
        path.write_text(demo_configuration(ready), "utf-8")
        options.config, options.no_journal = str(path), True
        if options.plain:
            return plain(options, news=process.news)
        if headless:
            return _headless(options, process)
        return console(options, early, controls={"fault": process.control}, news=process.news)
    finally:
        process.stop()


def _arguments(options: Options) -> list[str]:
    arguments = ["--remove"]
    if options.no_fault:
        arguments.append("--no-fault")
    if options.fault is not None:
        arguments += ["--fault", options.fault]
    for name in ("fault_after", "lift_after"):
        value = getattr(options, name)
        if value is not None:
            arguments += [f"--{name.replace('_', '-')}", f"{value:g}"]
    return arguments


def _headless(options: Options, process: DemoProcess) -> int:
    config = configuration(options).config
    began_at, seconds = time.time(), _HEADLESS_S if options.seconds is None else options.seconds
    story = Story(began_at)
    tells = sys.stdout if options.format == "text" else sys.stderr

    def look(mirror: Mirror) -> None:
        for line in story.tell(mirror, time.time()):
            print(line, file=tells, flush=True)
        if news := process.news():
            print(news, file=sys.stderr, flush=True)

    mirror = asyncio.run(collect(config, lambda full: _needed(options, full), seconds, options.config, look))
    full = with_profiles(config, found_profiles(mirror))
    if options.format == "json":
        from perftui.cli.demo_document import demo_document

        print(demo_document(mirror, full, story, seconds, time.time()))
    else:
        width, height = chosen_size(options)
        print(screen_text(mirror, full, Screen.OVERVIEW, width, height, chosen_glyphs(full), time.time()))
    return Exit.SOURCE_FAILED if process.has_ended else Exit.OK


def _needed(options: Options, config: Config) -> tuple[list[Watch], tuple[str, ...]]:
    watches, tables = needed(options, config, Screen.OVERVIEW)
    return watches, tuple(dict.fromkeys((*tables, *TABLES)))
