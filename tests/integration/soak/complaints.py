"""What went wrong while the server was loaded. A soak without an error has none."""

import sys
import threading

#: So many are shown when they happen; all are counted.
SHOWN_MAX = 50


class Complaints:
    """Any thread may add one."""

    def __init__(self):
        self._lock = threading.Lock()
        self.count = 0

    def add(self, what, count=1):
        """`what` happened `count` times."""
        with self._lock:
            if self.count < SHOWN_MAX:
                print(f"wrong: {what}", file=sys.stderr, flush=True)
            self.count += count
