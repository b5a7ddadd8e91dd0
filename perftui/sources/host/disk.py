"""Disks from /proc/diskstats, and how full the local file systems are."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from perftui.domain.series import series_id
from perftui.domain.text import clean
from perftui.sources.host.proc_file import ProcFile
from perftui.sources.host.rates import Rates, Totals

_SECTOR_BYTES = 512  # diskstats counts in 512-byte units whatever the device (Documentation/admin-guide/iostats.rst)
# a partition, loop or RAM disk is part of another device or none at all; stacked devices (dm, md) would count twice
_NOT_WHOLE = re.compile(rb"(loop|ram|zram|fd|sr|dm-|md)\d+|(sd|vd|xvd|hd)[a-z]+\d+|(nvme\d+n\d+|mmcblk\d+|nbd\d+)p\d+")
_LOCAL_FILESYSTEMS = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "jfs", "reiserfs", "bcachefs", "vfat", "exfat", "ntfs3")
)
_OCTAL = re.compile(r"\\([0-7]{3})")


class DiskReader:
    """Rates of every whole disk and their sums."""

    def __init__(self, proc: Path) -> None:
        self._file = ProcFile(proc / "diskstats")

    def read(self, into: dict[str, float], rates: Rates, at: float) -> None:
        text = self._file.read()
        if text is None:
            return
        totals = Totals(rates, at)
        for line in text.splitlines():
            fields = line.split()
            if len(fields) >= 14 and (names := _names(fields[2])) is not None:
                _device(names, fields, into, rates, at, totals)
        totals.read(into)

    def close(self) -> None:
        self._file.close()


class _Names(NamedTuple):
    """A disk, and the series of its own."""

    device: str
    read: str
    write: str
    busy: str
    queue: str


@lru_cache(maxsize=1024)
def _names(name: bytes) -> _Names | None:
    """None for what is no whole disk."""
    if _NOT_WHOLE.fullmatch(name):
        return None
    device = clean(name.decode("utf-8", "replace"), 64)
    series = ("device_read_bytes_per_second", "device_write_bytes_per_second", "busy_ratio", "queue_length")
    return _Names(device, *(series_id("host", f"disk_{one}", {"device": device}) for one in series))


def _device(
    names: _Names, fields: list[bytes], into: dict[str, float], rates: Rates, at: float, totals: Totals
) -> None:
    if fields[3] == b"0" and fields[7] == b"0":
        return  # never used: a drive that holds nothing
    device = names.device
    for index, name, series in ((5, "read", names.read), (9, "write", names.write)):
        total = f"host/disk_{name}_bytes_per_second"
        rate = totals.add(total, f"{device}.{name}", float(fields[index]) * _SECTOR_BYTES)
        if rate is not None:
            into[series] = rate
    totals.add("host/disk_operations_per_second", f"{device}.ops", float(fields[3]) + float(fields[7]))
    busy = rates.per_second(f"{device}.busy", float(fields[12]) / 1000, at)
    if busy is not None:
        into[names.busy] = min(1.0, busy)
    queue = rates.per_second(f"{device}.queue", float(fields[13]) / 1000, at)
    if queue is not None:
        into[names.queue] = queue


def local_mounts(mounts: str, is_folder: Callable[[str], bool]) -> list[str]:
    """Mount points of local file systems in the text of /proc/mounts: for each device the shortest path, sorted.

    Containers mount single files of the host's disk, as /etc/hosts: only folders count. An overlay counts only as the
    root of a container: elsewhere it lies on a file system that is listed itself.
    """
    found: dict[str, str] = {}
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        device, point = fields[0], _OCTAL.sub(lambda match: chr(int(match[1], 8)), fields[1])
        if fields[2] not in _LOCAL_FILESYSTEMS and (fields[2], point) != ("overlay", "/"):
            continue
        if (device not in found or len(point) < len(found[device])) and is_folder(point):
            found[device] = point
    return sorted(found.values())


def filesystems(proc: Path) -> dict[str, float]:
    """Used share and free bytes of each local file system. May block on a sick disk: call it in a thread."""
    try:
        mounts = (proc / "mounts").read_text("utf-8", "surrogateescape")
    except OSError:
        return {}
    values: dict[str, float] = {}
    for point in local_mounts(mounts, _is_folder):
        try:
            size = os.statvfs(point)
        except OSError:
            continue
        used = size.f_blocks - size.f_bfree
        if used + size.f_bavail <= 0:
            continue
        labels = {"mount": clean(point, 128)}
        # as df does: what is reserved for root counts neither as used nor as free
        values[series_id("host", "filesystem_used_ratio", labels)] = used / (used + size.f_bavail)
        values[series_id("host", "filesystem_free_bytes", labels)] = float(size.f_bavail * size.f_frsize)
    return values


def _is_folder(point: str) -> bool:
    try:
        return Path(point).is_dir()
    except OSError:
        return False
