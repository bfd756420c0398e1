"""docs/updates.md against the code that has the failure codes, the keys of NVS and the settings."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/updates.md").read_text(encoding="utf-8")


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S).group(1)


def number(text, pattern):
    return int(re.search(pattern, text).group(1).replace("'", ""))


class Codes(unittest.TestCase):
    def test_are_those_of_the_device_in_its_order(self):
        rows = re.findall(r"^\| `(\w+)` \| `(OTA_\w+)` \|", section("Failure codes"), re.M)
        code = re.findall(r'\{Code::\w+, (OTA_\w+), "(\w+)",\s*"', source(
            "components/fuota_b/core/check_answer.cpp"))
        self.assertGreater(len(code), 40)
        self.assertEqual(rows, [(name, status) for status, name in code])

    def test_of_trials_are_those_of_the_device(self):
        text = source("components/fuota_b/core/trial_record.cpp")
        code = re.findall(r'"(rolled_back_\w+)"', text)
        table = section("Failure codes").split("A report `rolled_back`")[1]
        self.assertEqual(sorted(re.findall(r"`(rolled_back_\w+)`", table)), sorted(code))

    def test_of_trials_that_were_cut_stand_together(self):
        text = source("components/fuota_b/core/trial_record.cpp")
        names = re.findall(r'"(rolled_back_\w+)"\}', text)
        bits = re.search(r"kCuts = ([^;]*);", text).group(1)
        cuts = {names[int(bit)] for bit in re.findall(r"1U << (\d+)", bits)}
        row = re.search(r"^\| (.*) \| it was cut ", PAGE, re.M).group(1)
        self.assertEqual(set(re.findall(r"`(\w+)`", row)), cuts)


class Memory(unittest.TestCase):
    def test_keys_of_nvs_are_those_that_the_component_names(self):
        named = set()
        for path in (ROOT / "components/fuota_b/esp_idf").glob("*_store.cpp"):
            named |= set(re.findall(r'k\w*Key\[\] = "(\w+)"', path.read_text(encoding="utf-8")))
        self.assertIn("trial", named)
        rows = re.findall(r"^\| `(\w+)` (?:to `(\w+)` )?\|", section("What is kept in NVS"), re.M)
        self.assertEqual({first for first, last in rows if not last}, named)
        reports = number(source("components/fuota_b/core/report_record.hpp"), r"kReportsMax = (\d+)")
        self.assertEqual([row for row in rows if row[1]], [("report0", f"report{reports - 1}")])

    def test_the_journal_has_the_step_of_the_page(self):
        text = source("components/fuota_b/core/resume_record.hpp")
        self.assertEqual(number(text, r"kJournalStepBytes = (\d+) \* 1024"), 64)
        self.assertIn("each 64 KiB", PAGE)


class Settings(unittest.TestCase):
    def test_exist(self):
        menu = "".join(source(path) for path in ("components/fuota_b/Kconfig",
                                                 "sample_app/main/Kconfig"))
        named = set(re.findall(r"`(FUO\w+)`", PAGE))
        self.assertGreater(len(named), 8)
        self.assertLessEqual(named, set(re.findall(r"config (FUO\w+)", menu)))

    def test_the_waits_name_all_of_the_component(self):
        settings = re.findall(r"config (FUOTA_B_\w+)", source("components/fuota_b/Kconfig"))
        self.assertLessEqual(set(settings), set(re.findall(r"`(FUO\w+)`", PAGE)))

    def test_have_the_defaults_of_the_page(self):
        menu = "".join(source(path) for path in ("components/fuota_b/Kconfig",
                                                 "sample_app/main/Kconfig"))
        for setting, default in (("FUOTA_B_NETWORK_TIMEOUT_MS", 10_000),
                                 ("FUOTA_B_CHECK_TIMEOUT_S", 60),
                                 ("FUOTA_B_DOWNLOAD_TIMEOUT_S", 1800),
                                 ("FUOTA_B_FREE_BLOCK_BYTES_MIN", 17_408),
                                 ("FUO_CHECK_PERIOD_S", 30), ("FUO_RETRY_WAIT_MAX_S", 900),
                                 ("FUO_TRIAL_TIMEOUT_S", 600)):
            with self.subTest(setting=setting):
                self.assertEqual(number(menu, rf"config {setting}\n[^#]*?default (\d+)"), default)

    def test_limits_of_the_code_are_those_of_the_page(self):
        for path, pattern, value in (
                ("esp_idf/download.hpp", r"kRetriesMax = (\d+)", 5),
                ("esp_idf/root_update.hpp", r"kRootsPerContactMax = (\d+)", 16),
                ("core/answer_headers.hpp", r"kRetryAfterSMax = ([\d']+)", 86_400),
                ("esp_idf/workspace.hpp", r"sizeof\(Workspace\) <= (\d+) \* 1024", 12)):
            with self.subTest(limit=pattern):
                self.assertEqual(number(source(f"components/fuota_b/{path}"), pattern), value)


if __name__ == "__main__":
    unittest.main(verbosity=2)
