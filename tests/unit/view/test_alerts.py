"""The pictures of the Alerts screen: what they say of an alert, of its past, of silences and of silence itself."""

from __future__ import annotations

import msgspec
import pytest

from perftui.config.defaults import DEFAULTS
from perftui.config.schema import Screen
from perftui.domain.alerts import AlertState, Severity
from perftui.domain.errors import ErrorKind
from perftui.domain.findings import Effort, Finding, Gain, Impact
from perftui.domain.health import SourceError, SourceHealth, SourceState
from perftui.domain.roles import Role
from perftui.domain.triage import AlertCounts, Burn, Doing, Matcher, SilenceState, Watchdog
from perftui.domain.units import Unit
from perftui.link.mirror import Mirror
from perftui.view.alerts import alerts_picture, alerts_watches
from perftui.view.alerts_panel import alerts_body, alerts_summary
from perftui.view.alerts_silencing import Preview, common_matchers, preview_words, written
from perftui.view.alerts_story import WATCH, Drawn, Firing, Story, Told
from perftui.view.alerts_triage import Triage, View
from perftui.view.glyphs import ASCII, UTF8, GlyphSet
from perftui.view.page import page, page_watches
from perftui.view.status import status_line
from perftui.view.text import line_width, plain
from tests.unit.view.alert_rows import (
    HOSTILE,
    NOW,
    SERIES,
    alert,
    counted,
    fill,
    graph,
    mirrored,
    noise,
    scene_of,
    shown,
    silence,
    slo,
    some,
    span,
    triage_of,
)

NO_RULES = msgspec.structs.replace(DEFAULTS, alerts={})
STORY = Story(
    1,
    2,
    (Firing(NOW - 5000, NOW - 4000, "firing"), Firing(NOW - 91, None, "firing")),
    (("host/load", "rose from 1 to 9"),),
)


def rich() -> tuple[Mirror, Triage]:
    """Everything that may be known of the first alert."""
    mirror = counted(mirrored(some(), silences=[silence()]))
    mirror.windows[WATCH] = graph(0.1 + place / 400 for place in range(60))
    impact = Impact("total time", Unit.SECONDS, -30, -22, -15, "replay")
    gain = Gain(0.15, 0.22, 0.29)
    mirror.findings = (Finding("more-agents", "pool", "add 2 agents", Effort.LOW, 2, impact, 0.8, 1, gain=gain),)
    triage = triage_of(mirror)
    triage.told = Told("a1", STORY, Drawn(SERIES))
    return mirror, triage


def source(name: str, kind: str, state: SourceState = SourceState.OK, **more: object) -> SourceHealth:
    return SourceHealth(name, kind, state, 5.0, **more)  # type: ignore[arg-type]


def test_the_list_says_of_each_alert_what_the_picture_of_the_screen_shows() -> None:
    mirror = counted(mirrored(some()))
    triage = triage_of(mirror)
    triage.index.set_group(["service"])
    text = shown(mirror, triage, 140)

    assert "Alerts · group by service" in text
    assert "3 firing 1 pending 1 snoozed 1 suppressed" in text
    assert "▾ checkout (3)  ✗ 1" in text
    assert "✗  SLOLatencyFastBurn" in text
    assert "> 200 ms" in text
    assert "you 0:40" in text
    assert "anna 11:40" in text
    assert "7× flaps ▲" in text
    assert "am-eu, am-us" in text
    assert "watchdog ✓ 12 s ago" in text


def test_what_is_asked_for_is_under_way_not_done() -> None:
    text = shown(mirrored([alert("a", doing=Doing.SILENCING), alert("b", doing=Doing.EXPIRING)]))

    assert "silencing…" in text
    assert "expiring…" in text
    assert "suppressed" not in text


def test_the_detail_tells_the_whole_story() -> None:
    mirror, triage = rich()
    triage.full = True

    text = shown(mirror, triage, 120, 44)

    for words in (
        "histogram_quantile(0.95", "for 1:00", "238 ms · limit > 200 ms · trend rising", "true since t-120 (2:00 ago)",
        "fired t-91 (1:31 ago)", "activations 1 in 1 h, 2 in 24 h", "https://runbooks.example/slo",
        "at the same time: load rose from 1 to 9", "add 2 agents (total time −22 % (−15 … −29))", "service=checkout",
        "Half of the users wait.", "identity a1", "┄┄ > 200 ms", "┊p pending ┊f fired", "esc back to the list",
    ):  # fmt: skip
        assert words in text, words


