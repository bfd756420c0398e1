"""An installation in a folder of its own, and the server in it, for the tests of packaging.

`add_cleanup` is unittest's addCleanup or addClassCleanup: it says how long things are there.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[3]
BUILD = pathlib.Path(os.environ.get("FUOTA_BUILD_DIR", SOURCE / "build"))
CMAKE = os.environ.get("FUOTA_CMAKE", "cmake")
USERNAME = "someone"
PASSWORD = "a password"
START_SECONDS_MAX = 60
SKIPPED = 77
FREE_PORT = "127.0.0.1:0"


def temporary_folder(add_cleanup):
    """A folder that other users may enter."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="fuota-packaging-"))
    path.chmod(0o755)
    add_cleanup(shutil.rmtree, path, ignore_errors=True)
    return path


def install(destination, prefix="/usr", component=None):
    """What `DESTDIR=destination cmake --install` does. The installed tree begins there."""
    command = [CMAKE, "--install", str(BUILD), "--prefix", prefix]
    if component:
        command += ["--component", component]
    subprocess.run(command, env={**os.environ, "DESTDIR": str(destination)}, check=True,
                   stdout=subprocess.DEVNULL)


def make_folder_of(path, user_id):
    path.mkdir()
    os.chown(path, user_id, user_id)
    return path


def unprivileged_id():
    """The user that the tests run programs as: root's are run as nobody."""
    return 65534 if os.getuid() == 0 else os.getuid()


class InstalledServer:
    """fuota-server out of an installed tree, as an unprivileged user. With `FREE_PORT` it listens
    wherever there is room."""

    def __init__(self, add_cleanup, root, *arguments, **environment):
        user = unprivileged_id()
        as_user = {"user": user, "group": user, "extra_groups": []} if os.getuid() == 0 else {}
        self.process = subprocess.Popen(
            [str(root / "usr/bin/fuota-server"), *arguments], cwd="/", stderr=subprocess.PIPE, text=True,
            env={"FUOTA_ADMIN_LISTEN": "off", "US_AUTH_USERNAME": USERNAME, "US_AUTH_PASSWORD": PASSWORD, **environment},
            **as_user)
        self.log = ""
        self.log_ended = False
        self.log_changed = threading.Condition()
        self.reader = threading.Thread(target=self.read_log)
        self.reader.start()
        add_cleanup(self.stop)

    def read_log(self):
        for line in self.process.stderr:
            with self.log_changed:
                self.log += line
                self.log_changed.notify_all()
        with self.log_changed:
            self.log_ended = True
            self.log_changed.notify_all()

    def wait_until_listening(self):
        """Its port."""
        listening = re.compile(r"listening on https://\S+:(\d+),")
        with self.log_changed:
            self.log_changed.wait_for(lambda: self.log_ended or listening.search(self.log),
                                      START_SECONDS_MAX)
            found = listening.search(self.log)
        if found is None:
            raise AssertionError("the server did not start:\n" + self.log)
        return int(found.group(1))

    def stop(self):
        """Ends the server as systemd and docker do; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=START_SECONDS_MAX)
        finally:
            self.process.kill()
            self.reader.join()
            self.process.stderr.close()


def skip_all(reason):
    print("skipped: " + reason)
    sys.exit(SKIPPED)


def main():
    unittest.main(module="__main__", verbosity=2)
