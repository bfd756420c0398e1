"""What cmake/hardening.cmake asks for, read off the built programs."""

import re
import subprocess
import unittest

import installation

PROGRAMS = ("fuota-server", "fuota")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


class Hardening(unittest.TestCase):
    def for_each_program(self):
        return [str(installation.BUILD / "bin" / name) for name in PROGRAMS]

    def undefined_symbols(self, program):
        return set(re.findall(r" U ([^@\s]+)", output("nm", "-D", program)))

    def skip_with_sanitizers(self, program):
        if any(name.startswith("__asan") for name in self.undefined_symbols(program)):
            self.skipTest("the sanitizers take this place")

    def test_lies_at_another_address_each_time(self):
        for program in self.for_each_program():
            self.assertRegex(output("readelf", "-hW", program), r"Type:\s+DYN \(Position-Indep")

    def test_relocations_are_made_at_the_start_and_are_read_only_then(self):
        for program in self.for_each_program():
            self.assertIn("GNU_RELRO", output("readelf", "-lW", program))
            self.assertRegex(output("readelf", "-dW", program), r"FLAGS_1\).*\bNOW\b")

    def test_no_memory_is_both_written_and_executed(self):
        for program in self.for_each_program():
            segments = re.findall(r"^\s+(\w+)\s+(?:0x\w+\s+){5}([RWE ]{3})",
                                  output("readelf", "-lW", program), re.M)
            self.assertIn("GNU_STACK", [name for name, _ in segments])
            self.assertEqual([s for s in segments if "W" in s[1] and "E" in s[1]], [])

    def test_stacks_have_a_canary(self):
        for program in self.for_each_program():
            self.assertIn("__stack_chk_fail", self.undefined_symbols(program))

    def test_large_frames_touch_every_page(self):
        for program in self.for_each_program():
            # GCC's probe of a page of the stack that a frame grows over.
            self.assertRegex(output("objdump", "-d", "--no-show-raw-insn", program),
                             r"sub\s+\$0x1000,%rsp\n.*orq?\s+\$0x0,0x\w+\(%rsp\)")

    def test_lengths_are_checked_in_the_c_library(self):
        for program in self.for_each_program():
            self.skip_with_sanitizers(program)
            self.assertRegex(" ".join(self.undefined_symbols(program)), r"__v?\w+print\w*_chk")

    def test_indices_are_checked_in_the_standard_library(self):
        for program in self.for_each_program():
            self.skip_with_sanitizers(program)
            self.assertRegex(" ".join(self.undefined_symbols(program)), "__glibcxx_assert_fail")

    def test_indirect_calls_land_on_marked_places(self):
        for program in self.for_each_program():
            text = output("objdump", "-d", "--no-show-raw-insn", program)
            self.assertRegex(text, r"<main>:\n\s*\w+:\s+endbr64")


if __name__ == "__main__":
    installation.main()
