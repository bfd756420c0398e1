"""docs/simulator.md against the tests and sources that it names."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/simulator.md").read_text(encoding="utf-8")
RULES = re.search(r"^## The rules\n(.*?)^## ", PAGE, re.M | re.S).group(1)
ROWS = [row.split(" | ") for row in re.findall(r"^\| (.* \| .*) \|$", RULES, re.M)
        if not row.startswith("rule |")]
VERSIONS = ["v4.4", "v5.5", "v6.0"]


def tests_with_comments():
    """Each test's name, and the comment right above it together with that at the file's top."""
    found = {}
    for path in ROOT.glob("tests/unit/simulator_*/*.cpp"):
        text = path.read_text(encoding="utf-8")
        top = re.match(r"(?://.*\n)*", text).group()
        for comment, suite, name in re.findall(
                r"((?:^//.*\n)*)^TEST(?:_[FP])?\((\w+), (\w+)\)", text, re.M):
            found[f"{suite}.{name}"] = top + comment
    return found


TESTS = tests_with_comments()


class SimulatorPage(unittest.TestCase):
    def test_has_rules(self):
        self.assertGreater(len(ROWS), 80)

    def test_every_test_exists(self):
        for rule, _, tests, _ in ROWS:
            for test in re.findall(r"`([^`]+)`", tests):
                with self.subTest(rule=rule, test=test):
                    self.assertIn(test, TESTS)

    def test_every_rule_is_cited_by_its_first_test(self):
        for rule, source, tests, _ in ROWS:
            file_name = re.match(r"`(?:[^`]*/)?([^`/]+)`", source).group(1)
            first = re.match(r"`([^`]+)`", tests).group(1)
            with self.subTest(rule=rule, test=first):
                self.assertIn(file_name, TESTS[first])

    def test_versions_are_those_of_the_switch(self):
        switch = (ROOT / "simulator/kernel/idf_version.cpp").read_text(encoding="utf-8")
        self.assertEqual(re.findall(r'return "(v[^"]+)"', switch), VERSIONS)
        for rule, _, _, versions in ROWS:
            with self.subTest(rule=rule):
                named = re.sub(r" \(.*\)$", "", versions).split(", ")
                self.assertTrue(named == ["all"] or set(named) < set(VERSIONS))


if __name__ == "__main__":
    unittest.main(verbosity=2)
