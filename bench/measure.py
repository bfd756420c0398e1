"""What a server has used, and what the numbers of several runs come to."""

import pathlib
import re
import statistics
import time


class MeasureError(Exception):
    """A run that doesn't count, and why."""


def cpu_ns(pids):
    """CPU time of processes, user and system, of all their threads, those that have ended too.

    It is the clock that clock_getcpuclockid(3) names, in nanoseconds, so that no clock tick matters.
    """
    return sum(time.clock_gettime_ns((~pid << 3) | 2) for pid in pids)


def proportional_memory_bytes(pids):
    """Memory of processes; a page that several share counts once (Pss of smaps_rollup)."""
    total = 0
    for pid in pids:
        text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        total += int(re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE).group(1)) * 1024
    return total


def ratio_of(ours, peer):
    """The ratio of the medians of two lists of runs."""
    peer_median = statistics.median(peer)
    if peer_median <= 0:
        raise MeasureError("the peer used nothing that could be measured")
    return statistics.median(ours) / peer_median


def verdict(ratio, target):
    """A target counts as reached to two decimals, as it is printed."""
    return "pass" if round(ratio, 2) <= target else "short"


def spread(runs):
    """How far the runs lie apart: (greatest - least) / median."""
    return (max(runs) - min(runs)) / statistics.median(runs)