def test_a_pending_alert_tells_how_long_it_must_hold() -> None:
    mirror = mirrored([some()[3]])

    assert "2:00 of 5:00" in shown(mirror)
    assert "until it fires" in shown(mirror)


def test_who_cares_and_what_hides_an_alert_is_named() -> None:
    asleep = msgspec.structs.replace(some()[2], note="cleaning up", note_by="me@box")
    mirror = mirrored([asleep], silences=[silence()])
    text = shown(mirror, width=160, height=44)
    assert "by anna, 11:40 ago" in text
    assert "cleaning up (you)" in text
    assert "until t+3000, 50:00 more by anna; sooner if it gets worse" in text

    hidden = msgspec.structs.replace(some()[4], inhibited_by=("a1",), silenced_by=("s1", "gone"))
    fill(mirror, alerts=[hidden, some()[0]])
    triage = triage_of(mirror)
    triage.index.go_to("b2")
    triage.full = True
    text = shown(mirror, triage, height=44)
    assert "by anna, 50:00 more, am-eu: index is rebuilt" in text
    assert "gone" in text
    assert "by SLOLatencyFastBurn" in text


def test_a_runbook_that_is_no_web_address_is_not_offered_as_one() -> None:
    text = shown(mirrored([alert("a", runbook="javascript:alert(1)")]))

    assert "not a web address" in text


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (Told(), "looking for its series"),
        (Told("a", None, Drawn(why="main: connection refused")), "No graph: main: connection refused"),
        (Told("a", None, Drawn(SERIES)), "collecting the first samples"),
        (Told("a", Story(problem="the session does not answer")), "not known: the session does not answer"),
    ],
)
def test_what_is_not_known_says_why(told: Told, words: str) -> None:
    mirror = mirrored([alert("a")])
    triage = triage_of(mirror)
    triage.told = told

    assert words in shown(mirror, triage, 160)


def test_only_series_with_the_labels_of_the_alert_are_drawn() -> None:
    mirror = mirrored([alert("a", labels={"service": "x"})])
    one, other = graph([1.0] * 9, 'main/e{service="x"}'), graph([2.0] * 9, 'main/e{service="y"}')
    mirror.windows[WATCH] = msgspec.structs.replace(one, series=(*one.series, *other.series))
    triage = triage_of(mirror)
    triage.told = Told("a", None, Drawn("main/e"))

    assert "2 series" not in shown(mirror, triage)
    fill(mirror, alerts=[alert("a", labels={"service": "z"})])
    triage.update(mirror)
    assert "2 series" in shown(mirror, triage)


def test_the_graph_is_watched_where_it_is_drawn() -> None:
    mirror, triage = rich()

    (wanted,) = alerts_watches(triage, 120, 38)
    assert (wanted.name, wanted.selectors) == (WATCH, (SERIES,))
    assert alerts_watches(triage, 120, 12) == ()
    triage.index.move(1)
    assert alerts_watches(triage, 120, 38) == ()
    assert mirror.tables


def test_the_timeline_shows_what_fired_in_the_window() -> None:
    spans = [
        span("a", NOW - 250, NOW - 200, "Burned"), span("a", NOW - 60, None, "Burned", severity=Severity.CRITICAL),
        span("a", NOW - 120, NOW - 60, "Burned", state=AlertState.PENDING), span("b", NOW - 900, NOW - 800, "Before"),
    ]  # fmt: skip
    mirror = mirrored([], alert_spans=spans)
    triage = triage_of(mirror)
    triage.show(View.TIMELINE)
    triage.update(mirror)

    lines = shown(mirror, triage).splitlines()

    (burned,) = [line for line in lines if "Burned" in line]
    assert "▆▆▆" in burned
    assert "▒▆▆" in burned
    assert "2×" in burned
    assert "1:50" in burned
    (before,) = [line for line in lines if "Before" in line]
    assert "▆" not in before
    assert "now" in lines[1]


def test_objectives_tell_budget_burn_and_what_fires() -> None:
    mirror = mirrored([], slos=[slo(), slo("low", left=None, sli=None, burns=(), fires="", why="12 of 100 events")])
    triage = triage_of(mirror)
    triage.show(View.SLOS)
    triage.update(mirror)
    text = shown(mirror, triage, 160)

    for words in ("99.9 %", "99.81 %", "61 %", "██▂–", "3:10:00", "✗ 1h and 5m", "12 of 100 events", "3d – not filled",
                  "61 % left of a budget of 43:12 in 30d", "gone in 3:10:00 at this rate"):  # fmt: skip
        assert words in text, words
    fill(mirror, slos=[slo(left=-4.5, burns=(Burn(60.0, 0.0), Burn(600.0, float("nan"))))])
    triage.update(mirror)
    text = shown(mirror, triage)
    assert "-450 %" in text
    assert "spent" in text
    assert "·–" in text


