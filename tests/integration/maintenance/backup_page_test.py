#!/usr/bin/env python3
"""Runs the commands of docs/backup.md as it shows them: every block marked `sh`, in order, in one
shell. Only the port is another one."""

import os
import pathlib
import re
import socket
import subprocess
import tempfile
import unittest

from processes import BIN, LIMIT_S, ROOT, Server


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class BackupPage(unittest.TestCase):
    def test_its_commands_do_what_it_says(self):
        page = (ROOT / "docs/backup.md").read_text(encoding="utf-8")
        script = "\n".join(re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
        self.assertEqual(script.count("fuota-server"), 7, "a new step: is it looked at below?")
        script = script.replace("127.0.0.1:50000", f"127.0.0.1:{free_port()}")
        # A step that fails must not leave a server behind.
        script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script
        with tempfile.TemporaryDirectory(prefix="fuota-test-") as name:
            folder = pathlib.Path(name)
            (folder / "app.bin").write_bytes(b"firmware")
            done = subprocess.run(["bash", "-m", "-e", "-c", script.replace("curl ", "curl -fsS ")],
                                  cwd=folder, env=dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}"),
                                  text=True, timeout=LIMIT_S, capture_output=True, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("backed up 1 contents of 8 bytes to backup-1\n", done.stdout)
            self.assertIn("restored 1 contents of 8 bytes to data\n", done.stdout)
            self.assertEqual(done.stdout.count("1 contents of 8 bytes, 0 damaged, 0 left over\n"), 3)
            self.assertIn("freed 0 bytes in 0 files\n", done.stdout)
            with Server(folder / "data") as server:
                self.assertTrue(server.certificate.samefile(folder / "data" / "ca_cert.pem"))
                self.assertEqual(server.certificate.read_bytes(),
                                 (folder / "broken-data" / "ca_cert.pem").read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
