"""Fleets of simulated devices, each a `fuota simulate fleet` that is run again and again."""

import collections
import json
import os
import signal
import subprocess
import threading

from processes import BIN, PASSWORD, USER

#: A run of a fleet; after it all its connections end, and others begin.
ROUND_S = 300
#: A round that would be shorter isn't begun.
ROUND_S_MIN = 1
#: What a check or a part of a download may take. The machine may have other work.
TIMEOUT_S = 60
#: A run ends that long after it should, at the latest.
PATIENCE_S = 2 * TIMEOUT_S


class Fleet:
    """One fleet: `flags` say what its devices do."""

    def __init__(self, name, folder, flags):
        self.name = name
        self.totals = collections.Counter()
        self._result = folder / f"{name}.json"
        self._flags = flags
        self._lock = threading.Lock()
        self._process = None
        self._stopped = False

    def run(self, address, trusted, seconds, complaints):
        """Loads the server at `address` for that long, or until `stop()`."""
        while seconds >= ROUND_S_MIN and not self._stopped:
            round_s = min(ROUND_S, seconds)
            self._run_once(address, trusted, round_s, complaints)
            seconds -= round_s

    def stop(self):
        """Ends the run in progress; any thread."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.send_signal(signal.SIGINT)

    def _run_once(self, address, trusted, seconds, complaints):
        command = [BIN / "fuota", "simulate", "fleet", "--server", address, "--ca", trusted,
                   "--json", self._result, "--quiet", "--timeout", TIMEOUT_S, "--duration", seconds,
                   *self._flags]
        if "--tokens" not in self._flags:
            command += ["--user", USER]
        self._result.unlink(missing_ok=True)
        with self._lock:
            if self._stopped:
                return
            self._process = subprocess.Popen([str(word) for word in command], text=True,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                             env=dict(os.environ, FUOTA_PASSWORD=PASSWORD))
        try:
            _, said = self._process.communicate(timeout=seconds + PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            _, said = self._process.communicate()
            complaints.add(f"fleet {self.name}: it does not end")
        self._add(said, complaints)

    def _add(self, said, complaints):
        if not self._result.exists():
            complaints.add(f"fleet {self.name}: {said.strip()}")
            return
        result = json.loads(self._result.read_text(encoding="utf-8"))
        for figure in ("checks", "downloads", "handshakes_full", "handshakes_resumed", "reconnects",
                       "bytes_received"):
            self.totals[figure] += result[figure]
        if result["error_count"] > 0 or self._process.returncode != 0:
            complaints.add(f"fleet {self.name}: {said.strip()}", max(1, result["error_count"]))
