"""docs/provisioning.md against the code that reads and writes the keys."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/provisioning.md").read_text(encoding="utf-8")


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def documented_keys():
    """Key and type of each row of the table of keys."""
    table = re.search(r"^## The keys\n(.*?)^## ", PAGE, re.M | re.S).group(1)
    return dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", table, re.M))


class ProvisioningPage(unittest.TestCase):
    def test_keys_are_those_that_the_application_reads(self):
        read = re.findall(r'\.read\("(\w+)"', source("sample_app/main/esp_idf/settings.cpp"))
        self.assertEqual(set(documented_keys()), set(read))

    def test_keys_are_those_that_virtual_esp32_writes(self):
        written = re.findall(r'(?:add\(|add_file\(|push_back\(\{)"(\w+)",', source("simulator/app/main.cpp"))
        self.assertEqual(set(documented_keys()), set(written))

    def test_flags_are_those_of_virtual_esp32(self):
        table = re.search(r"^\| flag \| key \|\n(.*?)\n\n", PAGE, re.M | re.S).group(1)
        options = source("simulator/app/options.cpp")
        for flag in re.findall(r"^\| `(--[a-z-]+)", table, re.M):
            with self.subTest(flag=flag):
                self.assertIn(f'"{flag}"', options)

    def test_menu_entries_exist(self):
        menu = re.findall(r"config (FUO_\w+)", source("sample_app/main/Kconfig"))
        self.assertLessEqual(set(re.findall(r"`(FUO_\w+)`", PAGE)), set(menu))

    def test_csv_has_every_key_with_its_type(self):
        csv = "".join(re.findall(r"```csv\n(.*?)```", PAGE, re.S))
        rows = re.findall(r"^(\w+),(?:data|file),(\w+),", csv, re.M)
        self.assertEqual(dict(rows), documented_keys())


if __name__ == "__main__":
    unittest.main(verbosity=2)
