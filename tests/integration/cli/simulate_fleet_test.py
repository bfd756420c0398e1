#!/usr/bin/env python3
"""fuota simulate fleet beside fuota-server: what it prints is what happened."""

import base64
import http.client
import http.server
import json
import os
import signal
import ssl
import subprocess
import threading
import unittest

from command_line import CommandLineTest
from page_commands import free_port
from processes import BIN, LIMIT_S, PASSWORD, USER, Server, folder

DEVICES = 6
VERSION = "1.0.0"
FILE = "app.bin"
FILE_BYTES = 100_000
#: How long a server in this process takes at most to see that it is to end.
POLL_S = 0.05


def put(connection, path, body):
    credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    connection.request("PUT", path, body, {"Authorization": "Basic " + credentials})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text


class FleetTest(CommandLineTest):
    """With a server that knows the devices, and has a file for those that run VERSION."""

    #: Flags of the server.
    FLAGS = ()

    @classmethod
    def setUpClass(cls):
        data = cls.enterClassContext(folder())
        cls.server = cls.enterClassContext(Server(data / "data", *cls.FLAGS))
        context = ssl.create_default_context(cafile=cls.server.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", cls.server.port, context=context,
                                                 timeout=LIMIT_S)
        for number in range(1, DEVICES + 1):
            device = f"dev-{number:06d}"
            put(connection, f"/devices/{device}", f'"{device}","{VERSION}","{FILE}"'.encode())
        put(connection, f"/files/{FILE}", os.urandom(FILE_BYTES))
        connection.close()

    def command(self, *arguments):
        """The command with its usual flags, but those that `arguments` has."""
        usual = {"--server": f"127.0.0.1:{self.server.port}", "--ca": self.server.certificate,
                 "--user": USER, "--json": self.folder / "result.json", "--devices": DEVICES}
        flags = [text for flag, value in usual.items() if flag not in arguments
                 for text in (flag, str(value))]
        return [BIN / "fuota", "simulate", "fleet", *flags, *map(str, arguments)]

    def simulate(self, *arguments, status=0, password=PASSWORD):
        """Runs a fleet; returns its result as JSON, and all that it printed."""
        done = subprocess.run(self.command(*arguments), text=True, capture_output=True,
                              timeout=LIMIT_S, check=False,
                              env=dict(os.environ, FUOTA_PASSWORD=password))
        printed = done.stdout + done.stderr
        self.assertEqual(done.returncode, status, printed)
        result = json.loads((self.folder / "result.json").read_text(encoding="utf-8"))
        return result, printed


class Modes(FleetTest):
    CHECKS = 5 * DEVICES

    def test_handshakes_are_as_the_mode_says(self):
        expected = {"full": (self.CHECKS, 0), "resumed": (DEVICES, self.CHECKS - DEVICES),
                    "keep-alive": (DEVICES, 0)}
        for mode, (full, resumed) in expected.items():
            for version in ("1.2", "1.3"):
                with self.subTest(mode=mode, version=version):
                    result, printed = self.simulate("--mode", mode, "--tls", version, "--checks",
                                                    self.CHECKS)
                    self.assertEqual(result["statuses"], {"204": self.CHECKS}, printed)
                    self.assertEqual((result["handshakes_full"], result["handshakes_resumed"]),
                                     (full, resumed), printed)
                    self.assertEqual(result["check_latency_ms"]["count"], self.CHECKS)
                    self.assertIn(f"{full} full, {resumed} resumed", printed)

    def test_a_rate_gives_each_device_its_share(self):
        result, _ = self.simulate("--rate", 500, "--checks", 2 * DEVICES + 1, "--threads", 2)
        self.assertEqual(result["checks"], 2 * DEVICES + 1)

    def test_devices_with_tokens_name_themselves(self):
        # The server knows one user: the devices' tokens are refused, and its log has their names.
        tokens = self.folder / "tokens"
        tokens.write_text("".join(f"dev-{n:06d},secret{n}\n" for n in range(1, DEVICES + 1)),
                          encoding="ascii")
        result, _ = self.simulate("--tokens", tokens, "--checks", DEVICES, status=1)
        self.assertEqual(result["statuses"], {"403": DEVICES})


class Downloads(FleetTest):
    def test_a_device_downloads_what_it_is_offered(self):
        for flags in ((), ("--native",), ("--mode", "keep-alive")):
            with self.subTest(flags=flags):
                result, printed = self.simulate("--downloads", "--app-version", VERSION, "--checks",
                                                2 * DEVICES, *flags)
                self.assertEqual(result["statuses"], {"200": 4 * DEVICES}, printed)
                self.assertEqual(result["downloads"], 2 * DEVICES, printed)
                self.assertGreater(result["bytes_received"], 2 * DEVICES * FILE_BYTES)

    def test_a_device_with_another_version_downloads_nothing(self):
        result, _ = self.simulate("--downloads", "--checks", DEVICES)
        self.assertEqual((result["downloads"], result["statuses"]), (0, {"204": DEVICES}))

    def test_a_file_can_be_named(self):
        result, _ = self.simulate("--file", FILE, "--checks", DEVICES)
        self.assertEqual((result["checks"], result["downloads"]), (0, DEVICES))

    def test_a_rate_makes_a_download_last(self):
        result, _ = self.simulate("--file", FILE, "--checks", DEVICES, "--download-rate",
                                  4 * FILE_BYTES)
        # A quarter of a second, less the last piece, for which nobody waits.
        self.assertGreater(result["download_latency_ms"]["min"], 200)

    def test_the_end_of_the_run_cuts_a_download(self):
        result, _ = self.simulate("--file", FILE, "--duration", 0.2, "--timeout", 0.2,
                                  "--download-rate", 1000)
        self.assertEqual((result["downloads"], result["downloads_unfinished"]), (0, DEVICES))


