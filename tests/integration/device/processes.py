"""The programs under test as processes: a server, virtual devices, and the images they run."""

import contextlib
import os
import pathlib
import re
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("FUOTA_BIN", ROOT / "build" / "bin"))
USER = "server_username"
PASSWORD = "server_password"
#: No step of these tests takes longer, sanitizers on a busy machine included.
LIMIT_S = 120


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="fuota-test-") as name:
        yield pathlib.Path(name)


class Server:
    """fuota-server on a port of its own, until the end of the `with` block."""

    def __init__(self, data, *arguments, log=None):
        """`log` gets the lines of the server's log: a list, or what can be appended to as one."""
        self.data = data
        self.log = [] if log is None else log
        environment = {"FUOTA_ADMIN_LISTEN": "off", **os.environ, "US_AUTH_USERNAME": USER,
                       "US_AUTH_PASSWORD": PASSWORD}
        environment.pop("US_SERVER_PORT", None)
        self.process = subprocess.Popen(
            [BIN / "fuota-server", "--listen", "127.0.0.1:0", "--data-dir", data, *arguments],
            env=environment, stderr=subprocess.PIPE, text=True)
        self.port = None
        for line in self.process.stderr:
            self.log.append(line)
            listening = re.search(r"listening on https://127\.0\.0\.1:(\d+)", line)
            if listening:
                self.port = int(listening.group(1))
                break
        if self.port is None:
            raise AssertionError("fuota-server did not start:\n" + "".join(self.log))
        # Somebody has to read on, or the server would block on a full pipe.
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stderr))
        self.reader.start()

    @property
    def certificate(self):
        return self.data / "ca_cert.pem"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        status = self.process.wait(LIMIT_S)
        self.reader.join()
        self.process.stderr.close()
        assert status == 0, f"fuota-server ended with {status}:\n" + "".join(self.log)


def build_image(path, version, seed=1, size=20000, chip="esp32"):
    subprocess.run([BIN / "build_image", "--out", path, "--version", version, "--seed", str(seed),
                    "--size", str(size // 16 * 16), "--chip", chip], check=True)
    return path


def virtual_esp32(*arguments, status=0):
    """Runs virtual-esp32 at full speed, checks its exit status, returns what it printed."""
    done = subprocess.run([BIN / "virtual-esp32", "--speed", "max", *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=LIMIT_S, check=False)
    assert done.returncode == status, (
        f"virtual-esp32 ended with {done.returncode} instead of {status}:\n{done.stdout}")
    return done.stdout


def assert_in_order(text, patterns):
    """Each regular expression matches a line of `text`, in this order."""
    lines = text.splitlines()
    at = 0
    for pattern in patterns:
        while at < len(lines) and not re.search(pattern, lines[at]):
            at += 1
        assert at < len(lines), f"not found in this order: {pattern}\n{text}"
        at += 1
