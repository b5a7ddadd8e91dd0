"""Data files: CSV and JSON lines, their order, and what is wrong in them with the line."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perftui.domain.errors import PerftuiError
from perftui.load.data import Order, Rows, in_order, read_rows


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "user,note\nann,\"a, b\"\nbob,\n"), ("a.csv", "\ufeffuser , note\r\nann,\"a, b\"\r\n\r\nbob,\r\n"),
        ("a.jsonl", '{"user": "ann", "note": "a, b"}\n\n{"note": null, "user": "bob"}'),
    ],
)  # fmt: skip
def test_columns_are_variables_and_rows_their_values(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_bytes(text.encode())

    assert read_rows(tmp_path / name) == Rows(("user", "note"), [("ann", "a, b"), ("bob", "")])


def test_values_of_json_are_written_as_json_writes_them(tmp_path: Path) -> None:
    (tmp_path / "a.ndjson").write_text('{"a": 1, "b": 1.50, "c": true, "d": [1, {"e": 2}]}')

    assert read_rows(tmp_path / "a.ndjson").rows == [("1", "1.5", "true", '[1,{"e":2}]')]


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("a.txt", b"a", "expected a name that ends in .csv, .jsonl, .ndjson"),
        ("a.csv", b"", "no rows"),
        ("a.csv", b"a,b\n", "no rows"),
        ("a.csv", b"a,b\n1,2\n3\n", "a.csv:3: 1 values, and the first line names 2 columns"),
        ("a.csv", b"a,a\n1,2\n", "a.csv:1: two columns 'a'"),
        ("a.csv", b"a b\n1\n", "a.csv:1: 'a b' can't be a variable"),
        ("a.csv", b'a\n"1', "a.csv:2: unexpected end of data"),
        ("a.csv", b"a\n\xff\n", "a.csv:2: not UTF-8 text"),
        ("a.jsonl", b'{"a": 1}\n[1]\n', "a.jsonl:2: not a JSON object"),
        ("a.jsonl", b'{"a": 1}\n{"a": 1\n', "a.jsonl:2: not a JSON object"),
        ("a.jsonl", b'{"user": 1}\n{"usr": 1}\n', 'a.jsonl:2: unknown column "usr", did you mean "user"?'),
        ("a.jsonl", b'{"a": 1, "b": 2}\n{"a": 1}\n', "a.jsonl:2: too few columns; the first line has a, b"),
    ],
)
def test_what_is_wrong_in_a_file_has_its_line(tmp_path: Path, name: str, text: bytes, problem: str) -> None:
    (tmp_path / name).write_bytes(text)

    with pytest.raises(PerftuiError) as refused:
        read_rows(tmp_path / name)
    assert problem in str(refused.value)


def test_folders_and_files_that_are_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    for name, problem in (("folder.csv", "not a file"), ("none.csv", "No such file")):
        with pytest.raises(PerftuiError, match=problem):
            read_rows(tmp_path / name)


@given(st.integers(1, 40), st.integers(), st.sampled_from(Order))
def test_every_row_comes_once_a_round_in_an_order_that_the_seed_gives(count: int, seed: int, order: Order) -> None:
    rows = Rows(("n",), [(str(number),) for number in range(count)])

    first = [row["n"] for row in islice(in_order(rows, order, seed), 2 * count)]
    assert sorted(first[:count], key=int) == [str(number) for number in range(count)]
    assert first[count:] == first[:count]
    assert first == [row["n"] for row in islice(in_order(rows, order, seed), 2 * count)]
    if order is Order.SEQUENTIAL:
        assert first[:count] == sorted(first[:count], key=int)


def test_another_seed_is_another_order() -> None:
    rows = Rows(("n",), [(str(number),) for number in range(40)])

    assert next(in_order(rows, Order.SHUFFLED, 1)) is not None
    assert [*islice(in_order(rows, Order.SHUFFLED, 1), 40)] != [*islice(in_order(rows, Order.SHUFFLED, 2), 40)]


@given(st.binary())
def test_any_bytes_are_rows_or_an_error_in_words(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    for name in ("any.csv", "any.jsonl"):
        (folder / name).write_bytes(content)
        try:
            read_rows(folder / name)
        except PerftuiError:
            continue
