#!/usr/bin/env python3
"""Checks the arrows between the rooms: which folder may include which (docs/architecture.md)."""

import pathlib
import re
import subprocess
import sys

# A room is the longest prefix here that a path begins with. "may" lists the rooms whose headers
# it may include; each may include its own.
ESP_IDF = "simulator/include"
ROOMS = {
    "components/fuota_protocol": [],
    "components/scan_wifi_b/core": [],
    "components/conn_wifi_b/core": [],
    "components/fuota_b/core": ["components/fuota_protocol", "components/fuota_b"],
    "components/scan_wifi_b": [ESP_IDF, "components/scan_wifi_b/core"],
    "components/conn_wifi_b": [ESP_IDF, "components/conn_wifi_b/core"],
    "components/fuota_b": [ESP_IDF, "components/fuota_protocol", "components/fuota_b/core"],
    "components/fuota_b/examples": [ESP_IDF, "components/scan_wifi_b", "components/conn_wifi_b",
                                    "components/fuota_b"],
    "sample_app/main/core": [],
    "sample_app": [ESP_IDF, "sample_app/main/core", "components/scan_wifi_b",
                   "components/conn_wifi_b", "components/fuota_b", "components/fuota_protocol"],
    "simulator/include": [],
    "simulator/kernel": [ESP_IDF],
    "simulator/flash": [ESP_IDF, "simulator/kernel"],
    "simulator/boot": [ESP_IDF, "simulator/kernel", "simulator/flash"],
    "simulator/radio": [ESP_IDF, "simulator/kernel"],
    "simulator/net": [ESP_IDF, "simulator/kernel"],
    "simulator/chip": [ESP_IDF, "simulator/kernel", "simulator/flash", "simulator/boot",
                       "simulator/radio", "simulator/net"],
    "simulator/app": [ESP_IDF, "simulator/kernel", "simulator/flash", "simulator/boot",
                      "simulator/radio", "simulator/net", "simulator/chip"],
    "cli": ["components/fuota_protocol"],
    "server/domain": ["components/fuota_protocol"],
    "server/offload": [],
    "server/storage/sqlite": ["server/storage", "server/storage/blobs", "server/domain",
                              "server/offload"],
    "server/storage/blobs": ["server/storage", "server/domain"],
    "server/storage": ["server/domain", "components/fuota_protocol"],
    "server/http": [],
    "server/api": ["server/http", "server/domain", "server/storage", "server/offload",
                   "components/fuota_protocol"],
    "server/app": ["server/http", "server/api", "server/domain", "server/storage",
                   "server/storage/sqlite", "server/storage/blobs", "components/fuota_protocol"],
}
# Libraries that only some rooms may see.
LIBRARIES = {
    r"boost/(asio|beast)": ["server/http", "server/offload", "server/storage", "server/api",
                            "server/app", "cli"],
    r"boost/json": ["server/api", "server/app", "cli"],
    r"openssl/": ["server/http", "server/app", "server/api", "server/storage", "cli"],
    r"sodium": ["server/api"],
    r"SQLiteCpp/|sqlite3\.h": ["server/storage/sqlite"],
    r"CLI/": ["cli", "server/app", "simulator/app"],
    r"fmt/": ["server/app"],
    r"prometheus/": ["server/app"],
    r"boost/context": ["simulator/kernel"],
    r"jsmn\.h": ["components/fuota_protocol"],
}

ROOT = pathlib.Path(__file__).resolve().parent.parent
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.MULTILINE)


def room_of(path):
    rooms = [room for room in ROOMS if path == room or path.startswith(room + "/")]
    return max(rooms, key=len, default=None)


def include_folders(path):
    """Where the compiler looks for what the file at `path` includes, nearest first."""
    component = re.match(r"(components/[^/]+|sample_app/main|simulator/include)/", path)
    folders = [str(pathlib.PurePosixPath(path).parent), ""]
    if component:
        own = component.group(1)
        folders += [own + "/include", own + "/core", own + "/esp_idf", own + "/src"]
    folders += [f"components/{name}/include"
                for name in ("fuota_protocol", "scan_wifi_b", "conn_wifi_b", "fuota_b")]
    return folders + [ESP_IDF]


def resolve(path, included, files):
    for folder in include_folders(path):
        candidate = f"{folder}/{included}" if folder else included
        candidate = re.sub(r"[^/]+/\.\./", "", candidate)
        if candidate in files:
            return candidate
    return None


def problems(files):
    for path in sorted(files):
        room = room_of(path)
        if room is None:
            continue
        for _, included in INCLUDE.findall((ROOT / path).read_text(encoding="utf-8")):
            for library, rooms in LIBRARIES.items():
                if re.match(library, included) and not any(
                        room == r or room.startswith(r + "/") for r in rooms):
                    yield f"{path}: {room} must not include <{included}>"
            target = resolve(path, included, files)
            other = room_of(target) if target else None
            if target and other != room and other not in ROOMS[room]:
                yield f"{path}: {room} must not include {target}"


def main():
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    files = {f for f in listed.splitlines() if f.endswith((".c", ".h", ".cpp", ".hpp"))
             and (ROOT / f).exists()}
    found = list(problems(files))
    for problem in found:
        print(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
