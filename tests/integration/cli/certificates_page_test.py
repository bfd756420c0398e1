#!/usr/bin/env python3
"""Runs the commands of docs/certificates.md as it shows them: every block marked `sh`, in order, in one
shell. Only the port is another one."""

import os
import re
import socket
import subprocess
import unittest

from command_line import CommandLineTest
from processes import BIN, LIMIT_S, ROOT


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class CertificatesPage(CommandLineTest):
    def test_its_commands_do_what_it_says(self):
        page = (ROOT / "docs/certificates.md").read_text(encoding="utf-8")
        script = "\n".join(re.findall(r"^```sh\n(.*?)^```", page, re.MULTILINE | re.DOTALL))
        self.assertEqual(script.count("virtual-esp32"), 9, "a new step: is it looked at below?")
        script = script.replace(":50000", f":{free_port()}")
        # A step that fails must not leave a server behind.
        script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script
        environment = dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}")
        done = subprocess.run(["bash", "-e", "-c", script], cwd=self.folder, env=environment,
                              text=True, errors="replace", timeout=LIMIT_S, capture_output=True,
                              check=False)
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