class Errors(FleetTest):
    FLAGS = ("--idle-deadline", "0.5")

    def test_a_wrong_password_is_an_error_with_a_remedy(self):
        result, printed = self.simulate("--checks", DEVICES, status=1, password="wrong")
        self.assertEqual(result["statuses"], {"403": DEVICES})
        self.assertEqual(result["errors"], {"status": DEVICES})
        self.assertIn("FUOTA_PASSWORD", printed)

    def test_an_unknown_device_is_an_error(self):
        result, printed = self.simulate("--checks", DEVICES, "--first", 100, status=1)
        self.assertEqual(result["errors"], {"status": DEVICES})
        self.assertIn("PUT rows", printed)

    def test_a_server_that_is_not_there_is_an_error(self):
        result, _ = self.simulate("--checks", DEVICES, "--server", f"127.0.0.1:{free_port()}",
                                  status=1)
        self.assertEqual(result["errors"], {"connect": DEVICES})

    def test_a_server_with_another_certificate_is_not_trusted(self):
        with Server(self.folder / "other") as other:
            result, _ = self.simulate("--checks", DEVICES, "--ca", other.certificate, status=1)
        self.assertEqual(result["errors"], {"handshake": DEVICES})
        self.assertIn("self-signed", result["error_examples"]["handshake"])

    def test_a_held_connection_that_the_server_closes_is_an_error(self):
        result, printed = self.simulate("--idle", status=1)
        self.assertEqual(result["errors"], {"lost": DEVICES})
        self.assertIn("--idle-deadline", printed)

    def test_a_kept_connection_that_was_closed_between_checks_is_made_anew(self):
        result, _ = self.simulate("--mode", "keep-alive", "--interval", 1, "--checks", 2 * DEVICES)
        # A device whose first check came late finds its connection open still.
        self.assertIn(result["reconnects"], range(1, DEVICES + 1))
        self.assertEqual(result["checks"], 2 * DEVICES)
        self.assertEqual(result["handshakes_full"] + result["handshakes_resumed"],
                         DEVICES + result["reconnects"])

    def test_what_can_not_be_done_is_refused_with_a_remedy(self):
        for arguments, remedy in ((("--id-format", "dev-%d"), "such as dev-%06d"),
                                  (("--server", "nowhere"), "HOST:PORT"),
                                  (("--ca", "none.pem"), "ca_cert.pem"),
                                  (("--source", "here"), "--source"),
                                  (("--tokens", "none"), "none"),
                                  (("--devices", "9000000", "--idle"), "--source"),
                                  (("--app-version", "a/b"), "--app-version")):
            with self.subTest(arguments=arguments):
                done = subprocess.run(self.command(*arguments), text=True, capture_output=True, timeout=LIMIT_S,
                                      check=False, cwd=self.folder,
                                      env=dict(os.environ, FUOTA_PASSWORD=PASSWORD))
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertIn(remedy, done.stderr)


class BusyServer(http.server.ThreadingHTTPServer):
    """Offers a file, puts the first download of each connection's device off, and says when to poll
    next."""

    daemon_threads = True

    def __init__(self, certificate, key):
        super().__init__(("127.0.0.1", 0), BusyHandler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.refused = False

    def handle_error(self, *_):
        """A client that goes away is nothing to tell."""


class BusyHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, **fields):
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path.startswith("/devices/"):
            self.answer(200, FILE.encode(), Content_Type="text/csv")
        elif not self.server.refused:
            self.server.refused = True
            self.answer(503, b"busy\n", Retry_After="1")
        else:
            self.answer(200, b"x" * FILE_BYTES)

    def log_message(self, *_):
        pass


class RetryAfter(FleetTest):
    def setUp(self):
        super().setUp()
        self.busy = BusyServer(self.server.certificate, self.server.data / "ca_key.pem")
        threading.Thread(target=self.busy.serve_forever, args=[POLL_S], daemon=True).start()
        self.addCleanup(self.busy.server_close)
        self.addCleanup(self.busy.shutdown)

    def ask_busy(self, *arguments, status=0):
        return self.simulate("--server", f"127.0.0.1:{self.busy.server_port}", "--devices", 1,
                             "--checks", 1, "--downloads", *arguments, status=status)

    def test_a_download_that_was_put_off_is_made_when_the_server_says(self):
        for flags in ((), ("--rate", 10)):
            with self.subTest(flags=flags):
                self.busy.refused = False
                result, printed = self.ask_busy(*flags)
                self.assertEqual((result["downloads"], result["downloads_put_off"],
                                  result["checks"]), (1, 1, 2), printed)
                # The time of being put off is the download's.
                self.assertGreaterEqual(result["download_latency_ms"]["min"], 1000)

    def test_it_is_an_error_for_a_device_that_does_not_listen(self):
        result, printed = self.ask_busy("--ignore-retry-after", status=1)
        self.assertEqual((result["downloads"], result["errors"]), (0, {"status": 1}), printed)


class Idle(FleetTest):
    def test_connections_are_held_until_it_is_told_to_end(self):
        command = self.command("--idle")
        with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=dict(os.environ, FUOTA_PASSWORD=PASSWORD)) as process:
            for line in process.stderr:
                if line == f"holding {DEVICES} connections\n":
                    break
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 0, out + err)
        self.assertIn(f"{DEVICES} full, 0 resumed", out)


if __name__ == "__main__":
    unittest.main(verbosity=2)
