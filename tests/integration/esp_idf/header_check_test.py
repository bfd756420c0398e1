"""The comparison of the simulator's headers with ESP-IDF's (scripts/esp_idf/headers.py) finds each
kind of difference: a copy of the headers, changed in one place, plays the real ones."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
sys.path.insert(0, os.path.join(ROOT, "scripts"))

from esp_idf import headers  # noqa: E402

INCLUDE = os.path.join(ROOT, "simulator/include")
GCC = "riscv64-unknown-elf-gcc"

try:
    from clang import cindex  # noqa: F401
except ImportError:
    cindex = None


class Copy:
    """A project whose ESP-IDF headers are a copy of the simulator's."""

    def __init__(self, folder):
        self.include = os.path.join(folder, "include")
        shutil.copytree(INCLUDE, self.include)
        self.commands = {"main.c": {"directory": folder}}
        self.environment = dict(os.environ)
        self.toolchain = type("Toolchain", (), {"prefix": "riscv32-esp-elf"})

    def arguments(self, source):
        return [GCC, "-std=gnu99", "-march=rv32imc", "-mabi=ilp32", f"-I{self.include}"]

    def all_arguments(self):
        return [*self.arguments("main.c"), "-isystem", "/usr/include/newlib"]

    def compile(self, arguments, source, output=None):
        done = subprocess.run(
            [*arguments, "-fdiagnostics-color=never", "-fsyntax-only", source],
            capture_output=True,
            text=True,
        )
        return done.stderr

    def change(self, header, old, new):
        path = os.path.join(self.include, header)
        with open(path) as file:
            text = file.read()
        assert old in text, f"{header} does not contain {old!r}"
        with open(path, "w") as file:
            file.write(text.replace(old, new, 1))


class HeaderCheck(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        self.copy = Copy(self.folder)
        self.differences = os.path.join(self.folder, "differences.tsv")
        self.allow("")

    def allow(self, text):
        with open(self.differences, "w") as file:
            file.write(text)

    def complaints(self):
        found = headers.compare(
            INCLUDE, self.copy, self.copy.all_arguments(), (5, 5, 5), self.folder, self.differences
        )
        return {name: complaint for name, complaint in found if complaint}

    def test_headers_that_agree_give_no_complaint(self):
        self.assertEqual(self.complaints(), {})

    def test_each_kind_of_difference_is_found_and_named(self):
        for header, old, new, entity in (
            ("nvs.h", "esp_err_t nvs_commit(", "void nvs_commit(", "nvs_commit: "),
            ("nvs.h", "esp_err_t nvs_commit(", "esp_err_t nvs_commit_all(", "nvs_commit: "),
            ("esp_timer.h", "int64_t esp_timer_get_time(", "uint32_t esp_timer_get_time(",
             "esp_timer_get_time: "),
            ("esp_wifi_types.h", "WIFI_PS_MIN_MODEM", "WIFI_PS_OTHER, WIFI_PS_MIN_MODEM",
             "WIFI_PS_MIN_MODEM: "),
            ("esp_err.h", "#define ESP_ERR_NO_MEM 0x101", "#define ESP_ERR_NO_MEM 0x110",
             "ESP_ERR_NO_MEM: "),
            ("esp_err.h", "#define ESP_ERR_NO_MEM 0x101\n", "", "ESP_ERR_NO_MEM: "),
            ("esp_idf_version.h", "ESP_IDF_VERSION_VAL(major, minor, patch)",
             "ESP_IDF_VERSION_VAL(major, minor, patch, build)", "ESP_IDF_VERSION_VAL: "),
            ("esp_netif_ip_addr.h", '#define IPSTR "%d.', '#define IPSTR "%u.', "IPSTR: "),
            ("esp_partition.h", "uint32_t address;", "uint64_t address;",
             "esp_partition_t.address: "),
            ("esp_partition.h", "uint32_t address;", "uint32_t offset;",
             "esp_partition_t.address: "),
            ("esp_app_desc.h", "uint32_t secure_version;", "uint32_t spare, secure_version;",
             "esp_app_desc_t.secure_version: "),
            ("esp_app_format.h", "spi_speed : 4", "spi_speed : 2", "esp_image_header_t.spi_speed: "),
            ("esp_app_format.h", "spi_size : 4", "spi_size : 8", "esp_image_header_t.spi_size: "),
            ("esp_bit_defs.h", "#define BIT(nr) (1UL <<", "#define BIT(nr) (2UL <<", "BIT: "),
            ("freertos/projdefs.h", "(uint64_t)(xTicks)*1000",
             "(uint64_t)(xTicks)*999", "pdTICKS_TO_MS: "),
            ("esp_err.h", "#define ESP_FAIL -1", "#define ESP_FAIL 0xFFFFFFFF", "ESP_FAIL: "),
            ("freertos/portmacro.h", "typedef uint32_t TickType_t", "typedef uint16_t TickType_t",
             "TickType_t: "),
        ):
            with self.subTest(header=header, new=new):
                shutil.rmtree(self.copy.include)
                shutil.copytree(INCLUDE, self.copy.include)
                self.copy.change(header, old, new)
                self.assertIn(entity, self.complaints().get(header, ""))

    def test_a_header_that_is_not_there_is_found(self):
        os.remove(os.path.join(self.copy.include, "esp_rom_crc.h"))
        self.assertIn("esp_rom_crc.h: there is no such header", self.complaints()["esp_rom_crc.h"])

    def test_a_listed_difference_is_accepted(self):
        self.copy.change("esp_err.h", "#define ESP_ERR_NO_MEM 0x101", "#define ESP_ERR_NO_MEM 0x110")
        self.allow("4,5\tESP_ERR_NO_MEM\ta reason\n")
        self.assertEqual(self.complaints(), {})

    def test_a_difference_listed_for_another_version_is_not_accepted(self):
        self.copy.change("esp_err.h", "#define ESP_ERR_NO_MEM 0x101", "#define ESP_ERR_NO_MEM 0x110")
        self.allow("4,6,5/xtensa\tESP_ERR_NO_MEM\ta reason\n")
        self.assertIn("esp_err.h", self.complaints())

    def test_a_listed_difference_that_is_none_is_found(self):
        self.allow("5\tESP_ERR_NO_MEM\ta reason\n")
        self.assertEqual(list(self.complaints()), ["differences.tsv: ESP_ERR_NO_MEM"])

    def test_a_difference_without_a_reason_is_refused(self):
        self.allow("5\tESP_ERR_NO_MEM\t\n")
        with self.assertRaisesRegex(ValueError, "differences.tsv:1"):
            self.complaints()


if __name__ == "__main__":
    if cindex is None or shutil.which(GCC) is None:
        print("skipped: what it needs is not installed (scripts/install-deps esp-idf)")
        sys.exit(77)
    unittest.main(verbosity=1)
