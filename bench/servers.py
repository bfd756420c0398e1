"""The servers that are compared, each as processes on the one core that they share, and the load."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import sqlite3
import ssl
import subprocess
import sys
import time

import measure

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(os.environ.get("FUOTA_BIN", ROOT / "build" / "bin"))
USER = "fuota"
PASSWORD = "benchmark"
#: What is downloaded.
FILE = "app.bin"
FILE_BYTES = 1024 * 1024
#: Devices 1 to KNOWN have rows with this version; the load reports another one, and is answered 204.
KNOWN = 10_000
ROW_VERSION = "0.0.1"
#: No step takes longer.
LIMIT_S = 600
#: A connection that is held is not idle for too long.
PATIENCE_S = 3600


def cores():
    """The core of the servers, and that of the load: the last two that this process may use."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[-2:] if len(allowed) > 1 else (allowed[0], allowed[0])


def provide_programs():
    """Installs the peers and builds our programs, where they are missing."""
    if nginx_program() is None:
        subprocess.run([ROOT / "scripts/install-deps", "bench"], check=True, stdout=sys.stderr)
    if not all((BIN / name).exists() for name in ("fuota", "fuota-server")):
        subprocess.run([ROOT / "scripts/install-deps", "build"], check=True, stdout=sys.stderr)
        subprocess.run([ROOT / "scripts/build", "fuota-server", "fuota"], check=True,
                       stdout=sys.stderr)


def nginx_program():
    return shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


def on_core(core, command):
    return ["taskset", "--cpu-list", str(core), *map(str, command)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children_of(pid):
    text = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


class Process:
    """A server that runs until `stop()`. Its log goes to a file, as its access log does."""

    def __init__(self, folder, command, environment=None):
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "server.log"
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(on_core(cores()[0], command), stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL,
                                            env={**os.environ, **(environment or {})})

    def pids(self):
        return [self.process.pid, *children_of(self.process.pid)]

    def wait_until_it_answers(self, port, certificate):
        context = ssl.create_default_context(cafile=certificate)
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise measure.MeasureError("a server ended at once: " + self.last_words())
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", port), timeout=5) as plain:
                    with context.wrap_socket(plain, server_hostname="127.0.0.1"):
                        return
            time.sleep(0.05)
        raise measure.MeasureError("a server doesn't answer: " + self.last_words())

    def last_words(self):
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else "it said nothing"

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Fuota:
    """fuota-server with its data directory, its access log to a file."""

    name = "fuota"

    def __init__(self, folder, fill=None):
        """`fill` puts the device rows into the database of the server, which is stopped."""
        self.data = folder / "data"
        self.folder = folder
        self.port = free_port()
        if not self.certificate.exists():
            self.start()  # makes the database and the certificate
            self.stop()
            (fill or known_devices)(self.data / "fuota.db")
            (self.data / "upload").write_bytes(os.urandom(FILE_BYTES))
        self.start()
        self.upload()

    @property
    def certificate(self):
        return self.data / "ca_cert.pem"

    @property
    def key(self):
        return self.data / "ca_key.pem"

    def start(self):
        command = [BIN / "fuota-server", "--listen", f"127.0.0.1:{self.port}", "--data-dir",
                   self.data, "--threads", "1", "--idle-deadline", PATIENCE_S]
        self.process = Process(self.folder, command, {"US_AUTH_USERNAME": USER,
                                                      "US_AUTH_PASSWORD": PASSWORD})
        end = time.monotonic() + LIMIT_S
        while not self.certificate.exists() and time.monotonic() < end:
            if self.process.process.poll() is not None:
                break
            time.sleep(0.02)
        if not self.certificate.exists():
            raise measure.MeasureError("fuota-server doesn't start: " + self.process.last_words())
        self.process.wait_until_it_answers(self.port, self.certificate)

    def upload(self):
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--fail", "--user", f"{USER}:{PASSWORD}",
             "--cacert", self.certificate, "--upload-file", self.data / "upload",
             f"https://127.0.0.1:{self.port}/files/{FILE}"],
            text=True, capture_output=True, timeout=LIMIT_S, check=False)
        if done.returncode != 0:
            raise measure.MeasureError("the upload failed: " + done.stderr.strip())

    def pids(self):
        return self.process.pids()

    def stop(self):
        self.process.stop()


