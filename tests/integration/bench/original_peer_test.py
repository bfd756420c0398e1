#!/usr/bin/env python3
"""The peer that stands for the original server answers what the load tool asks."""

import pathlib
import tempfile
import unittest

import servers


class OriginalPeer(unittest.TestCase):
    def test_it_checks_and_serves_as_the_benchmarks_need_it(self):
        with tempfile.TemporaryDirectory(prefix="fuota-test-") as name:
            folder = pathlib.Path(name)
            ours = servers.Fuota(folder / "fuota")
            self.addCleanup(ours.stop)
            peer = servers.Original(folder / "original", ours)
            self.addCleanup(peer.stop)
            load = servers.Load(folder, ours.certificate)
            for flags, statuses in (
                    ((), {"204": 4}),
                    (("--tls", "1.2", "--mode", "resumed"), {"204": 4}),
                    (("--app-version", servers.ROW_VERSION, "--downloads"), {"200": 8}),
                    (("--file", servers.FILE), {"200": 4})):
                for server in (ours, peer):
                    with self.subTest(flags=flags, server=server.name):
                        counted = load.run(server, ["--devices", "2", "--checks", "4", *flags])
                        self.assertEqual(counted["statuses"], statuses)
                        if "resumed" in flags:
                            self.assertEqual(counted["handshakes_resumed"], 2)
            self.assertEqual((folder / "original/files" / servers.FILE).read_bytes(),
                             (ours.data / "upload").read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