def test_noise_puts_first_what_fired_most_and_longest() -> None:
    mirror = mirrored([], noise=[noise("rare", firings=1), noise("often", short=None)])
    triage = triage_of(mirror)
    triage.show(View.NOISE)
    triage.update(mirror)

    text = shown(mirror, triage)

    assert text.index("often") < text.index("rare")
    assert "71 %" in text


def test_silences_tell_what_they_hide_and_when_they_end() -> None:
    over = silence(2, state=SilenceState.EXPIRED, ends_at=NOW - 60, author="me@box", comment="over")
    mirror = mirrored([], silences=[over, silence(1, matched=0)])
    triage = triage_of(mirror)
    triage.show(View.SILENCES)
    triage.update(mirror)
    lines = shown(mirror, triage, 160).splitlines()

    assert 'service="search",severity=~"warn.*"' in lines[2]
    assert "50:00" in lines[2]
    assert "you" in lines[3]
    assert "1:00 ago" in lines[3]


def test_views_of_nothing_say_what_would_be_there() -> None:
    mirror = Mirror()
    for view, words in ((View.TIMELINE, "reading what fired"), (View.NOISE, "counting"), (View.SLOS, "reading the obj"),
                        (View.SILENCES, "reading the silences"), (View.LIST, "reading the alerts")):  # fmt: skip
        triage = triage_of(mirror)
        triage.show(view)
        assert words in shown(mirror, triage)
    full = mirrored([], alert_spans=[], noise=[], slos=[], silences=[])
    for view, words in ((View.TIMELINE, "Nothing fired"), (View.NOISE, "Nothing fired"), (View.SLOS, "[slo.NAME]"),
                        (View.SILENCES, "s on an alert")):  # fmt: skip
        triage = triage_of(full)
        triage.show(view)
        assert words in shown(full, triage)


def test_no_alerts_only_look_good_where_the_way_is_proven() -> None:
    mirror = mirrored([])
    mirror.sources = (source("main", "prometheus"), source("am-eu", "alertmanager"))
    text = shown(mirror)
    assert "✓ 0 alerts from" in text
    assert "main, am-eu" in text

    mirror.alert_counts = AlertCounts()
    text = shown(mirror)
    assert "✓" not in text
    assert "Watchdog" in text

    mirror.alert_counts = AlertCounts(watchdog=Watchdog(False, "am-eu does not see it", NOW - 300))
    text = shown(mirror)
    assert "✓" not in text
    assert "✗ alert pipeline broken: am-eu does not see it, last seen 5:00 ago" in text
    assert "That means nothing" in text


def test_no_alerts_teach_and_name_who_cannot_be_asked() -> None:
    text = shown(mirrored([]), config=NO_RULES)
    assert "[alerts.busy]" in text
    assert "[sources.alertmanager.main]" in text

    mirror = mirrored([])
    error = SourceError(ErrorKind.REFUSED, "connection refused")
    mirror.sources = (
        source("am-eu", "alertmanager", SourceState.FAILED, error=error, failing_since=NOW - 14, next_try_at=NOW + 6),
        source("main", "prometheus", blind="this source has no rules API"),
    )
    text = shown(mirror)
    assert "am-eu ✗ connection refused, 0:14, next try in 6 s" in text
    assert "main: no rules API" in text
    assert "✓ 0 alerts" not in text


def test_a_filter_that_leaves_nothing_says_how_to_clear_it() -> None:
    mirror = counted(mirrored(some()))
    triage = triage_of(mirror)
    triage.index.set_filter("nowhere")
    triage.index.toggle_mark()
    text = shown(mirror, triage)

    assert 'no alert matches "nowhere": esc clears the filter' in text
    assert "0 of 5" in text
    assert "No alert is chosen." in text