NGINX = """\
daemon off;
worker_processes 1;
worker_rlimit_nofile 65536;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{user}
events {{ worker_connections 30000; }}
http {{
    access_log {folder}/access.log combined;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    default_type application/octet-stream;
    sendfile on;      # as Debian's nginx.conf
    tcp_nopush on;    # as Debian's nginx.conf
    keepalive_timeout {patience}s;
    keepalive_requests 1000000000;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_prefer_server_ciphers on;
        ssl_session_cache off;
        ssl_session_tickets on;
        ssl_conf_command NumTickets 1;  # as fuota-server; OpenSSL's default of 2 costs more
        location /devices/ {{ return 204; }}
        location /files/ {{ root {folder}; }}
    }}
}}
"""


class Nginx:
    """One worker that answers a static 204 to checks, and static files, with our certificate."""

    name = "nginx"

    def __init__(self, folder, ours):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "files").mkdir(exist_ok=True)
        shutil.copy(ours.data / "upload", folder / "files" / FILE)
        self.port = free_port()
        configuration = folder / "nginx.conf"
        configuration.write_text(NGINX.format(
            folder=folder, port=self.port, certificate=ours.certificate, key=ours.key,
            patience=PATIENCE_S, user="user root;" if os.geteuid() == 0 else ""), encoding="utf-8")
        self.process = Process(folder, [nginx_program(), "-c", configuration, "-p", folder, "-e",
                                        folder / "error.log"])
        self.process.wait_until_it_answers(self.port, ours.certificate)

    def pids(self):
        return self.process.pids()

    def stop(self):
        self.process.stop()


class Original:
    """bench/original_peer.py, which behaves as the server that fuota replaces."""

    name = "original"

    def __init__(self, folder, ours):
        (folder / "files").mkdir(parents=True, exist_ok=True)
        shutil.copy(ours.data / "upload", folder / "files" / FILE)
        self.port = free_port()
        self.process = Process(folder, [
            sys.executable, ROOT / "bench/original_peer.py", "--port", self.port, "--folder", folder,
            "--cert", ours.certificate, "--key", ours.key, "--devices", KNOWN],
            {"US_AUTH_USERNAME": USER, "US_AUTH_PASSWORD": PASSWORD})
        self.process.wait_until_it_answers(self.port, ours.certificate)

    def pids(self):
        return self.process.pids()

    def stop(self):
        self.process.stop()


def insert_devices(database, ids):
    """Puts device rows into a database that fuota-server made, in its own schema."""
    connection = sqlite3.connect(database)
    connection.execute("PRAGMA synchronous = OFF")
    with connection:
        connection.executemany(
            "INSERT INTO device (id, version, file, assignment) VALUES (?, ?, ?, randomblob(16))",
            ((device, ROW_VERSION, FILE) for device in ids))
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def known_devices(database):
    insert_devices(database, (f"dev-{number:06d}" for number in range(1, KNOWN + 1)))


def devices_among(total, asked):
    """A filling of `total` rows in which the first `asked` devices lie evenly spread."""
    def fill(database):
        between = total // asked - 1
        insert_devices(database, (
            device for number in range(1, asked + 1)
            for device in (f"dev-{number:06d}",
                           *(f"dev-{number:06d}+{other:06d}" for other in range(between)))))
    return fill


class Load:
    """One run of `fuota simulate fleet` against a server."""

    def __init__(self, folder, certificate):
        self.result = folder / "load.json"
        self.certificate = certificate

    def command(self, server, flags):
        return on_core(cores()[1], [
            BIN / "fuota", "simulate", "fleet", "--server", f"127.0.0.1:{server.port}", "--ca",
            self.certificate, "--user", USER, "--json", self.result, "--quiet", *flags])

    def environment(self):
        return dict(os.environ, FUOTA_PASSWORD=PASSWORD)

    def run(self, server, flags):
        """What the load tool counted. A run with errors doesn't count."""
        # It doesn't sleep: waking it is no work of a server's.
        done = subprocess.run(self.command(server, ["--busy-wait", *flags]), text=True,
                              capture_output=True, timeout=LIMIT_S, check=False,
                              env=self.environment())
        if done.returncode != 0:
            raise measure.MeasureError(f"load on {server.name}: {done.stderr.strip()}")
        return json.loads(self.result.read_text(encoding="utf-8"))

    @contextlib.contextmanager
    def holding(self, server, flags, connections):
        """Holds that many connections, until the end of the `with` block."""
        with subprocess.Popen(self.command(server, ["--idle", *flags]), text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                              env=self.environment()) as process:
            said = ""
            for said in process.stderr:
                if re.fullmatch(rf"holding {connections} connections\n", said):
                    break
            else:
                process.wait()
                raise measure.MeasureError(f"load on {server.name}: {said.strip()}")
            try:
                yield
            finally:
                process.terminate()
                process.communicate(timeout=LIMIT_S)
        if process.returncode != 0:
            raise measure.MeasureError(f"load on {server.name}: connections were lost")
