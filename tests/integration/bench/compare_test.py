#!/usr/bin/env python3
"""What bench/compare makes of numbers, and what it refuses to make a number of."""

import dataclasses
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import time
import unittest

import benchmarks
import measure
import report
import servers
from processes import LIMIT_S, ROOT

COMPARE = ROOT / "bench/compare"


def compare(*arguments):
    return subprocess.run([COMPARE, *arguments], text=True, capture_output=True, timeout=LIMIT_S,
                          check=False)


class FakeServer:
    name = "fake"

    def pids(self):
        return [os.getpid()]


class FakeLoad:
    """Takes `cost_s` of this process' time for each operation, and counts what it is told to."""

    def __init__(self, counted=None):
        self.counted = counted or {}

    def run(self, _server, flags):
        operations = int(flags[flags.index("--checks") + 1])
        return {"checks": operations, "downloads": 0, "statuses": {"204": operations},
                **self.counted}


def result(ours, peer, **changes):
    benchmark = dataclasses.replace(benchmarks.BY_NAME["handshake"], **changes)
    return benchmarks.Result(benchmark, ours, peer)


class Arithmetic(unittest.TestCase):
    def test_the_ratio_is_that_of_the_medians(self):
        self.assertAlmostEqual(measure.ratio_of([1, 100, 2], [4, 4, 4]), 0.5)
        self.assertAlmostEqual(measure.ratio_of([1, 2], [3]), 0.5)

    def test_a_peer_that_used_nothing_is_no_measurement(self):
        with self.assertRaises(measure.MeasureError):
            measure.ratio_of([1], [0])

    def test_the_verdict_is_about_the_ratio_as_it_is_printed(self):
        for ratio, target, verdict in ((1.0, 1.0, "pass"), (1.004, 1.0, "pass"),
                                       (1.006, 1.0, "short"), (0.4, 0.5, "pass"),
                                       (1.11, 1.1, "short")):
            with self.subTest(ratio=ratio, target=target):
                self.assertEqual(measure.verdict(ratio, target), verdict)

    def test_cpu_time_is_that_of_the_process_with_threads_that_have_ended(self):
        before = measure.cpu_ns([os.getpid()])
        own = time.process_time_ns()
        self.assertLess(abs(before - own), 1_000_000_000)
        sum(range(1_000_000))
        self.assertGreater(measure.cpu_ns([os.getpid()]), before)

    def test_memory_is_told_in_bytes(self):
        self.assertGreater(measure.proportional_memory_bytes([os.getpid()]), 1_000_000)

    def test_operations_are_what_the_time_is_divided_by(self):
        benchmark = benchmarks.BY_NAME["handshake"]
        used = benchmarks.cpu_per_operation_us(benchmark, FakeLoad(), FakeServer(), [], 1000)
        self.assertGreaterEqual(used, 0)


class Refusals(unittest.TestCase):
    def check(self, counted, why):
        with self.assertRaisesRegex(measure.MeasureError, why):
            benchmarks.cpu_of_load(benchmarks.BY_NAME["handshake"], FakeLoad(counted), FakeServer(),
                                   [], 10)

    def test_a_run_with_too_few_operations_does_not_count(self):
        self.check({"checks": 9}, "9 operations of 10")

    def test_a_run_with_other_answers_does_not_count(self):
        self.check({"statuses": {"204": 9, "200": 1}}, "answered")

    def test_a_run_with_errors_does_not_count(self):
        with tempfile.TemporaryDirectory(prefix="fuota-test-") as folder:
            load = servers.Load(pathlib.Path(folder), "none.pem")
            server = FakeServer()
            server.port = 1
            with self.assertRaisesRegex(measure.MeasureError, "load on fake: fuota: --ca none.pem"):
                load.run(server, ["--checks", "1"])

    def test_what_failed_is_told_and_leaves_the_others_alone(self):
        def broken(_folder):
            raise measure.MeasureError("no server")
        failed = benchmarks.run(dataclasses.replace(benchmarks.ALL[0], ours=broken),
                                pathlib.Path("."), 5)
        self.assertEqual(report.line(failed), "handshake             failed: no server")


class Report(unittest.TestCase):
    def test_a_line_has_what_the_heading_says(self):
        self.assertEqual(report.HEADING.split(),
                         ["name", "ours", "peer", "ratio", "target", "verdict"])
        self.assertEqual(report.line(result([90.0, 100.0, 110.0], [200.0, 200.0, 200.0])).split(),
                         ["handshake", "100.0", "us", "200.0", "us", "0.50", "1.00", "pass"])
        self.assertEqual(len(report.line(result([1], [1]))), len(report.HEADING) - len("verdict")
                         + len("pass"))

    def test_json_has_every_run(self):
        written = json.loads(json.dumps(report.to_json([result([1.0, 3.0], [4.0, 4.0])])))
        told = written["results"][0]
        self.assertEqual((told["runs_ours"], told["runs_peer"], told["ratio"], told["verdict"]),
                         ([1.0, 3.0], [4.0, 4.0], 0.5, "pass"))
        self.assertEqual(sorted(written["machine"]), ["cores", "cpu", "date", "fuota", "kernel",
                                                      "nginx", "openssl", "python", "sqlite"])

    def test_a_page_is_changed_between_its_markers_alone(self):
        page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        changed = report.replace_part(page, "new")
        self.assertEqual(changed, f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n")
        self.assertEqual(report.replace_part(changed, "new"), changed)
        with self.assertRaises(SystemExit):
            report.replace_part("no markers", "new")

    def test_rows_of_benchmarks_that_were_not_run_stay(self):
        names = ["handshake", "resumed"]
        first = report.page_part([result([1.0], [2.0])], names, "")
        both = report.page_part([result([3.0], [4.0], name="resumed")], names, first)
        rows = report.rows_by_name(both)
        self.assertEqual(list(rows), names)
        self.assertIn("**0.50**", rows["handshake"])
        self.assertIn("**0.75**", rows["resumed"])

    def test_the_page_of_results_names_benchmarks_that_there_are(self):
        page = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
        self.assertIn(report.BEGIN, page)
        named = report.rows_by_name(report.part_of(page))
        self.assertGreater(len(named), 0)
        self.assertLessEqual(set(named), set(benchmarks.BY_NAME))


class Rows(unittest.TestCase):
    def test_the_devices_that_are_asked_for_lie_evenly_among_all(self):
        with tempfile.TemporaryDirectory(prefix="fuota-test-") as folder:
            database = pathlib.Path(folder) / "fuota.db"
            connection = sqlite3.connect(database)
            connection.execute("CREATE TABLE device (id TEXT PRIMARY KEY, version, file, assignment)"
                               " WITHOUT ROWID")
            servers.devices_among(60, 6)(database)
            ids = [row[0] for row in connection.execute("SELECT id FROM device ORDER BY id")]
            connection.close()
        self.assertEqual(len(ids), 60)
        self.assertEqual([number for number, device in enumerate(ids)
                          if device in {f"dev-{n:06d}" for n in range(1, 7)}],
                         [0, 10, 20, 30, 40, 50])


class Usage(unittest.TestCase):
    def test_the_list_names_every_benchmark_with_what_it_is(self):
        done = compare("--list")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([line.split()[0] for line in done.stdout.splitlines()],
                         [benchmark.name for benchmark in benchmarks.ALL])

    def test_wrong_arguments_have_a_status_of_their_own(self):
        for arguments in (("no-such",), ("--runs", "0"), ("--runs", "x"), ("--fast",)):
            with self.subTest(arguments=arguments):
                self.assertEqual(compare(*arguments).returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
