from __future__ import annotations

from perftui.domain.processes import ProcessRow
from perftui.domain.samples import SeriesInfo, SeriesWindow, Window
from perftui.domain.units import Unit
from perftui.link.messages import TablePart, Update, WindowPart
from perftui.link.mirror import Mirror, appended


def series(name: str, *values: float | None) -> SeriesWindow:
    return SeriesWindow(name, values, values, values, values[-1], 0.0)


def row(pid: int, name: str = "python") -> ProcessRow:
    return ProcessRow(f"{pid}:1", pid, 1, name, "me", "S", 0.5, 1.0, 1, None, None, None, 0.0, name)


def test_an_update_that_builds_on_another_one_is_not_applied() -> None:
    mirror = Mirror()
    assert mirror.apply(Update(1, 0, 10.0, full=True))
    assert not mirror.apply(Update(3, 2, 12.0, problems=("x",)))
    assert (mirror.seq, mirror.at, mirror.problems) == (1, 10.0, ())


def test_a_full_update_is_applied_whatever_came_before_and_replaces_all_windows_and_tables() -> None:
    mirror = Mirror()
    window = Window(0.0, 1.0, 1, (series("host/a", 1.0),))
    mirror.apply(Update(1, 0, 1.0, True, {"a": WindowPart(True, window)}, {"t": TablePart(True, 1.0, (["k", 1],))}))
    assert mirror.apply(Update(9, 8, 2.0, True, {"b": WindowPart(True, window)}))
    assert (set(mirror.windows), set(mirror.tables)) == ({"b"}, set())


def test_what_an_update_does_not_name_stays() -> None:
    mirror = Mirror()
    info = SeriesInfo("host/a", Unit.COUNT, 1.0)
    mirror.apply(Update(1, 0, 1.0, True, catalogue=(info,), problems=("broken",)))
    mirror.apply(Update(2, 1, 2.0))
    assert (mirror.catalogue, mirror.problems) == ({"host/a": info}, ("broken",))
    mirror.apply(Update(3, 2, 3.0, problems=()))
    assert mirror.problems == ()


def test_newer_buckets_replace_and_push_out_the_oldest() -> None:
    known = Window(10.0, 1.0, 3, (series("host/a", 1.0, 2.0, 3.0),))
    newer = Window(12.0, 1.0, 2, (series("host/a", 3.5, 4.0),))
    assert appended(known, newer) == Window(11.0, 1.0, 3, (series("host/a", 2.0, 3.5, 4.0),))


def test_a_gap_between_the_known_and_the_newer_buckets_stays_a_gap() -> None:
    known = Window(0.0, 1.0, 4, (series("host/a", 1.0, 2.0, 3.0, 4.0),))
    newer = Window(6.0, 1.0, 1, (series("host/a", 7.0),))
    assert appended(known, newer).series[0].mean == (4.0, None, None, 7.0)


def test_a_series_that_ended_leaves_when_its_last_bucket_does() -> None:
    window = Window(0.0, 1.0, 2, (series("host/a", 1.0, 2.0), series("host/b", 1.0, 2.0)))
    window = appended(window, Window(2.0, 1.0, 1, (series("host/a", 3.0),)))
    assert [item.mean for item in window.series] == [(2.0, 3.0), (2.0, None)]
    window = appended(window, Window(3.0, 1.0, 1, (series("host/a", 4.0),)))
    assert [item.series for item in window.series] == ["host/a"]


def test_a_series_that_begins_has_gaps_before() -> None:
    known = Window(0.0, 1.0, 2, (series("host/a", 1.0, 2.0),))
    merged = appended(known, Window(1.0, 1.0, 2, (series("host/a", 2.0, 3.0), series("host/b", None, 5.0))))
    assert merged.series[1].mean == (None, 5.0)


def test_lowest_and_highest_are_kept_from_the_bucket_on_that_has_several_samples() -> None:
    mirror = Mirror()
    whole = Window(0.0, 1.0, 2, (series("host/a", 1.0, 2.0),))
    mirror.apply(Update(1, 0, 1.0, True, {"a": WindowPart(True, whole)}))
    mirror.apply(
        Update(2, 1, 2.0, windows={"a": WindowPart(False, Window(1.0, 1.0, 2, (series("host/a", 2.0, 3.0),)))})
    )
    assert mirror.windows["a"] == Window(1.0, 1.0, 2, (series("host/a", 2.0, 3.0),))

    several = SeriesWindow("host/a", (4.0, 5.0), (3.0, 5.0), (6.0, 5.0), 5.0, 4.0)
    mirror.apply(Update(3, 2, 4.0, windows={"a": WindowPart(False, Window(2.0, 1.0, 2, (several,)))}))
    assert mirror.windows["a"] == Window(2.0, 1.0, 2, (several,))
    mirror.apply(Update(4, 3, 5.0, windows={"a": WindowPart(False, Window(4.0, 1.0, 1, (series("host/a", 7.0),)))}))
    assert [(one.mean, one.low, one.high) for one in mirror.windows["a"].series] == [((5.0, 7.0),) * 3]


def test_table_parts_insert_replace_and_delete_rows_by_key() -> None:
    mirror = Mirror()
    one, two, three = row(1), row(2), row(3)
    mirror.apply(Update(1, 0, 1.0, True, tables={"processes": TablePart(True, 1.0, (one, two))}))
    mirror.apply(Update(2, 1, 2.0, tables={"processes": TablePart(False, 2.0, (row(2, "ruby"), three), ("1:1",))}))
    table = mirror.tables["processes"]
    assert {key: item.name for key, item in table.rows.items()} == {"2:1": "ruby", "3:1": "python"}
    assert (table.at, table.version) == (2.0, 2)


def test_a_table_tells_which_rows_its_newest_version_changed() -> None:
    mirror, one, two = Mirror(), row(1, "a"), row(2, "b")
    mirror.apply(Update(1, 0, 1.0, True, tables={"processes": TablePart(True, 1.0, (one, two))}))
    assert mirror.tables["processes"].changed is None
    mirror.apply(Update(2, 1, 2.0, tables={"processes": TablePart(False, 2.0, (row(2, "c"),), ("1:1",))}))
    assert mirror.tables["processes"].changed == {"1:1", "2:1"}


def test_a_window_that_cannot_be_shown_says_why_until_it_can() -> None:
    mirror = Mirror()
    mirror.apply(Update(1, 0, 1.0, True, {"a": WindowPart(True, Window(0.0, 1.0, 0), "not a series")}))
    assert mirror.window_errors == {"a": "not a series"}
    mirror.apply(Update(2, 1, 1.0, windows={"a": WindowPart(True, Window(0.0, 1.0, 1))}))
    assert mirror.window_errors == {}
