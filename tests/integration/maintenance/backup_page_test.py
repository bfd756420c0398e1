#!/usr/bin/env python3
"""Runs the commands of docs/backup.md as it shows them: every block marked `sh`, in order, in one
shell. Only the port is another one."""

import unittest

from page_commands import commands_of, free_port, run_commands
from processes import Server, folder


class BackupPage(unittest.TestCase):
    def test_its_commands_do_what_it_says(self):
        script = commands_of("backup.md")
        self.assertEqual(script.count("fuota-server"), 7, "a new step: is it looked at below?")
        script = script.replace("127.0.0.1:50000", f"127.0.0.1:{free_port()}")
        with folder() as place:
            (place / "app.bin").write_bytes(b"firmware")
            done = run_commands(script.replace("curl ", "curl -fsS "), place, "-m")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("backed up 1 contents of 8 bytes to backup-1\n", done.stdout)
            self.assertIn("restored 1 contents of 8 bytes to data\n", done.stdout)
            self.assertEqual(done.stdout.count("1 contents of 8 bytes, 0 damaged, 0 left over\n"), 3)
            self.assertIn("freed 0 bytes in 0 files\n", done.stdout)
            with Server(place / "data") as server:
                self.assertTrue(server.certificate.samefile(place / "data" / "ca_cert.pem"))
                self.assertEqual(server.certificate.read_bytes(),
                                 (place / "broken-data" / "ca_cert.pem").read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