def test_status_line_and_overview_count_what_the_session_counts_and_miss_the_watchdog() -> None:
    mirror = mirrored([])
    mirror.alert_counts = AlertCounts(3, 412, watchdog=Watchdog(True))
    scene = scene_of(mirror)
    assert "✗ 3 crit  ▲ 412 warn" in plain(status_line(scene, 120))
    assert plain(alerts_summary(scene, 40)) == "415 firing"

    mirror.alert_counts = AlertCounts(watchdog=Watchdog(False, "main misses it"))
    assert "0 alerts  ✗ watchdog" in plain(status_line(scene, 120))
    assert alerts_summary(scene, 40) == (("✗ watchdog missing", Role.BAD),)
    assert "main misses it" in plain(alerts_body(scene, 80, 6)[0])

    mirror.alert_counts = AlertCounts(watchdog=Watchdog(True))
    assert "✓ no alerts" in plain(status_line(scene, 120))
    mirror.sources = (source("main", "prometheus"),)
    mirror.alert_counts = AlertCounts()
    assert "✓" not in plain(status_line(scene, 120)).replace("✓ no alerts", "✓")
    assert plain(alerts_summary(scene, 40)) == "none firing"
    mirror.alert_counts = AlertCounts(info=2)
    assert "2 info" in plain(status_line(scene, 120))


@pytest.mark.parametrize("size", [(20, 5), (39, 10), (40, 10), (80, 22), (120, 38), (179, 30), (200, 48), (3, 2)])
@pytest.mark.parametrize("glyphs", [UTF8, ASCII])
def test_every_view_has_as_many_lines_and_cells_as_asked_for_whatever_the_alerts_say(
    size: tuple[int, int], glyphs: GlyphSet
) -> None:
    labels = {"service": HOSTILE * 40, "wide": "中" * 300}
    hostile = alert(
        "h", HOSTILE, labels=labels, summary=HOSTILE * 900, expr=HOSTILE * 900, acked_by=HOSTILE, note=HOSTILE,
        note_by=HOSTILE, runbook=f"https://{HOSTILE}", annotations=((HOSTILE, HOSTILE * 500),), sources=(HOSTILE,),
        silenced_by=(HOSTILE,), inhibited_by=(HOSTILE,), snoozed_until=NOW + 1, snoozed_by=HOSTILE, for_s=1e9,
        value=float("inf"), threshold=float("nan"), activations_24h=10**9,
    )  # fmt: skip
    mirror = mirrored(
        [hostile, *some()], silences=[silence(comment=HOSTILE, author=HOSTILE, matchers=(Matcher(HOSTILE, HOSTILE),))],
        slos=[slo(HOSTILE, why=HOSTILE, fires=HOSTILE)], noise=[noise(HOSTILE)],
        alert_spans=[span(HOSTILE, NOW - 9, None, HOSTILE, labels=((HOSTILE, HOSTILE),))],
    )  # fmt: skip
    mirror.alert_counts = AlertCounts(watchdog=Watchdog(False, HOSTILE))
    triage = triage_of(mirror)
    triage.index.go_to("h")
    told = Story(1, 2, STORY.spans, ((HOSTILE, HOSTILE),), HOSTILE)
    triage.told = Told("h", told, Drawn(why=HOSTILE))

    for view in (*View, None):
        triage.show(view or View.LIST)
        triage.full = view is None
        triage.update(mirror)
        lines = alerts_picture(scene_of(mirror, glyphs=glyphs), triage, *size)
        assert [line_width(line) for line in lines] == [size[0]] * size[1]
        leaks = [plain(line) for line in lines if any(char in plain(line) for char in "\x1b\x00\n\u202e")]
        assert leaks == []


def test_a_silence_begins_with_what_the_marked_alerts_share_but_not_with_their_place() -> None:
    rows = some()

    assert written(common_matchers(rows[:1])) == (
        'alertname="SLOLatencyFastBurn", service="checkout", severity="critical"'
    )
    assert common_matchers(rows[:2]) == (
        Matcher("alertname", "PoolSaturated|SLOLatencyFastBurn", regex=True), Matcher("service", "checkout"),
    )  # fmt: skip
    assert common_matchers(()) == ()
    assert preview_words(Preview(14, 3)) == "matches 14 firing, 3 of them others'"


def test_a_snapshot_of_the_screen_is_drawn_from_its_tables() -> None:
    mirror = counted(mirrored(some()))

    assert page_watches(Screen.ALERTS, DEFAULTS, 120, 40) == ((), ("alerts", "silences"))
    text = "\n".join(plain(line) for line in page(Screen.ALERTS, scene_of(mirror), 120, 40))
    assert "SLOLatencyFastBurn" in text


def test_ten_thousand_alerts_are_taken_over_in_pieces() -> None:
    rows = [alert(f"{number:05}") for number in range(2500)]
    mirror = mirrored(rows)
    triage = Triage()

    taken = []
    more = True
    while more:
        more = triage.update(mirror)
        taken.append(triage.index.total)

    assert taken == [1000, 2000, 2500]
