#!/usr/bin/env python3
"""Loads a fuota-server with everything at once, for as long as asked, and looks at what it holds meanwhile.

The load: four fleets of `fuota simulate fleet` (a full handshake for each check; resumed sessions, with
tokens; kept connections, for offers; downloads at a rate), operators who change rows, files, manifests,
tokens, accounts and credentials, read them back, make backups and replace the certificate, and a scraper of
the metrics.

What must hold: every answer is the one that was due, no counter of failures moves, the log has no error; memory,
descriptors and threads are flat by the rules of RULES; the database grows by no more than what it is to keep;
without clients, the descriptors are those of before; and `fuota-server check` finds nothing. The exit status
is 0 then, else 1. SIGTERM ends it early, with a verdict of what there is.
"""

import argparse
import collections
import csv
import pathlib
import random
import re
import signal
import ssl
import subprocess
import sys
import threading
import time

import figures
from complaints import Complaints
from flatness import Rule
from fleets import Fleet
from metrics import Scraper, parse, total
from operators import Operators
from filling import FILL_S, check_once, fill, read_all
from processes import BIN, LIMIT_S, Server, folder
from served_certificate import SERVED, make_certificates

MIB = 1024 * 1024
SAMPLE_PERIOD_S = 1

#: Memory may be 80 MiB above its median: that of a password's hash is 64 MiB, while it is made.
MEMORY = Rule(growth_share=0.02, growth_least=MIB, peak_share=1, peak_least=80 * MIB)
RULES = {
    "resident_bytes": MEMORY,
    "proportional_bytes": MEMORY,
    "anonymous_bytes": MEMORY,
    # Downloads have a file each, and come and go.
    "files": Rule(growth_share=0.02, growth_least=8, peak_share=1, peak_least=64),
    # Of handshakes that come in a bunch, as at the beginning of a fleet's run.
    "sockets": Rule(growth_share=0.02, growth_least=8, peak_share=2, peak_least=64),
    "threads": Rule(growth_share=0, growth_least=0, peak_share=1, peak_least=0),
    # SQLite writes its log from the beginning again after a checkpoint, unless somebody still reads.
    "wal_bytes": Rule(growth_share=0, growth_least=16 * MIB, peak_share=0, peak_least=32 * MIB),
    "blobs": Rule(growth_share=0, growth_least=4, peak_share=1, peak_least=16),
}
#: Shown, and not judged: a page that several processes map counts for less here the more they are, so that
#: other processes' ends move it. What of it is the server's own is in the other two.
SHOWN_ONLY = {"proportional_bytes"}
#: Below, caches are still filling: memory is shown, and not judged.
MEMORY_MINUTES_MIN = 4.5
#: An entry of the audit log or an event of a device takes so much of the database, its indexes included.
ENTRY_BYTES_MAX = 1024
DATABASE_BYTES_MIN = 4 * MIB
#: So many descriptors may be open for good that were not before the load: of SQLite's log and its like.
DESCRIPTORS_KEPT_MAX = 2


def _ids(first, count):
    """Those of `count` devices of a fleet whose first one has the number `first`."""
    return [f"dev-{first + number:06d}" for number in range(count)]


class LogDigest:
    """What is kept of the server's log, which is long: how it began, its last lines, warnings and errors."""

    KEPT_MAX = 200

    def __init__(self):
        self.lines = 0
        self.begin = []
        self.end = collections.deque(maxlen=20)
        self.levels = collections.Counter()
        self.alarming = []

    def append(self, line):
        """A line."""
        self.lines += 1
        self.end.append(line)
        if len(self.begin) < self.KEPT_MAX:
            self.begin.append(line)
        level = re.match(r"\S+ (error|warning) ", line)
        if level:
            self.levels[level.group(1)] += 1
            if len(self.alarming) < self.KEPT_MAX:
                self.alarming.append(line)

    def extend(self, lines):
        """All lines, as they come."""
        for line in lines:
            self.append(line)

    def __iter__(self):
        return iter(self.begin)


