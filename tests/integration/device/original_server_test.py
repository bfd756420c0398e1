#!/usr/bin/env python3
"""Our device and a server that behaves as the original: HTTP/1.0, a connection per request, files
without Content-Length, a self-signed RSA certificate whose only name is the Common Name."""

import base64
import http.server
import ssl
import subprocess
import threading

import processes
from processes import PASSWORD, USER

ADDRESS = "192.168.1.41:50000"
WANTED_AUTHORIZATION = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


class Handler(http.server.BaseHTTPRequestHandler):
    files = {}
    rows = {}
    agents = set()

    def do_GET(self):
        self.agents.add(self.headers["User-Agent"])
        if self.headers["Authorization"] != WANTED_AUTHORIZATION:
            self.answer(403)
        elif self.path.startswith("/files/"):
            name = self.path[len("/files/"):]
            self.answer(200, self.files[name], "application/octet-stream", with_length=False)
        else:
            device, _, version = self.path[len("/devices/"):].partition("?app_ver=")
            row = self.rows.get(device)
            if row is None:
                self.answer(404)
            elif row[0] != version:
                self.answer(204)
            else:
                self.answer(200, row[1].encode(), "text/csv", with_length=True)

    def answer(self, status, body=b"", content_type=None, with_length=False):
        self.send_response(status)
        if content_type:
            self.send_header("Content-Type", content_type)
        if with_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def serve(folder):
    """As in the original README: openssl req -x509, the address as Common Name."""
    certificate, key = folder / "ca_cert.pem", folder / "ca_key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-keyout", key, "-out",
                    certificate, "-days", "365", "-nodes", "-subj", "/CN=192.168.1.41"],
                   check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, certificate


def main():
    with processes.folder() as folder:
        server, certificate = serve(folder)
        old = processes.build_image(folder / "old.bin", "0.1.0", seed=1)
        new = processes.build_image(folder / "new.bin", "0.1.1", seed=2)
        Handler.files["f"] = new.read_bytes()
        Handler.rows["00001"] = ("0.1.0", "f")
        log = processes.virtual_esp32(
            "--flash", folder / "board.flash", "--image", old, "--id", "00001", "--server", ADDRESS,
            "--user", USER, "--password", PASSWORD, "--certificate", certificate,
            "--route", f"{ADDRESS}=127.0.0.1:{server.server_address[1]}", "--until", "updated")
        processes.assert_in_order(log, [
            r"OTA: Requesting f$", r"OTA: Update successful$", r"===== esp32-fuota 0\.1\.1 =====",
            r"APP: No update available$"])
        assert Handler.agents == {"ESP32 HTTP Client/1.0"}, Handler.agents
        server.shutdown()


main()
