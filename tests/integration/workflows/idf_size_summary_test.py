"""scripts/idf_size_summary.py, on reports in the two forms that ESP-IDF's tools write."""

import contextlib
import importlib.util
import os
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
SCRIPT = ROOT / "scripts/idf_size_summary.py"


def load():
    spec = importlib.util.spec_from_file_location("idf_size_summary", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


summary = load()

#: tools/idf_size.py --archives --json of v4.4.
JSON = {
    "libfuota_b.a": {".dram0.bss": 8, ".flash.rodata": 400, ".flash.text": 600,
                     "flash_total": 1000, "ram_st_total": 8},
    "libfuota_protocol.a": {".flash.text": 100, "flash_total": 100, "ram_st_total": 0},
    "libconn_wifi_b.a": {".dram0.data": 4, ".flash.text": 200, ".noinit": 2, "flash_total": 204,
                         "ram_st_total": 6},
    "libscan_wifi_b.a": {".flash.text": 96, "flash_total": 96, "ram_st_total": 0},
    "libfreertos.a": {".iram0.text": 600, ".dram0.bss": 380, "flash_total": 600,
                      "ram_st_total": 980},
}


def json2():
    """The same firmware as esp-idf-size --archives --format json2 has it."""
    report = {}
    for archive, sections in JSON.items():
        memory_types = {}
        for name, size in sections.items():
            if not name.startswith("."):
                continue
            memory = "Flash" if "flash" in name else "DRAM"
            entry = memory_types.setdefault(memory, {"size": 0, "sections": {}})
            entry["size"] += size
            entry["sections"][name] = {"abbrev_name": name[name.rindex("."):], "size": size}
        report[f"esp-idf/{archive[3:-2]}/{archive}"] = {
            "abbrev_name": archive, "size": 0, "memory_types": memory_types}
    return report


@contextlib.contextmanager
def esp_idf(tool):
    """An ESP-IDF whose tools/idf_size.py is `tool`."""
    with tempfile.TemporaryDirectory() as folder:
        tools = pathlib.Path(folder) / "tools"
        tools.mkdir()
        (tools / "idf_size.py").write_text(tool, encoding="utf-8")
        before = os.environ.get("IDF_PATH")
        os.environ["IDF_PATH"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["IDF_PATH"]
            else:
                os.environ["IDF_PATH"] = before


class SizeSummary(unittest.TestCase):
    def test_both_forms_say_the_same(self):
        self.assertEqual(summary.table(summary.sections_by_archive(json2())),
                         summary.table(summary.sections_by_archive(JSON)))

    def test_zeroed_and_untouched_memory_is_not_in_the_image(self):
        rows = summary.table(summary.sections_by_archive(JSON))
        self.assertIn("| fuota_b | 1000 | 50.0 % | 8 | 0.8 % |", rows)
        self.assertIn("| conn_wifi_b | 204 | 10.2 % | 6 | 0.6 % |", rows)

    def test_code_in_ram_is_in_the_image_too(self):
        rows = summary.table(summary.sections_by_archive(JSON))
        self.assertIn("| whole firmware | 2000 | 100.0 % | 994 | 100.0 % |", rows)

    def test_a_firmware_without_our_components_is_an_error(self):
        with self.assertRaisesRegex(KeyError, "libscan_wifi_b.a is not part of this firmware"):
            summary.table(summary.sections_by_archive(
                {name: entry for name, entry in JSON.items() if name != "libscan_wifi_b.a"}))

    def test_the_older_form_is_asked_for_where_the_newer_is_refused(self):
        tool = ("import json, sys\n"
                "if '--format' in sys.argv: sys.exit(2)\n"
                "assert '--json' in sys.argv and '--archives' in sys.argv\n"
                f"json.dump({JSON!r}, open(sys.argv[sys.argv.index('-o') + 1], 'w'))\n")
        with esp_idf(tool):
            self.assertEqual(summary.report_on("some.map"), JSON)

    def test_what_the_tool_complains_about_is_shown(self):
        with esp_idf("import sys\nsys.exit('no such map')\n"):
            with self.assertRaisesRegex(RuntimeError, "no such map"):
                summary.report_on("some.map")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    unittest.main(verbosity=2)