class Soak:
    """One server, its load, and what was read of it."""

    def __init__(self, options, directory):
        self.options = options
        self.directory = directory
        self.complaints = Complaints()
        self.readings = []  #: Pairs of a time and figures.
        self.before = self.after = None  #: Figures without clients.
        self.gone = False
        self.fleets = []
        self.operators = self.scraper = None
        make_certificates(directory)
        fill(directory / "data", options.known)
        self.log = LogDigest()
        self.server = Server(directory / "data", "--admin-listen", "127.0.0.1:0",
                             "--cert", directory / SERVED, "--key", directory / SERVED, log=self.log)

    # -- The load

    def run(self):
        """True when all is as it should be."""
        try:
            with self.server:
                self._prepare()
                self._load()
                self.after = None if self._ended() else self._settled(self.before)
        except AssertionError as error:  # The server's end wasn't a good one.
            if not self.gone:
                self.complaints.add(str(error))
        return self._judge()

    def _prepare(self):
        context = ssl.create_default_context(cafile=self.directory / "trusted.pem")
        admin = re.search(r"metrics and health on https://127\.0\.0\.1:(\d+)", "".join(self.log))
        self.scraper = Scraper(int(admin.group(1)), context)
        self.operators = Operators(self.server, context, self.directory,
                                   random.Random(self.options.seed))
        self.fleets = self._make_fleets()
        known = check_once(self.directory, self.options.known)
        known.run(self._address(), self.directory / "trusted.pem", FILL_S, self.complaints)
        if known.totals["checks"] != self.options.known:
            self.complaints.add(f"{known.totals['checks']} of {self.options.known} known devices have checked")
        read_all(self.operators.client)
        self.operators.client.close()
        self.before = self._settled()

    def _address(self):
        return f"127.0.0.1:{self.server.port}"

    def _ended(self):
        """Whether the server has ended by itself; with its last words, the first time."""
        status = self.server.process.poll()
        if status is not None and not self.gone:
            self.gone = True
            self.complaints.add(f"the server has ended with status {status}; its log ends:\n"
                                + "".join(self.log.end))
        return self.gone

    def _make_fleets(self):
        """The fleets, in order of their devices' numbers."""
        options = self.options
        check = ["--devices", options.devices, "--interval", options.interval]
        tokens = self.directory / "tokens"
        checking = _ids(1, 3 * options.devices)
        downloading = _ids(1 + 3 * options.devices, options.downloaders)
        tokens.write_text("\n".join(self.operators.set_up(checking, downloading)) + "\n",
                          encoding="ascii")
        return [
            Fleet("full", self.directory, [*check, "--mode", "full"]),
            Fleet("resumed", self.directory,
                  [*check, "--mode", "resumed", "--tls", "1.2", "--tokens", tokens, "--first",
                   1 + options.devices]),
            Fleet("kept", self.directory,
                  [*check, "--mode", "keep-alive", "--native", "--tokens", tokens, "--first",
                   1 + 2 * options.devices]),
            Fleet("downloads", self.directory,
                  ["--devices", options.downloaders, "--interval", options.download_interval,
                   "--downloads", "--download-rate", options.download_rate, "--app-version", "1.0.0",
                   "--first", 1 + 3 * options.devices]),
        ]

    def _load(self):
        seconds = self.options.minutes * 60
        stopped = threading.Event()
        fleets = [threading.Thread(target=fleet.run, args=(
            self._address(), self.directory / "trusted.pem", seconds, self.complaints))
                  for fleet in self.fleets]
        others = [threading.Thread(target=self.operators.run, args=(
            self.options.changes_per_second, stopped, self.complaints)),
                  threading.Thread(target=self.scraper.run, args=(stopped, self.complaints))]
        for thread in (*fleets, *others):
            thread.start()
        self._watch(seconds)
        for fleet in self.fleets:
            fleet.stop()
        for thread in fleets:
            thread.join()
        stopped.set()
        for thread in others:
            thread.join()

    def _watch(self, seconds):
        """Reads the figures once a second, until the time is over, the server ends, or SIGTERM comes."""
        enough = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: enough.set())
        begun = time.monotonic()
        self._keep(0.0)
        for number in range(1, int(seconds / SAMPLE_PERIOD_S)):
            if enough.wait(max(0.0, begun + number * SAMPLE_PERIOD_S - time.monotonic())):
                return
            try:
                self._keep(time.monotonic() - begun)
            except (OSError, KeyError):  # Of a process that has ended, little can be read.
                if not self._ended():
                    raise
            if self.gone:
                return

    def _keep(self, seconds):
        """Reads the figures, `seconds` after the beginning; they go to the file, too, if there is one."""
        reading = self._read()
        self.readings.append((seconds, reading))
        if self.options.readings:
            with open(self.options.readings, "w" if seconds == 0 else "a", encoding="ascii",
                      newline="") as file:
                rows = csv.writer(file)
                if seconds == 0:
                    rows.writerow(["seconds", *reading])
                rows.writerow([f"{seconds:.1f}", *reading.values()])

    def _read(self):
        reading = figures.read(self.server.process.pid, self.server.data)
        reading["entries"] = self.operators.entries
        return reading

    def _settled(self, before=None):
        """The figures without clients: when there are as few sockets as before, or in a while."""
        end = time.monotonic() + LIMIT_S
        while True:
            reading = self._read()
            if before is None or time.monotonic() > end:
                return reading
            if reading["sockets"] <= before["sockets"]:
                return reading
            time.sleep(0.1)

    # -- The verdict

    def _judge(self):
        self._show_totals()
        self._judge_figures()
        self._judge_database()
        for name in ("files", "sockets") if self.after else ():
            print(f"{name} without clients: {self.before[name]} before, {self.after[name]} after")
            if self.after[name] > self.before[name] + DESCRIPTORS_KEPT_MAX:
                self.complaints.add(f"{name} have leaked")
        self.scraper.judge(self.complaints)
        print(f"log: {self.log.lines} lines, {dict(self.log.levels) or 'no warnings, no errors'}")
        for line in self.log.alarming[:10]:
            print("  " + line.rstrip())
        if self.log.levels["error"] > 0:
            self.complaints.add("the log has errors", self.log.levels["error"])
        self._check_data()
        count = self.complaints.count
        print(f"{'failed' if count else 'flat, and without an error'}; errors: {count}; again with"
              f" --seed {self.options.seed}")
        return count == 0

    def _show_totals(self):
        for fleet in self.fleets:
            print(f"fleet {fleet.name}: " + ", ".join(
                f"{count} {name}" for name, count in fleet.totals.items()))
        print(f"operators: {sum(self.operators.counts.values())} operations: " + ", ".join(
            f"{name} {count}" for name, count in self.operators.counts.most_common()))
        cpu_s = total(parse(self.scraper.last), "process_cpu_seconds_total", {})
        print(f"scrapes: {self.scraper.scrapes}; the server took {cpu_s:.0f} s of CPU time")

    def _judge_figures(self):
        print(f"{'second half of the time':24}{'first':>12}{'median':>12}{'peak':>12}{'at most':>12}"
              f"{'growth':>12}{'at most':>12}")
        judged = self.options.memory and self.readings[-1][0] / 60 >= MEMORY_MINUTES_MIN
        for name, rule in RULES.items():
            verdict = rule.judge([(at, reading[name]) for at, reading in self.readings])
            shown = [self.readings[0][1][name], verdict.median, verdict.peak, verdict.peak_max,
                     verdict.growth, verdict.growth_max]
            if name.endswith("_bytes"):
                shown = [f"{value / 1024:.0f} KiB" for value in shown]
            else:
                shown = [f"{value:.1f}" for value in shown]
            counts = name not in SHOWN_ONLY and (rule is not MEMORY or judged)
            note = "" if counts else "  (not judged)"
            print(f"{name:24}" + "".join(f"{text:>12}" for text in shown) + note)
            if counts and not verdict.flat:
                self.complaints.add(f"{name} is not flat")

    def _judge_database(self):
        """The database may grow by what it is to keep."""
        middle = self.readings[len(self.readings) // 2][1]
        last = self.readings[-1][1]
        grown = last["database_bytes"] - middle["database_bytes"]
        entries = last["entries"] - middle["entries"]
        grown_max = entries * ENTRY_BYTES_MAX + DATABASE_BYTES_MIN
        print(f"database: {last['database_bytes'] // 1024} KiB, grown by {grown // 1024} KiB in the second half,"
              f" in which at most {entries} entries to keep were made (at most {grown_max // 1024} KiB)")
        if grown > grown_max:
            self.complaints.add("the database grows by more than it keeps")

    def _check_data(self):
        """What the server has left is whole, and nothing is left over."""
        done = subprocess.run([BIN / "fuota-server", "check", "--data-dir", self.server.data],
                              text=True, capture_output=True, check=False, timeout=LIMIT_S)
        print("check: " + done.stdout.strip())
        if done.returncode != 0 or re.search("^left over:", done.stdout, re.MULTILINE):
            self.complaints.add(f"fuota-server check: {done.stdout}{done.stderr}")


def arguments():
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60, help="for how long [60]")
    parser.add_argument("--devices", type=int, default=300,
                        help="in each of the three fleets that check [300]")
    parser.add_argument("--known", type=int, default=30_000,
                        help="other devices that have rows, and check once, before all else [30000]")
    parser.add_argument("--interval", type=float, default=10,
                        help="seconds between two checks of a device [10]")
    parser.add_argument("--downloaders", type=int, default=20,
                        help="devices in the fleet that downloads [20]")
    parser.add_argument("--download-interval", type=float, default=20,
                        help="seconds between two downloads of a device [20]")
    parser.add_argument("--download-rate", type=int, default=50_000,
                        help="bytes that each of these takes in a second [50000]")
    parser.add_argument("--changes-per-second", type=float, default=4,
                        help="operations of the operators [4]")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2 ** 32),
                        help="fixes what the operators do")
    parser.add_argument("--readings", type=pathlib.Path, metavar="FILE",
                        help="write all readings to this file, as CSV")
    parser.add_argument("--no-memory", dest="memory", action="store_false",
                        help="don't judge memory: AddressSanitizer keeps what was freed")
    return parser.parse_args()


def main():
    """The exit status."""
    options = arguments()
    with folder() as directory:
        good = Soak(options, directory).run()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
