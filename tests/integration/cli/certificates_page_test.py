#!/usr/bin/env python3
"""Runs the commands of docs/certificates.md as it shows them: every block marked `sh`, in order, in one
shell. Only the port is another one."""

import re
import unittest

from command_line import CommandLineTest
from page_commands import commands_of, free_port, run_commands


class CertificatesPage(CommandLineTest):
    def test_its_commands_do_what_it_says(self):
        script = commands_of("certificates.md")
        self.assertEqual(script.count("virtual-esp32"), 9, "a new step: is it looked at below?")
        done = run_commands(script.replace(":50000", f":{free_port()}"), self.folder)
        out = done.stdout
        self.assertEqual(done.returncode, 0, out + done.stderr)
        # Of two boards, the one that updates and the one that was away; before, in between and after,
        # checks that find nothing.
        self.assertEqual(out.count("OTA: Update successful"), 2, out)
        self.assertEqual(out.count("APP: No update available"), 10, out)
        # What `grep` found in the log of the stranded one, and nothing else.
        failures = set(re.findall(r"Update failed: (\w+)", out))
        self.assertEqual(failures, {"tls_verify"}, out)
        self.assertRegex(out, r'(?m)^00002 "running":\{"version":"0\.1\.0"')
        self.assertNotRegex(out, r'(?m)^00001 "running"')


if __name__ == "__main__":
    unittest.main(verbosity=2)
