"""Expositions: read as the official parser reads them, real and made-up; hostile ones end early and by name."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, Summary
from prometheus_client.openmetrics.exposition import generate_latest as openmetrics_text
from prometheus_client.openmetrics.parser import text_string_to_metric_families as official_openmetrics
from prometheus_client.parser import text_string_to_metric_families as official_text

from perftui.domain.text import clean
from perftui.domain.units import Unit
from perftui.sources.scrape.exposition import Exposition, Parser
from perftui.sources.scrape.lines import MAX_LABELS, MAX_LINE, MAX_NAME, MAX_VALUE, parse_exemplar
from perftui.sources.turns import finish
from tests.unit.sources.scrape.scraping import OPENMETRICS, TEXT, read, recorded

RECORDED = ("alertmanager1", "etcd1", "etcd1_after_failover", "node_exporter", "prometheus")
Plain = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def _plain(found: Exposition) -> Plain:
    return {(series.name, series.labels): value for series, value in found.values.items()}


def _official(families: Iterable[object]) -> Plain:
    """As the official parser has it, but for labels without a value, which are none."""
    found: Plain = {}
    for family in families:
        for sample in family.samples:  # type: ignore[attr-defined]
            labels = {name: clean(value, MAX_VALUE) for name, value in sample.labels.items()}
            key = (sample.name, tuple(sorted(pair for pair in labels.items() if pair[1])))
            found.setdefault(key, float(sample.value))
    return found


def _same(ours: Plain, theirs: Plain) -> bool:
    return ours.keys() == theirs.keys() and all(
        ours[key] == value or (math.isnan(ours[key]) and math.isnan(value)) for key, value in theirs.items()
    )


@pytest.mark.parametrize("name", RECORDED)
def test_a_real_exposition_has_the_names_and_values_of_the_official_parser_but_for_its_renames(name: str) -> None:
    body = recorded(name)
    parser = Parser(200_000)

    cold, warm = _plain(read(body, parser=parser)), _plain(read(body, parser=parser))

    theirs = _official(official_text(body.decode()))
    written = {line.split("{")[0].split(" ")[0] for line in body.decode().splitlines() if not line.startswith("#")}
    renamed = {key: value for key, value in theirs.items() if key[0] not in written}
    for (metric, labels), value in renamed.items():
        assert metric.endswith("_total")
        theirs[metric.removesuffix("_total"), labels] = value
        del theirs[metric, labels]
    assert len(cold) > 300
    assert _same(cold, theirs)
    assert _same(warm, theirs)
    assert {key[0] for key in cold} == written


_VALUES = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(["NaN", "+Inf", "-Inf", "Inf", "nan", "1e3", "1E-3", "+5", "-0", ".5", "5."]),
)
_NAMES = st.from_regex(r"[a-z_:][a-z0-9_:]{0,12}", fullmatch=True)
_LABEL_NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
_LABEL_VALUES = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=20)
# characters that are taken out would make two of the client's series one
_PATHS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cf", "Zl", "Zp")), max_size=20)
_SPACE = st.sampled_from([" ", "  ", "\t", " \t "])


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"")


@st.composite
def _line(draw: st.DrawFn) -> str:
    labels = draw(st.dictionaries(_LABEL_NAMES, _LABEL_VALUES, max_size=4))
    comma = draw(st.sampled_from([",", ", ", " , "]))
    pairs = comma.join(f'{name}="{_escaped(value)}"' for name, value in labels.items())
    tail = draw(st.sampled_from(["", ","])) if labels else ""
    braces = f"{{{pairs}{tail}}}" if labels or draw(st.booleans()) else ""
    at = draw(st.one_of(st.just(""), st.integers(0, 2**42).map(lambda moment: f" {moment}")))
    return f"{draw(_NAMES)}{braces}{draw(_SPACE)}{draw(_VALUES)}{at}{draw(st.sampled_from(['', '', ' ']))}"


@pytest.mark.parametrize(
    "line", ["x 5\t17000", "x\t5 17000", "x 5 \t17000", "x \t 5\t17000 ", "x  5  17000", " x 5 17000"]
)
def test_spaces_and_tabs_may_stand_anywhere_between_the_parts(line: str) -> None:
    parser = Parser(10)
    for _ in range(2):
        found = read(f"y 1\n{line}\nz 2\n", parser=parser)
        assert [(series.name, value) for series, value in found.values.items()] == [("y", 1), ("x", 5), ("z", 2)]
        assert list(found.times.values()) == [17.0]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(_line(), st.just(""), st.just("# a comment")), max_size=12))
@example(["x 1 0", "x  1 1"])  # the first one counts, and so does its time, however the second one is written
def test_any_exposition_reads_as_the_official_parser_reads_it(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    parser = Parser(200_000)

    cold, warm = read(text, parser=parser), read(text, parser=parser)

    assert _same(_plain(cold), _official(official_text(text)))
    assert _same(_plain(warm), _plain(cold))
    assert list(warm.values) == list(cold.values)
    assert warm.times == cold.times


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_PATHS, st.floats(0, 20), st.booleans()), min_size=1, max_size=8))
def test_what_the_official_client_writes_as_openmetrics_reads_as_its_own_parser_reads_it(
    seen: list[tuple[str, float, bool]],
) -> None:
    registry = CollectorRegistry()
    counter = Counter("requests", "Requests", ["path"], registry=registry)
    histogram = Histogram("latency_seconds", "Latency", ["path"], registry=registry)
    Gauge("depth", "Depth", registry=registry).set(seen[0][1])
    Summary("size_bytes", "Size", registry=registry).observe(seen[0][1])
    Info("build", "Build", registry=registry).info({"version": seen[0][0]})
    for path, value, traced in seen:
        exemplar = {"trace_id": "abc"} if traced else None
        counter.labels(path).inc(value, exemplar)
        histogram.labels(path).observe(value, exemplar)
    text = openmetrics_text(registry).decode()

    found = read(text, OPENMETRICS)

    families = list(official_openmetrics(text))
    assert _same(_plain(found), _official(families))
    theirs = {
        (sample.name, tuple(sorted(pair for pair in sample.labels.items() if pair[1]))): sample.exemplar
        for family in families
        for sample in family.samples
        if sample.exemplar
    }
    ours = {(series.name, series.labels): parse_exemplar(told) for series, told in found.exemplars.items()}
    assert len(ours) == len(theirs)
    assert sorted((one.value, one.at) for one in ours.values()) == sorted(
        (one.value, float(one.timestamp)) for one in theirs.values()
    )


def test_escapes_are_undone_and_control_characters_taken_out() -> None:
    found = read('x{a="q\\"b\\\\n\\nl\\d",b="\u202ebad\x1b[31m"} 1\n')

    ((series, value),) = found.values.items()
    assert value == 1
    assert dict(series.labels) == {"a": 'q"b\\n l\\d', "b": " bad [31m"}


def test_an_empty_label_is_no_label_and_equal_series_are_one_object() -> None:
    parser = Parser(10)
    first = read('x{b="2",a="1",c=""} 1\n', parser=parser)
    second = read('x{a="1",b="2"} 2\n', parser=parser)

    assert list(first.values) == list(second.values)


def test_the_first_of_two_samples_of_a_series_counts() -> None:
    found = read('x{a="1"} 1\ny 5\nx{a="1"} 2\nx{ a="1" } 3\n')

    assert sorted(found.values.values()) == [1, 5]
    assert found.duplicates == 2


def test_timestamps_are_milliseconds_in_text_and_seconds_in_openmetrics() -> None:
    text = read('x{a="1"} 1 1700000000500\ny 2\n')
    metrics = read('x{a="1"} 1 1700000000.5\ny 2\n# EOF\n', OPENMETRICS)

    assert list(text.times.values()) == list(metrics.times.values()) == [1700000000.5]


def test_metadata_is_told_by_the_names_that_promql_knows() -> None:
    parser = Parser(100)
    read(
        "# HELP hits Hits \\\\ of\\nall.\n# TYPE hits counter\nhits_total 1\nhits_created 1.7e9\n"
        '# TYPE took_seconds histogram\n# UNIT took_seconds seconds\ntook_seconds_bucket{le="+Inf"} 1\n'
        'took_seconds_sum 1\ntook_seconds_count 1\n# TYPE size summary\n# UNIT size bytes\nsize{quantile="0.5"} 1\n'
        "# TYPE bare counter\nbare 1\n# TYPE odd nonsense\nodd 1\nlone 1\n# EOF\n",
        OPENMETRICS,
        parser,
    )  # fmt: skip
    names = ["hits_total", "hits_created", "took_seconds_bucket", "took_seconds_sum", "size", "bare", "odd", "lone"]

    told = {info.name: info for info in parser.families.describe(names)}

    assert {name: info.kind for name, info in told.items()} == {
        "hits_total": "counter", "hits_created": "gauge", "took_seconds_bucket": "histogram",
        "took_seconds_sum": "histogram", "size": "summary", "bare": "counter", "odd": "unknown", "lone": "unknown",
    }  # fmt: skip
    assert told["hits_total"].help == "Hits \\ of all."
    assert told["took_seconds_bucket"].unit is Unit.NONE
    assert told["took_seconds_sum"].unit is Unit.SECONDS
    assert told["size"].unit is Unit.BYTES


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("x", "expected a value"),
        ("x ", "expected a value"),
        ("x one", "expected a number"),
        ("x 1_000", "expected a number"),
        ("x 0x10", "expected a number"),
        ("x 0x1p-2", "expected a number"),
        ("x ١٢", "expected a number"),
        ("x 1 2 3", "expected the end of the line"),
        ("x 1 soon", "expected a timestamp"),
        ("x 1 1.5", "expected a timestamp"),
        ("x 1 # {a=\"b\"} 1", "expected the end of the line"),
        ('x{a="b" 1', "expected labels"),
        ('x{a="b} 1', "expected labels"),
        ("x{a=b} 1", "expected labels"),
        ('x{a="b"c="d"} 1', "expected labels"),
        ('x{,a="b"} 1', "expected labels"),
        ('x{1a="b"} 1', "expected labels"),
        ('x{a="b",a="c"} 1', "a label is given twice"),
        ('x{"utf-8.name"="b"} 1', "expected labels"),
        ('{"utf-8.name"} 1', "expected the name of a metric"),
        ("9x 1", "expected the name of a metric"),
        ("\x1b[31mx 1", "expected the name of a metric"),
        ('x{a="' + "v" * (MAX_VALUE + 1) + '"} 1', f"longer than {MAX_VALUE} characters"),
        ("x" * (MAX_NAME + 1) + " 1", f"more than {MAX_NAME} characters"),
        ("x{" + ",".join(f'l{n}="1"' for n in range(MAX_LABELS + 1)) + "} 1", f"more than {MAX_LABELS} labels"),
        ("x{" + ",".join(f'l{n}="{"v" * 999}"' for n in range(20)) + "} 1", f"more than {MAX_LINE} characters"),
    ],
)  # fmt: skip
def test_a_broken_line_is_named_with_its_number_and_without_control_characters(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^line 3: ") as caught:
        read(f"# HELP x x\ny 1\n{line}\nz 1\n")

    assert reason in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("body", "content_type", "reason"),
    [
        (b"<!doctype html><html><body>Sign in</body></html>\n", "text/html", "web page"),
        (b'{"status":"error"}\n', "application/json", "JSON"),
        (b"\x0a\x02up", "application/vnd.google.protobuf", "protocol buffers"),
        (b"x 1\n", OPENMETRICS, "no|# EOF"),
        (b"x 1\n# EOF\ny 2\n", OPENMETRICS, "# EOF"),
        (b'x 1\ny{a="\xff"} 2\n', TEXT, "line 2: it is not UTF-8"),
        (b"x" * 100_000 + b"\n", TEXT, f"line 1: it has more than {MAX_LINE} characters"),
        (b"x 1\n" + b" " * 200_000 + b"\n", TEXT, f"line 2: it has more than {MAX_LINE} characters"),
        (b"hello", TEXT, "within its first line"),
    ],
)
def test_what_is_no_exposition_is_called_what_it_is(body: bytes, content_type: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read(body, content_type)


def test_the_format_is_told_by_the_end_when_the_content_type_does_not_say() -> None:
    text = 'x_total 1 # {trace_id="a"} 1\n# EOF\n'

    assert read(text, "").openmetrics
    assert read(text, "").exemplars
    assert not read("x 1\n", "application/octet-stream").openmetrics
    assert not read("x 1\n# EOF\n", TEXT).openmetrics


def test_a_last_line_without_a_line_feed_is_left_out_because_it_may_be_cut() -> None:
    found = read("x 1\ny 12")

    assert found.unended
    assert [series.name for series in found.values] == ["x"]
    assert read("x 1\n# EOF", OPENMETRICS).unended is False


def test_more_series_than_allowed_are_refused() -> None:
    text = "".join(f'x{{n="{number}"}} 1\n' for number in range(101))

    with pytest.raises(ValueError, match=r"more than 100 series \(max_series\)"):
        read(text, parser=Parser(100))
    assert len(read(text, parser=Parser(101)).values) == 101


def test_what_is_remembered_stays_bounded_when_labels_change_for_ever() -> None:
    parser = Parser(10_000)
    for number in range(200):
        lines = [f"# HELP m{number} x", "steady 1", *(f'x{{run="{number}",n="{n}"}} 1' for n in range(100))]
        found = read("\n".join(lines) + "\n", parser=parser)
        assert parser.remembered <= 2 * len(found.values) + 1024

    assert len(parser._series) <= 2 * 101 + 1024
    assert len(parser._pairs) <= 2 * (2 * 101 + 1024)
    assert len(parser._comments) <= 2 + 1024


def test_metadata_of_many_families_is_kept_from_scrape_to_scrape() -> None:
    parser = Parser(10_000)
    lines = [f"# HELP m{n} told\n# TYPE m{n} gauge\n# UNIT m{n} bytes\n# a comment {n}" for n in range(5000)]
    for _ in range(3):
        read("\n".join([*lines, "m1 1", ""]), parser=parser)
        (info,) = parser.families.describe(["m1"])
        assert (info.kind, info.help, info.unit) == ("gauge", "told", Unit.BYTES)


def test_one_scrape_with_endless_comments_and_spellings_is_remembered_in_part() -> None:
    parser = Parser(100)
    comments = "".join(f"# HELP m{n} x\n" for n in range(30_000))
    spellings = "".join(f'x{{{" " * n}a="1"}} 1\n' for n in range(2000))

    found = read(comments + spellings, parser=parser)

    assert len(found.values) == 1
    assert parser.remembered <= 2 * 100 + 1024
    assert len(parser._comments) <= 60_000
    assert len(parser.families._help) == 20_000


def test_a_series_keeps_its_identity_while_others_are_forgotten() -> None:
    parser = Parser(10_000)
    steady = set()
    for number in range(100):
        lines = ["steady 1", *(f'x{{run="{number}",n="{n}"}} 1' for n in range(100))]
        found = read("\n".join(lines) + "\n", parser=parser)
        steady |= {series for series in found.values if series.name == "steady"}

    assert len(steady) == 1


def test_who_gives_up_in_the_middle_leaves_a_parser_that_works() -> None:
    text = "".join(f'x{{n="{number}"}} {number}\n' for number in range(5000))
    other = "".join(f'y{{n="{number}"}} {number}\n' for number in range(10))
    parser = Parser(10_000)
    read(text, parser=parser)
    for steps in range(12):
        work = parser.read(other.encode(), TEXT)
        for _ in range(steps):
            next(work, None)
        work.close()

    assert len(read(other, parser=parser).values) == 10
    assert {series.name for series in read(text, parser=parser).values} == {"x"}
    assert len({(series.name, series.labels) for series in parser._series.values()}) == len(parser._series)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ax{}="\\,# \t\n01.eE+-_:N\x00\u202e'), max_size=80))
def test_no_text_does_more_than_a_value_error(text: str) -> None:
    for content_type in (TEXT, OPENMETRICS, ""):
        parser = Parser(100)
        try:
            found = finish(parser.read(text.encode(), content_type))
        except ValueError:
            continue
        assert all(isinstance(value, float) for value in found.values.values())
