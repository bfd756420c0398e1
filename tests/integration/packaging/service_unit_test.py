"""The systemd unit, as systemd-analyze sees it without a running systemd."""

import re
import shutil
import subprocess
import unittest

import installation

# systemd's exposure level, in tenths: 100 is a service without any sandbox. What is left of it is
# the network, which the service is there for (docs/security.md). Beyond it something was opened that
# should be discussed.
EXPOSURE_MAX = 12


def seconds_to_stop():
    """The server's own bound, from its --help."""
    text = subprocess.run([str(installation.BUILD / "bin/fuota-server"), "--help"],
                          capture_output=True, text=True, check=True).stdout
    return float(re.search(r"--shutdown-grace SECONDS.*=([0-9.]+)", text).group(1))


class ServiceUnit(unittest.TestCase):
    def setUp(self):
        self.root = installation.temporary_folder(self.addCleanup)
        installation.install(self.root, component="server")
        self.unit = self.root / "usr/lib/systemd/system/fuota-server.service"

    def analyze(self, *arguments):
        return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True,
                              check=False)

    def test_is_valid(self):
        # The program must be where the unit says, so the unit is made to say where it is.
        text = self.unit.read_text(encoding="utf-8")
        text = text.replace("/usr/bin/", str(self.root / "usr/bin") + "/")
        self.unit.write_text(text, encoding="utf-8")
        result = self.analyze("verify", "--man=no", "--recursive-errors=no", str(self.unit))
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_is_shut_off_from_the_system(self):
        result = self.analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}",
                              str(self.unit))
        self.assertEqual(result.returncode, 0, result.stdout)

    def test_waits_longer_than_the_server_needs_to_stop(self):
        text = self.unit.read_text(encoding="utf-8")
        self.assertGreater(float(re.search(r"^TimeoutStopSec=(\d+)$", text, re.M).group(1)),
                           seconds_to_stop())


if __name__ == "__main__":
    if shutil.which("systemd-analyze") is None:
        installation.skip_all("systemd-analyze is not installed")
    installation.main()
