""".github/workflows: what can be said of them without running them."""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def text(path):
    return path.read_text(encoding="utf-8")


def jobs(workflow):
    """Name and text of each job."""
    section = re.search(r"^jobs:\n(.*)", workflow, re.M | re.S).group(1)
    parts = re.split(r"^  (\w[\w-]*):\n", section, flags=re.M)
    return list(zip(parts[1::2], parts[2::2]))


class Workflows(unittest.TestCase):
    def test_there_are_some(self):
        self.assertEqual([path.name for path in WORKFLOWS], ["esp_idf.yml", "host.yml"])

    def test_actions_are_pinned_to_a_commit_whose_version_is_named(self):
        for path in WORKFLOWS:
            for line in re.findall(r"^.*\buses:.*$", text(path), re.M):
                with self.subTest(workflow=path.name, line=line):
                    self.assertRegex(line, r"uses: [\w.-]+/[\w.-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$")

    def test_every_job_has_an_end(self):
        for path in WORKFLOWS:
            for name, job in jobs(text(path)):
                with self.subTest(workflow=path.name, job=name):
                    self.assertRegex(job, r"(?m)^    timeout-minutes: \d+$")

    def test_they_may_only_read(self):
        for path in WORKFLOWS:
            with self.subTest(workflow=path.name):
                self.assertRegex(text(path), r"(?m)^permissions:\n  contents: read\n\n")
                self.assertEqual(text(path).count("permissions:"), 1)

    def test_scripts_that_they_run_exist(self):
        for path in WORKFLOWS:
            for script in re.findall(r"(?:scripts/|\.ci/)[\w.-]+", text(path)):
                with self.subTest(workflow=path.name, script=script):
                    self.assertTrue((ROOT / script).is_file())

    def test_all_examples_are_built(self):
        listed = re.findall(r"^ +(components/\w+/examples/\w+)$",
                            text(ROOT / ".github/workflows/esp_idf.yml"), re.M)
        there = [str(path.parent.relative_to(ROOT))
                 for path in ROOT.glob("components/*/examples/*/CMakeLists.txt")]
        self.assertEqual(sorted(listed), sorted(there))

    def test_the_size_of_a_slot_is_that_of_the_partition_table(self):
        slot = re.search(r"ota_0,.*, *(0x\w+)$", text(ROOT / "sample_app/fuota_partitions.csv"),
                         re.M).group(1)
        self.assertIn(f" of {int(slot, 16)} bytes", text(ROOT / ".github/workflows/esp_idf.yml"))


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
