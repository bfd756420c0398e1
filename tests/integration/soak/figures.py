"""What a running server holds, as the kernel and the file system tell it."""

import contextlib
import os
import pathlib
import re

#: What is read, in the order in which it is shown.
NAMES = ("resident_bytes", "proportional_bytes", "anonymous_bytes", "files", "sockets", "threads",
         "database_bytes", "wal_bytes", "blobs")
_MEMORY = {"Rss": "resident_bytes", "Pss": "proportional_bytes", "Anonymous": "anonymous_bytes"}


def read(pid, data):
    """The figures of the server `pid` and its data directory `data`, by name. OSError or KeyError when it has
    ended."""
    process = pathlib.Path(f"/proc/{pid}")
    figures = {}
    for line in (process / "smaps_rollup").read_text(encoding="ascii").splitlines():
        found = re.fullmatch(r"(\w+):\s+(\d+) kB", line)
        if found and found.group(1) in _MEMORY:
            figures[_MEMORY[found.group(1)]] = int(found.group(2)) * 1024
    figures["sockets"], figures["files"] = _descriptors(process / "fd")
    figures["threads"] = len(os.listdir(process / "task"))
    figures["database_bytes"] = _size(data / "fuota.db")
    figures["wal_bytes"] = _size(data / "fuota.db-wal")
    figures["blobs"] = sum(len(names) for _, _, names in os.walk(data / "blobs"))
    return {name: figures[name] for name in NAMES}


def _descriptors(folder):
    """How many of the descriptors are sockets, and how many are something else."""
    sockets = others = 0
    for name in os.listdir(folder):
        with contextlib.suppress(FileNotFoundError):  # It was closed meanwhile.
            if os.readlink(folder / name).startswith("socket:"):
                sockets += 1
            else:
                others += 1
    return sockets, others


def _size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
