#!/usr/bin/env python3
"""fuota-server backup, restore, check and gc, next to a server that works and on data at rest."""

import base64
import hashlib
import http.client
import pathlib
import ssl
import subprocess
import tempfile
import threading
import unittest

from processes import BIN, LIMIT_S, PASSWORD, USER, Server

AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Client:
    """One connection to a server, with its credentials."""

    def __init__(self, server):
        trust = ssl.create_default_context(cafile=server.certificate)
        self.connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=LIMIT_S,
                                                      context=trust)

    def exchange(self, method, path, body=None):
        self.connection.request(method, path, body, {"Authorization": AUTHORIZATION})
        response = self.connection.getresponse()
        return response.status, response.read()


class Load:
    """Replaces files and rows without a pause until the end of the `with` block. What a client was
    told to be there counts as acknowledged."""

    def __init__(self, server):
        self.acknowledged = 0
        self.failure = None
        self.done = threading.Event()
        self.begun = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(Client(server),))

    def _run(self, client):
        while not self.done.is_set() and self.failure is None:
            number = self.acknowledged + 1
            for path, body in ((f"/files/kept.{number}", f"content {number}"),
                               ("/files/replaced", f"replaced {number}" * 1000),
                               (f"/devices/{number}", f'"{number}","1","kept.{number}"')):
                status, answer = client.exchange("PUT", path, body)
                if status != 200:
                    self.failure = f"{path}: {status} {answer}"
            self.acknowledged = number
            self.begun.set()

    def __enter__(self):
        self.thread.start()
        assert self.begun.wait(LIMIT_S), self.failure
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join()
        assert self.failure is None, self.failure


class Commands(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="fuota-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"

    def command(self, *arguments, status=0):
        """What the command prints."""
        done = subprocess.run([BIN / "fuota-server", *map(str, arguments)], text=True, check=False,
                              capture_output=True, timeout=LIMIT_S, cwd=self.folder)
        self.assertEqual(done.returncode, status, f"{arguments}\n{done.stdout}{done.stderr}")
        return done.stdout if status == 0 else done.stdout + done.stderr

    def with_a_file(self):
        """Data at rest that hold a file: where its content lies."""
        with Server(self.data) as server:
            self.assertEqual(Client(server).exchange("PUT", "/files/app.bin", "content")[0], 200)
        return self.data / "blobs" / hashlib.sha256(b"content").hexdigest()

    def test_a_backup_under_load_has_all_that_was_acknowledged_before(self):
        with Server(self.data) as server:
            with Load(server) as load:
                for number in range(5):
                    at_least = load.acknowledged
                    target = self.folder / f"backup.{number}"
                    self.command("backup", "--data-dir", self.data, "--to", target)
                    self.assertIn(" 0 damaged", self.command("check", "--data-dir", self.data))
        restored = self.folder / "restored"
        self.command("restore", "--from", target, "--data-dir", restored)
        self.assertRegex(self.command("check", "--data-dir", restored), r" 0 damaged, 0 left over\n")
        self.assertEqual((restored / "ca_key.pem").read_text(), (self.data / "ca_key.pem").read_text())
        with Server(restored) as server:
            client = Client(server)
            devices = client.exchange("GET", "/devices")[1].decode().splitlines()
            self.assertGreaterEqual(len(devices), at_least)
            # Each row that is there came after its file.
            for number in range(1, len(devices) + 1):
                self.assertEqual(client.exchange("GET", f"/files/kept.{number}"),
                                 (200, f"content {number}".encode()))

    def test_a_failed_backup_says_why_and_leaves_nothing(self):
        self.with_a_file().unlink()
        said = self.command("backup", "--data-dir", self.data, "--to", self.folder / "backup", status=1)
        self.assertRegex(said, r"^fuota-server: there is no backup: blob [0-9a-f]{64} is missing: upload"
                               r" the file again, .*\n$")
        self.assertEqual(list(self.folder.iterdir()), [self.data])

    def test_nothing_is_restored_over_data(self):
        self.with_a_file()
        self.command("backup", "--data-dir", self.data, "--to", "backup")
        said = self.command("restore", "--from", "backup", "--data-dir", self.data, status=1)
        self.assertIn("is not empty: move it away", said)

    def test_damage_is_told_and_ends_with_one(self):
        content = self.with_a_file()
        content.write_text("CONTENT", encoding="ascii")
        said = self.command("check", "--data-dir", self.data, status=1)
        self.assertIn(f"damaged: blob {content.name} has another content: upload the file again", said)

    def test_garbage_is_told_by_check_and_removed_by_gc(self):
        self.with_a_file()
        orphan = self.data / "blobs" / ("a" * 64)
        orphan.write_text("12345", encoding="ascii")
        self.assertIn(f"left over: blob {orphan.name}", self.command("check", "--data-dir", self.data))
        said = self.command("gc", "--data-dir", self.data)
        self.assertEqual(said, f"removed blobs/{orphan.name}\nfreed 5 bytes in 1 files\n")
        self.assertIn(" 0 left over", self.command("check", "--data-dir", self.data))

    def test_gc_leaves_the_data_of_a_running_server_alone(self):
        with Server(self.data):
            said = self.command("gc", "--data-dir", self.data, status=1)
        self.assertIn("is held by another fuota-server", said)

    def test_a_directory_without_data_is_told_and_not_made(self):
        for command in (("check",), ("gc",), ("backup", "--to", self.folder / "backup"),
                        ("user", "list"), ("user", "remove", "anna"), ("token", "list"),
                        ("token", "add", "anna", "ci", "--role", "viewer"), ("fleet-key", "list")):
            with self.subTest(command=command):
                said = self.command(*command, "--data-dir", self.data, status=1)
                self.assertEqual(said, f"fuota-server: there are no data in {self.data}: name the"
                                       " server's directory with --data-dir\n")
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_what_is_no_backup_is_not_restored(self):
        said = self.command("restore", "--from", self.folder, "--data-dir", self.data, status=1)
        self.assertEqual(said, f"fuota-server: there are no data in {self.folder}: name the folder of a"
                               " backup with --from\n")
        self.assertFalse(self.data.exists())

    def test_the_data_directory_may_come_from_the_environment(self):
        self.with_a_file()
        done = subprocess.run([BIN / "fuota-server", "check"], text=True, check=False, timeout=LIMIT_S,
                              capture_output=True, env={"FUOTA_DATA_DIR": str(self.data)})
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_wrong_flags_end_with_two(self):
        for arguments in (("backup",), ("restore", "--to", "x"), ("check", "--what"), ("gc", "x")):
            self.assertIn("--help explains", self.command(*arguments, status=2))

    def test_help_names_the_commands_and_each_has_its_own(self):
        for name in ("backup", "restore", "check", "gc"):
            self.assertRegex(self.command("--help"), rf"(?m)^  {name} +[A-Z]")
            self.assertIn("--data-dir", self.command(name, "--help"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
