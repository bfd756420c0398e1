#!/usr/bin/env python3
"""Runs the commands of docs/releases.md as it shows them: every block marked `sh`, in order, in one
shell, with a server that has no devices yet."""

import shutil
import unittest

from command_line import CommandLineTest
from page_commands import commands_of, run_commands
from processes import PASSWORD, USER, Server, assert_in_order


class ReleasesPage(CommandLineTest):
    def test_its_commands_do_what_it_says(self):
        script = commands_of("releases.md")
        self.assertEqual(script.count("fuota release"), 4)
        self.assertEqual(script.count("fuota root"), 5)
        self.image()
        self.image("old.bin", version="1.0.0", seed=2)
        with Server(self.folder / "data") as server:
            shutil.copy(server.certificate, self.folder / "ca_cert.pem")
            done = run_commands(script.replace("curl ", "curl -fsS "), self.folder,
                                SERVER=f"https://127.0.0.1:{server.port}",
                                US_AUTH_USERNAME=USER, US_AUTH_PASSWORD=PASSWORD)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("signed by 2 of 2 needed", done.stdout)
        self.assertRegex(done.stdout, r'(?m)^\{"deployment":".{22}","manifest":\{')
        self.assertIn("signed by 2 of 2 needed of the current keys, and by 2 of 2 needed of its own",
                      done.stdout)
        assert_in_order(done.stdout, [
            r"===== esp32-fuota 1\.0\.0 =====",
            r"OTA: Root document 1: releases need 2 of 2 keys from now on$",
            r"OTA: Release 1\.2\.0, counter 0, signed by 2 trusted keys$",
            r"===== esp32-fuota 1\.2\.0 =====",
            r"OTA: The server answers: image in ota_1 confirmed$"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
