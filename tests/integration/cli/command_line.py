"""fuota as a process."""

import subprocess
import tempfile
import pathlib
import unittest

from processes import BIN, LIMIT_S, build_image


class CommandLineTest(unittest.TestCase):
    """A test in a folder of its own."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fuota-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_fuota(self, *arguments, status=0):
        done = subprocess.run([BIN / "fuota", *map(str, arguments)], cwd=self.folder, text=True,
                              capture_output=True, timeout=LIMIT_S, check=False)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}{done.stderr}")
        return done

    def fuota(self, *arguments):
        """What the command prints when it succeeds."""
        done = self.run_fuota(*arguments)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def refusal(self, *arguments):
        """The one line that says why the command failed."""
        done = self.run_fuota(*arguments, status=1)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        return done.stderr

    def image(self, name="app.bin", version="1.2.0", seed=1, chip="esp32c3"):
        return build_image(self.folder / name, version, seed=seed, chip=chip)

    def new_key(self, name):
        """Makes a key: its file, and the line of its public key."""
        return name, self.fuota("key", "new", "--out", name).splitlines()[0]
