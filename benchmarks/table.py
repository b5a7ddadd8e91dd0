"""What a table of 10 000 rows costs: filter, sort and update, medians in milliseconds of CPU."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable

from perftui.domain.processes import ProcessRow
from perftui.view.glyphs import UTF8
from perftui.view.host import process_table
from perftui.view.table import TableModel

_BOUNDS_MS = {"filter": 30.0, "sort": 50.0}


def _row(pid: int, random_source: random.Random) -> ProcessRow:
    name = random_source.choice(("python", "postgres", "nginx", "kworker", "java", "sshd"))
    return ProcessRow(
        key=f"{pid}-1",
        pid=pid,
        ppid=random_source.randrange(pid) if pid else 0,
        name=name,
        user=random_source.choice(("root", "www", "app")),
        state="S",
        cpu_ratio=random_source.random() if random_source.random() < 0.9 else None,
        rss_bytes=random_source.random() * 1e9,
        threads=random_source.randrange(1, 64),
        fds=None,
        read_bytes_per_s=random_source.random() * 1e6,
        write_bytes_per_s=None,
        started_at=0.0,
        command=f"/usr/bin/{name} --worker {pid} --config /etc/{name}/{name}.conf",
    )


def _median_ms(run: Callable[[int], object], count: int) -> float:
    """CPU, not wall: what other programs do at the same time is not the table's."""
    took = []
    for index in range(count):
        begun = time.process_time()
        run(index)
        took.append((time.process_time() - begun) * 1e3)
    return statistics.median(took)


def _measure(count: int, runs: int) -> dict[str, float]:
    random_source = random.Random(7)
    rows = {row.key: row for row in (_row(pid, random_source) for pid in range(count))}
    again = {row.key: row for row in (_row(pid, random_source) for pid in range(count))}
    # other objects with the values that they had
    same = {key: ProcessRow(*(getattr(row, name) for name in row.__struct_fields__)) for key, row in rows.items()}

    few = {**rows, **dict(list(same.items())[:100])}

    def fresh(_: int) -> TableModel[ProcessRow]:
        table = process_table()
        table.update(rows)
        return table

    def first_filter(table: TableModel[ProcessRow]) -> None:
        table.set_filter("post 9 !www")

    table = fresh(0)
    filters = ("p", "po", "post", "post 9", "post 9 !www", "")
    columns = [column.id for column in table.columns]
    unprepared = [fresh(0) for _ in range(runs)]
    figures = {
        "filter, first": _median_ms(lambda index: first_filter(unprepared[index]), runs),
        "filter": _median_ms(lambda index: table.set_filter(filters[index % len(filters)]), runs * len(filters)),
    }
    table.set_filter("")
    figures["sort"] = _median_ms(lambda index: table.sort_by(columns[index % len(columns)]), runs * len(columns))
    table.sort_by("cpu")
    figures["update, all rows new"] = _median_ms(lambda index: table.update(rows if index % 2 else again), runs)
    table.update(rows)
    figures["update, 100 rows, same order"] = _median_ms(lambda index: table.update(rows if index % 2 else few), runs)
    figures["update, all, same order"] = _median_ms(lambda index: table.update(rows if index % 2 else same), runs)
    table.set_tree(True)
    figures["tree, sort"] = _median_ms(lambda _: table.reverse(), runs)
    figures["picture 118x38"] = _median_ms(lambda _: table.picture(118, 38, UTF8), runs)
    return figures


def main() -> None:
    """Print every figure, with its bound where it has one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    print(f"{options.rows} rows, median CPU ms")
    for name, took in _measure(options.rows, options.runs).items():
        bound = _BOUNDS_MS.get(name.partition(",")[0])
        print(f"{name:30}{took:9.2f}" + (f"   bound {bound:.0f}" if bound is not None else ""))


if __name__ == "__main__":
    main()
