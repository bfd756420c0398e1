"""What stands in for ESP-IDF's kconfgen writes a configuration as ESP-IDF's build system reads it."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
KCONFIG = """
mainmenu "Test"

config SWITCH_ON
    bool "a"
    default y
config SWITCH_OFF
    bool "b"
config NUMBER
    int "c"
    default 7
config HEXADECIMAL
    hex "d"
    default 0x10
config BARE_ZERO
    hex "e"
    default 0
config TEXT
    string "f"
    default "say \\"a;b\\""
config FOR_TARGET
    string
    default "$(IDF_TARGET)"
config HIDDEN
    int "g"
    default 1
    depends on SWITCH_OFF
"""


class KconfgenStandIn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w") as file:
            file.write(text)
        return path

    def generate(self, defaults):
        environment = self.write("environment.json", json.dumps({"IDF_TARGET": "esp32c3"}))
        command = [sys.executable, "-B", "-m", "kconfgen", "--list-separator=semicolon"]
        command += ["--kconfig", self.write("Kconfig", KCONFIG), "--env-file", environment]
        command += ["--config", os.path.join(self.folder, "sdkconfig")]
        for text in defaults:
            command += ["--defaults", self.write(f"defaults{len(command)}", text)]
        for kind in ("header", "cmake", "json", "config"):
            command += ["--output", kind, os.path.join(self.folder, kind)]
        path = os.path.join(ROOT, "scripts/esp_idf/stand_in/python")
        subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)

    def read(self, name):
        with open(os.path.join(self.folder, name)) as file:
            return file.read()

    def test_the_header_has_what_is_set(self):
        self.generate([])
        self.assertEqual(
            self.read("header").splitlines(),
            [
                "#pragma once",
                "#define CONFIG_SWITCH_ON 1",
                "#define CONFIG_NUMBER 7",
                "#define CONFIG_HEXADECIMAL 0x10",
                "#define CONFIG_BARE_ZERO 0x0",
                '#define CONFIG_TEXT "say \\"a;b\\""',
                '#define CONFIG_FOR_TARGET "esp32c3"',
            ],
        )

    def test_a_later_file_of_defaults_wins(self):
        self.generate(["CONFIG_NUMBER=8\nCONFIG_SWITCH_OFF=y\n", "CONFIG_NUMBER=9\n"])
        self.assertIn("#define CONFIG_NUMBER 9\n", self.read("header"))
        self.assertIn("#define CONFIG_SWITCH_OFF 1\n", self.read("header"))

    def test_json_has_types(self):
        self.generate([])
        values = json.loads(self.read("json"))
        self.assertEqual(values["SWITCH_ON"], True)
        self.assertEqual(values["SWITCH_OFF"], False)
        self.assertEqual(values["HEXADECIMAL"], 16)

    def test_cmake_reads_the_values(self):
        self.generate([])
        script = self.write(
            "read.cmake",
            f'include("{self.folder}/cmake")\nmessage("${{CONFIG_TEXT}}|${{CONFIG_SWITCH_OFF}}|${{CONFIG_NUMBER}}")\n',
        )
        done = subprocess.run(["cmake", "-P", script], capture_output=True, text=True, check=True)
        self.assertEqual(done.stderr, 'say "a;b"||7\n')

    def test_sdkconfig_is_read_over_the_defaults(self):
        self.write("sdkconfig", "CONFIG_NUMBER=11\n")
        self.generate(["CONFIG_NUMBER=8\n"])
        self.assertIn("#define CONFIG_NUMBER 11\n", self.read("header"))


if __name__ == "__main__":
    unittest.main(verbosity=1)
