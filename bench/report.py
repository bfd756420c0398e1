"""How results are told: a line each, JSON, and a page's table."""

import datetime
import json
import os
import pathlib
import platform
import re
import sqlite3
import ssl
import subprocess
import sys

import measure
import servers

UNITS = {"cpu": "us", "memory": "KB"}
HEADING = f"{'name':<22}{'ours':>12}{'peer':>12}{'ratio':>8}{'target':>8}  verdict"
BEGIN = "<!-- results: written by bench/compare --markdown -->"
END = "<!-- end of results -->"


def line(result):
    name = result.benchmark.name
    if result.failure:
        return f"{name:<22}failed: {result.failure}"
    unit = UNITS[result.benchmark.measure]
    return (f"{name:<22}{result.ours_median:>9.1f} {unit}{result.peer_median:>9.1f} {unit}"
            f"{result.ratio:>8.2f}{result.benchmark.target:>8.2f}  {result.verdict}")


def first_match(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1) if found else default


def output_of(*command):
    try:
        done = subprocess.run(command, text=True, capture_output=True, check=False)
    except OSError:
        return ""
    return done.stdout + done.stderr


def machine():
    """What the results were measured on."""
    cpu = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": first_match(r"^model name\s*: (.*)$", cpu),
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "nginx": first_match(r"nginx/(\S+)", output_of(servers.nginx_program() or "nginx", "-v")),
        "openssl": ssl.OPENSSL_VERSION.split()[1],
        "sqlite": sqlite3.sqlite_version,
        "python": platform.python_version(),
        "fuota": first_match(r"(\S+)", output_of(servers.BIN / "fuota-server", "--version")),
    }


def to_json(results):
    return {
        "machine": machine(),
        "results": [{
            "name": result.benchmark.name,
            "what": result.benchmark.what,
            "unit": UNITS[result.benchmark.measure],
            "target": result.benchmark.target,
            **({"failure": result.failure} if result.failure else {
                "ours": result.ours_median, "peer": result.peer_median, "ratio": result.ratio,
                "verdict": result.verdict, "runs_ours": result.ours, "runs_peer": result.peer}),
        } for result in results],
    }


def write_json(path, results):
    path.write_text(json.dumps(to_json(results), indent=1) + "\n", encoding="utf-8")


TABLE_HEADING = ("| benchmark | ours | peer | ratio | target | | runs apart by | measured |\n"
                 "|---|--:|--:|--:|--:|---|--:|---|")


def row(result):
    benchmark = result.benchmark
    name = f"| `{benchmark.name}` "
    today = datetime.date.today().isoformat()
    if result.failure:
        return name + f"| | | | ≤ {benchmark.target:.2f} | failed | | {today} |"
    unit = {"us": "µs"}.get(UNITS[benchmark.measure], UNITS[benchmark.measure])
    apart = max(measure.spread(result.ours), measure.spread(result.peer))
    return name + (f"| {result.ours_median:.1f} {unit} | {result.peer_median:.1f} {unit} "
                   f"| **{result.ratio:.2f}** | ≤ {benchmark.target:.2f} | {result.verdict} "
                   f"| {apart:.0%} | {today} |")


def rows_by_name(part):
    """The rows of a table by the names of their benchmarks."""
    return {found.group(1): found.group(0)
            for found in re.finditer(r"^\| `([a-z0-9-]+)` \|.*$", part, re.MULTILINE)}


def page_part(results, names, before):
    """What stands between the markers: new rows for `results`, the ones before for the others."""
    facts = machine()
    rows = rows_by_name(before)
    rows.update((result.benchmark.name, row(result)) for result in results)
    runs = max((len(result.ours) for result in results), default=0)
    return (f"Measured last on {facts['date']}, medians of {runs} runs each: {facts['cpu']}, "
            f"{facts['cores']} cores, Linux {facts['kernel']}, nginx {facts['nginx']}, "
            f"OpenSSL {facts['openssl']}, SQLite {facts['sqlite']}, Python {facts['python']}.\n\n"
            + "\n".join([TABLE_HEADING, *(rows[name] for name in names if name in rows)]))


def part_of(page):
    """What stands between the markers of a page."""
    begin, end = page.find(BEGIN), page.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"bench/compare: the page has no lines {BEGIN} and {END}: add them")
    return page[begin + len(BEGIN):end].strip("\n")


def replace_part(page, part):
    """The page with what stands between its markers replaced."""
    part_of(page)  # there are markers
    begin, end = page.find(BEGIN), page.find(END)
    return page[:begin] + BEGIN + "\n\n" + part + "\n\n" + page[end:]


def write_markdown(path, results, names):
    page = path.read_text(encoding="utf-8")
    path.write_text(replace_part(page, page_part(results, names, part_of(page))),
                    encoding="utf-8")
