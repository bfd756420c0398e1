"""A scraper of a server's admin address, as Prometheus is one: over one connection, each few seconds."""

import http.client
import re

#: Counters that stay 0 while nothing goes wrong. A label's value is a regular expression.
WRONG = (
    ("fuota_accept_failures_total", {}),
    ("fuota_contact_batch_failures_total", {}),
    ("fuota_contacts_dropped_total", {}),
    ("fuota_http_requests_total", {"status": r"5\d\d"}),
    ("fuota_log_events_total", {"severity": "error"}),
    ("fuota_password_verifications_refused_total", {}),
    ("fuota_store_failures_total", {}),
    ("fuota_tls_handshake_duration_seconds_count", {"outcome": "failed"}),
)
PERIOD_S = 5
PAGES = ("/healthz", "/readyz", "/metrics")
_TIMEOUT_S = 60


def parse(text):
    """The series of an exposition: name, labels and value of each."""
    for line in text.splitlines():
        found = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if found:
            labels = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found.group(2) or ""))
            yield found.group(1), labels, float(found.group(3))


def total(series, name, labels):
    """The sum of those of `series` that have this name and labels like these."""
    return sum(value for series_name, found, value in series if series_name == name
               and all(re.fullmatch(pattern, found.get(label, ""))
                       for label, pattern in labels.items()))


class Scraper:
    """Asks until it is told to stop, and complains about what isn't as it should be."""

    def __init__(self, port, context):
        self._port = port
        self._context = context
        self.scrapes = 0
        self.last = ""

    def run(self, stopped, complaints):
        """Until the event `stopped`."""
        connection = http.client.HTTPSConnection("127.0.0.1", self._port, context=self._context,
                                                 timeout=_TIMEOUT_S)
        try:
            while True:
                for page in PAGES:
                    self._ask(connection, page, complaints)
                if stopped.wait(PERIOD_S):
                    return
        except (OSError, http.client.HTTPException) as error:
            complaints.add(f"scraping: {error!r}")
        finally:
            connection.close()

    def _ask(self, connection, page, complaints):
        connection.request("GET", page)
        answer = connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            complaints.add(f"GET {page}: {answer.status} {text.strip()}")
        if page == "/metrics":
            self.last = text
            self.scrapes += 1

    def judge(self, complaints):
        """Complains about each counter of WRONG that isn't 0."""
        series = list(parse(self.last))
        for name, labels in WRONG:
            count = total(series, name, labels)
            if count > 0:
                complaints.add(f"{name} {labels or ''}: {count:.0f}")
