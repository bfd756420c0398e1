"""packaging/docker/health_check against servers that work, and others."""

import os
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

import installation

HEALTH_CHECK = installation.SOURCE / "packaging/docker/health_check"
SECONDS_MAX = 30


def check(data, port):
    return subprocess.run([str(HEALTH_CHECK)], capture_output=True, text=True, timeout=SECONDS_MAX,
                          check=False, env={"PATH": os.environ["PATH"], "US_SERVER_PORT": str(port),
                                            "FUOTA_DATA_DIR": str(data)})


class HealthCheck(unittest.TestCase):
    """One server for all: none of these tests changes it."""

    @classmethod
    def setUpClass(cls):
        cls.root = installation.temporary_folder(cls.addClassCleanup)
        installation.install(cls.root, component="server")
        user = installation.unprivileged_id()
        cls.data = installation.make_folder_of(cls.root / "data", user)
        cls.server, cls.port = cls.start(cls.data)
        # The certificate of a server that has gone.
        cls.other = installation.make_folder_of(cls.root / "other", user)
        cls.start(cls.other)[0].stop()

    @classmethod
    def start(cls, data):
        server = installation.InstalledServer(
            cls.addClassCleanup, cls.root, FUOTA_LISTEN=installation.FREE_PORT,
            FUOTA_DATA_DIR=str(data), FUOTA_HOST="updates.example.org")
        return server, server.wait_until_listening()

    def test_a_serving_server_is_healthy(self):
        result = check(self.data, self.port)
        self.assertEqual((result.returncode, result.stdout),
                         (0, f"serving on port {self.port}\n"))

    def test_a_port_where_nobody_listens_is_not(self):
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            result = check(self.data, bound.getsockname()[1])
        self.assertEqual(result.returncode, 1)
        self.assertIn("no answer over TLS", result.stdout)

    def test_a_server_with_another_certificate_is_not(self):
        result = check(self.other, self.port)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no answer over TLS", result.stdout)

    def test_a_missing_certificate_is_not(self):
        result = check(self.root / "nowhere", self.port)
        self.assertEqual(result.returncode, 1)
        self.assertIn("no certificate", result.stdout)

    def test_a_server_that_asks_for_no_credentials_is_not(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.data / "ca_cert.pem", self.data / "ca_key.pem")
        with socket.create_server(("127.0.0.1", 0)) as listener:
            def answer():
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as stream:
                    stream.recv(4096)
                    stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            thread = threading.Thread(target=answer)
            thread.start()
            result = check(self.data, listener.getsockname()[1])
            thread.join()
        self.assertEqual(result.returncode, 1)
        self.assertIn("unexpected answer", result.stdout)


if __name__ == "__main__":
    if shutil.which("openssl") is None:
        installation.skip_all("openssl is not installed")
    installation.main()
