#!/usr/bin/env python3
"""Runs the commands of docs/accounts.md as it shows them: every block marked `sh`, in order, in one
shell. Only the port is another one."""

import re
import unittest

from command_line import CommandLineTest
from page_commands import commands_of, free_port, run_commands


class AccountsPage(CommandLineTest):
    def test_its_commands_do_what_it_says(self):
        script = commands_of("accounts.md")
        self.assertEqual(script.count("\nstatus "), 6, "a new step: is it looked at below?")
        done = run_commands(script.replace("127.0.0.1:50000", f"127.0.0.1:{free_port()}"), self.folder)
        out = done.stdout
        self.assertEqual(done.returncode, 0, out + done.stderr)
        # For another device; no right any more; the shared user off; the key gone; blocked; removed.
        self.assertEqual(re.findall(r"^\d{3}$", out.replace("app.bin", "app.bin\n"), re.M),
                         ["403"] * 6, out)
        # The device checks with its own token, then by the shared password, with the token that the
        # operator made, and after the shared user has gone.
        self.assertEqual(out.count("app.bin"), 4, out)
        self.assertIn("anna\tadmin\t", out)
        self.assertIn('{"kind":"account","name":"anna","role":"admin","account":"anna"}', out)
        self.assertEqual(out.count('"action":"credential.enrol","object":"00001"'), 1, out)
        self.assertIn('{"device":"00002","has_token":false,"blocked":false,"changed":null}', out)
        self.assertIn('"blocked":true', out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
