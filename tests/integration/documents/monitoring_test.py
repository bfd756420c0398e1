"""docs/monitoring.md, the dashboard and the alert rules against what a running server shows."""

import base64
import json
import pathlib
import re
import ssl
import unittest
import urllib.error
import urllib.request

import processes

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/monitoring.md").read_text(encoding="utf-8")
ALERTS = (ROOT / "packaging/prometheus/alerts.yml").read_text(encoding="utf-8")
DASHBOARD = (ROOT / "packaging/grafana/fuota-dashboard.json").read_text(encoding="utf-8")
METRIC = re.compile(r"\b(?:fuota|process)_[a-z_]+\b")
#: What Prometheus adds to a histogram's name.
SERIES = re.compile(r"_(?:bucket|sum|count)$")
#: Names of our own that are no metrics.
FILES = {"fuota_alerts", "fuota_ca_cert"}


def documented():
    """Kind and labels of each metric of the page's table."""
    rows = re.findall(r"^\| `(\w+)` \| (gauge|counter|histogram) \| (.*?) \|", PAGE, re.M)
    return {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}


def exposed(text):
    """The same of what a server shows."""
    metrics = {name: (kind, set()) for name, kind in re.findall(r"^# TYPE (\w+) (\w+)$", text, re.M)}
    for sample, labels in re.findall(r"^(\w+)\{(.*)\} \S+$", text, re.M):
        name = sample if sample in metrics else SERIES.sub("", sample)
        metrics[name][1].update(re.findall(r'(\w+)="', labels))
    return {name: (kind, labels - {"le"}) for name, (kind, labels) in metrics.items()}


def expressions():
    """Every query of the dashboard and of the rules, by where it stands."""
    for panel in json.loads(DASHBOARD)["panels"]:
        for target in panel.get("targets", []):
            yield "dashboard, " + panel["title"], target["expr"]
    for name, expression in re.findall(r"- alert: (\w+)\n +expr: (.*?)\n +(?:for|labels):", ALERTS,
                                       re.S):
        yield "rule " + name, expression


class Monitoring(unittest.TestCase):
    """One server for all, to which something of everything has happened."""

    @classmethod
    def setUpClass(cls):
        folder = cls.enterClassContext(processes.folder())
        server = cls.enterClassContext(
            processes.Server(folder / "data", "--admin-listen", "127.0.0.1:0"))
        cls.context = ssl.create_default_context(cafile=server.certificate)
        cls.ask(server.port, "PUT", "/files/app.bin", b"an image")
        cls.ask(server.port, "PUT", "/devices/00001", b'"00001","0.1.0","app.bin"')
        cls.ask(server.port, "GET", "/devices/00001?app_ver=0.1.0")
        cls.ask(server.port, "GET", "/files/app.bin")
        admin = re.search(r"metrics and health on https://\S+:(\d+):", "".join(server.log)).group(1)
        cls.text = ""
        # The fleet is counted beside all that.
        while "\nfuota_devices " not in cls.text:
            cls.text = cls.ask(admin, "GET", "/metrics").decode()

    @classmethod
    def ask(cls, port, method, path, body=None):
        credentials = base64.b64encode(f"{processes.USER}:{processes.PASSWORD}".encode()).decode()
        request = urllib.request.Request(f"https://127.0.0.1:{port}{path}", body, method=method,
                                         headers={"Authorization": "Basic " + credentials})
        with urllib.request.urlopen(request, context=cls.context, timeout=processes.LIMIT_S) as answer:
            return answer.read()

    def test_page_has_every_metric_with_its_kind_and_labels(self):
        self.assertEqual(documented(), exposed(self.text))

    def test_dashboard_and_rules_ask_for_metrics_that_there_are(self):
        for where, expression in expressions():
            with self.subTest(where=where):
                names = {SERIES.sub("", name) if SERIES.sub("", name) in exposed(self.text) else name
                         for name in METRIC.findall(expression)}
                self.assertLessEqual(names, set(exposed(self.text)))

    def test_dashboard_and_rules_use_labels_that_there_are(self):
        known = set().union(*(labels for _, labels in exposed(self.text).values()))
        known |= {"le", "job", "instance"}
        for where, expression in expressions():
            with self.subTest(where=where):
                labels = set(re.findall(r"(\w+)=~?\"", expression))
                for group in re.findall(r"\bby \(([^)]*)\)", expression):
                    labels |= set(re.findall(r"\w+", group))
                self.assertLessEqual(labels, known)

    def test_every_query_is_looked_at(self):
        expected = ALERTS.count("- alert:") + DASHBOARD.count('"expr":')
        self.assertEqual(len(list(expressions())), expected)

    def test_texts_name_no_other_metrics(self):
        for text in (PAGE, ALERTS, DASHBOARD):
            names = {SERIES.sub("", name) for name in METRIC.findall(text)} - FILES
            self.assertLessEqual(names, set(exposed(self.text)))

    def test_names_are_by_the_conventions_of_prometheus(self):
        for name, (kind, _) in exposed(self.text).items():
            with self.subTest(name=name):
                self.assertEqual(name.endswith("_total"), kind == "counter")
                if kind == "histogram":
                    self.assertTrue(name.endswith("_seconds"))

    def test_routes_are_those_of_the_protocol(self):
        protocol = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
        for route in set(re.findall(r'route="([^"]+)"', self.text)) - {"none"}:
            with self.subTest(route=route):
                self.assertRegex(protocol, re.escape(route).replace(re.escape("{}"), "<[a-z]+>"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
