#!/usr/bin/env python3
"""Prints, as a Markdown table, what fuota's components take of a firmware's flash and RAM.

Runs in an activated ESP-IDF environment, v4.4 or newer:

    scripts/idf_size_summary.py build/esp32-fuota.map

The figures are those of ESP-IDF's own tools/idf_size.py, which reads the linker's map. Sections are
counted where they lie: what has "flash" in its name stays in flash; everything else is in RAM, and
in the image too unless it is only zeroed (bss) or left alone (noinit) at start.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

COMPONENTS = ("fuota_protocol", "scan_wifi_b", "conn_wifi_b", "fuota_b")


def sections_by_archive(report):
    """{"libfuota_b.a": {".flash.text": 1234}} from either form of the report on archives.

    v4.4 (--json): archive -> section -> bytes, with two totals among the sections. esp-idf-size of
    v5 and v6 (json2): archive -> "memory_types" -> memory -> "sections" -> section -> "size".
    """
    archives = {}
    for path, entry in report.items():
        sections = archives.setdefault(os.path.basename(path), {})
        if "memory_types" in entry:
            found = [(name, section["size"]) for memory in entry["memory_types"].values()
                     for name, section in memory["sections"].items()]
        else:
            found = [(name, size) for name, size in entry.items() if name.startswith(".")]
        for name, size in found:
            sections[name] = sections.get(name, 0) + size
    return archives


def in_image(section):
    return not section.endswith("bss") and "noinit" not in section


def in_ram(section):
    return "flash" not in section


def total(sections, where):
    return sum(size for name, size in sections.items() if where(name))


def table(archives):
    """The lines of the table. A component that the linker left out altogether has no line's worth
    of bytes, and is an error: the report would be of something else than this firmware."""
    rows = []
    for component in COMPONENTS:
        sections = archives.get(f"lib{component}.a")
        if sections is None:
            raise KeyError(f"lib{component}.a is not part of this firmware")
        rows.append((component, total(sections, in_image), total(sections, in_ram)))
    ours = ("together", sum(row[1] for row in rows), sum(row[2] for row in rows))
    everything = ("whole firmware",
                  sum(total(sections, in_image) for sections in archives.values()),
                  sum(total(sections, in_ram) for sections in archives.values()))
    lines = ["| | image, bytes | share | static RAM, bytes | share |", "|---|---:|---:|---:|---:|"]
    for name, image, ram in [*rows, ours, everything]:
        lines.append(f"| {name} | {image} | {share(image, everything[1])} "
                     f"| {ram} | {share(ram, everything[2])} |")
    return lines


def share(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else "–"


def report_on(map_file):
    """What ESP-IDF's tool says of the archives in the linker's map."""
    tool = pathlib.Path(os.environ["IDF_PATH"]) / "tools" / "idf_size.py"
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder) / "archives.json"
        # v4.4 knows the second only, and refuses the first.
        for form in (["--format", "json2"], ["--json"]):
            done = subprocess.run(
                [sys.executable, str(tool), "--archives", *form, "-o", str(output), map_file],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True,
                check=False)
            if done.returncode == 0:
                return json.loads(output.read_text(encoding="utf-8"))
    raise RuntimeError(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("map_file", metavar="MAP", help="the linker's map, build/<project>.map")
    arguments = parser.parse_args()
    try:
        print("\n".join(table(sections_by_archive(report_on(arguments.map_file)))))
    except (KeyError, RuntimeError) as error:
        sys.exit(f"idf_size_summary: {error.args[0]}")


if __name__ == "__main__":
    main()
