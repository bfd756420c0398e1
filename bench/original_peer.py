#!/usr/bin/env python3
"""A server that behaves as the one that fuota replaces, written anew, as a peer of benchmarks.

Python's ThreadingHTTPServer over TLS, one thread per connection, the handshake made by the thread that
accepts, HTTP/1.0, a SQLite table with a row per device, a folder with files that are read whole, and a
line of log per request. Not for anything but benchmarks: it has the defects of its model.
"""

import argparse
import base64
import http.server
import os
import pathlib
import sqlite3
import ssl
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", content_type="text/plain"):
        self.send_response(status)
        if body:
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.headers.get("Authorization") != self.server.authorization:
            return self.answer(403)
        url = urllib.parse.urlsplit(self.path)
        kind, _, name = url.path.lstrip("/").partition("/")
        if kind == "devices":
            return self.check(name, urllib.parse.parse_qs(url.query).get("app_ver", [""])[0])
        if kind == "files":
            return self.download(name)
        return self.answer(400)

    def check(self, device, version):
        database = sqlite3.connect(self.server.database)
        try:
            row = database.execute(
                "SELECT app_ver, update_file_path FROM device_app WHERE device_id = ?",
                (device,)).fetchone()
        finally:
            database.close()
        if row is None:
            return self.answer(404)
        if row[0] != version:
            return self.answer(204)
        return self.answer(200, row[1].encode(), "text/csv")

    def download(self, name):
        path = self.server.folder / "files" / pathlib.Path(name).name
        if not path.is_file():
            return self.answer(404)
        return self.answer(200, path.read_bytes(), "application/octet-stream")


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, options):
        super().__init__(("127.0.0.1", options.port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.cert, options.key)
        self.socket = context.wrap_socket(self.socket, server_side=True)
        self.folder = options.folder
        self.database = options.folder / "devices.db"
        credentials = f"{os.environ['US_AUTH_USERNAME']}:{os.environ['US_AUTH_PASSWORD']}"
        self.authorization = "Basic " + base64.b64encode(credentials.encode()).decode()


def fill(database, devices):
    connection = sqlite3.connect(database)
    with connection:
        connection.execute("CREATE TABLE IF NOT EXISTS device_app (device_id TEXT PRIMARY KEY,"
                           " app_ver TEXT, update_file_path TEXT)")
        connection.executemany("INSERT OR REPLACE INTO device_app VALUES (?, '0.0.1', 'app.bin')",
                               ((f"dev-{number:06d}",) for number in range(1, devices + 1)))
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=pathlib.Path, required=True,
                        help="with the folder `files`; the database is made there")
    parser.add_argument("--cert", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--devices", type=int, default=1000, help="rows that are made")
    options = parser.parse_args()
    fill(options.folder / "devices.db", options.devices)
    Server(options).serve_forever()


if __name__ == "__main__":
    main()
