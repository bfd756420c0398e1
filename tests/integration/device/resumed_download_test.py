#!/usr/bin/env python3
"""A board that is killed in the middle of a download goes on where it was: fuota-server and
virtual-esp32 as processes, a real image where there is one."""

import csv
import re
import socket
import subprocess
import threading

import processes
from signing import ID, Key, board_arguments, put, sign

DATA = processes.ROOT.parent / "shared" / "data"
SLOT_OFFSET = 0x190000  # ota_1 of sample_app/fuota_partitions.csv
NAME = "update.bin"
JOURNAL_BYTES = 65_536  # a journal is written each time that so many more are in the slot


class Bottleneck:
    """Carries bytes between a board and its server, until the server has sent `limit` bytes. Then the
    connection is closed, and who connects again hears nothing."""

    def __init__(self, port, limit):
        self.server = ("127.0.0.1", port)
        self.left = limit
        self.sockets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                board, _ = self.listener.accept()
            except OSError:
                return
            self.sockets.append(board)
            if self.left == 0:
                continue
            server = socket.create_connection(self.server)
            self.sockets.append(server)
            threading.Thread(target=self.carry, args=(board, server), daemon=True).start()
            threading.Thread(target=self.carry_back, args=(server, board), daemon=True).start()

    @staticmethod
    def carry(board, server):
        try:
            while data := board.recv(4096):
                server.sendall(data)
        except OSError:
            pass

    def carry_back(self, server, board):
        try:
            while self.left > 0 and (data := server.recv(min(4096, self.left))):
                self.left -= len(data)
                board.sendall(data)
            board.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self):
        for end in [self.listener, *self.sockets]:
            end.close()


def images(folder):
    """An image that runs, and one to update it to."""
    if (DATA / "pairs.tsv").exists():
        with open(DATA / "pairs.tsv", encoding="utf-8") as file:
            row = next(csv.DictReader(file, delimiter="\t"))
        return [DATA / row["family"] / f"{row[version]}.bin" for version in ("old", "new")]
    return [processes.build_image(folder / f"{version}.bin", version, seed, 816_384)
            for seed, version in enumerate(("0.1.0", "0.1.1"), 1)]


def version_of(image):
    out = subprocess.run([processes.BIN / "virtual-esp32", "--describe", image], check=True,
                         capture_output=True, text=True).stdout
    return re.search(r"^version=(.*)$", out, re.MULTILINE).group(1)


def publish(folder, server, old, image, key):
    copy = folder / NAME
    copy.write_bytes(image.read_bytes())
    put(server, f"/files/{NAME}", copy.read_bytes())
    put(server, f"/files/{NAME}/manifest", sign(copy, key).read_bytes())
    put(server, f"/devices/{ID}", f'"{ID}","{version_of(old)}","{NAME}"\n'.encode())


def kill_in_the_middle(arguments, server, limit):
    """Runs a board until its server has sent so many bytes, kills it, and returns how many of the
    file it had."""
    bottleneck = Bottleneck(server.port, limit)
    route = f"127.0.0.1:{server.port}=127.0.0.1:{bottleneck.port}"
    process = subprocess.Popen(
        [processes.BIN / "virtual-esp32", "--speed", "max", *map(str, arguments), "--route", route,
         "--until", "updated", "--time-limit", "600"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    log = ""
    lost = None
    for line in process.stdout:
        log += line
        lost = re.search(r"OTA: connection to the server lost after (\d+) bytes", line)
        if lost:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    bottleneck.close()
    assert lost, log
    return int(lost.group(1))


def main():
    with processes.folder() as folder:
        key = Key(folder / "key.pem")
        old, new = images(folder)
        content = new.read_bytes()
        limit = len(content) // 2
        with processes.Server(folder / "data") as server:
            publish(folder, server, old, new, key)
            arguments = [*board_arguments(folder, "board.flash", server, old), "--trusted-key",
                         key.public]
            had = kill_in_the_middle(arguments, server, limit)
            out = processes.virtual_esp32("--flash", folder / "board.flash", "--until", "updated")
            going_on = re.search(r"OTA: Going on at byte (\d+) of (\d+)", out)
            assert going_on, out
            assert int(going_on.group(1)) == had // JOURNAL_BYTES * JOURNAL_BYTES > 0, (had, out)
            assert int(going_on.group(2)) == len(content), out
            assert "image in ota_1 confirmed" in out, out
        requests = [line for line in server.log if f"path=/files/{NAME} status=206" in line]
        assert requests, server.log
        rest = int(re.search(r"bytes=(\d+)", requests[-1]).group(1))
        assert rest == len(content) - int(going_on.group(1)), requests
        with open(folder / "board.flash", "rb") as flash:
            flash.seek(SLOT_OFFSET)
            assert flash.read(len(content)) == content, "the slot differs from the file"
        print(f"{new.name}: killed after {had} bytes, fetched the last {rest} of "
              f"{len(content)}")


main()
