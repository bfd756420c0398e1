#!/usr/bin/env python3
"""Every pair of real application images in ../shared/data: the device ends up with the new file's
bytes in its slot, and boots from there."""

import csv
import re
import subprocess
import sys

import processes
from processes import PASSWORD, USER

DATA = processes.ROOT.parent / "shared" / "data"
SLOT_OFFSET = 0x190000  # ota_1 of sample_app/fuota_partitions.csv
SKIPPED = 77


def describe(image):
    out = subprocess.run([processes.BIN / "virtual-esp32", "--describe", image], check=True,
                         capture_output=True, text=True).stdout
    return dict(line.split("=", 1) for line in out.splitlines())


def banner(image):
    return re.escape(f"===== {image['project']} {image['version']} =====")


def put(server, path, *arguments):
    subprocess.run(["curl", "--silent", "--show-error", "--fail", "-u", f"{USER}:{PASSWORD}",
                    "--cacert", server.certificate, "--request", "PUT", *arguments,
                    f"https://127.0.0.1:{server.port}{path}"], check=True)


def update(folder, server, family, old, new):
    device = f"{family}-{old}"
    images = [DATA / family / f"{version}.bin" for version in (old, new)]
    before, after = map(describe, images)
    board = folder / f"{device}.flash"
    put(server, f"/files/{family}-{new}.bin", "--data-binary", f"@{images[1]}")
    put(server, f"/devices/{device}", "--data",
        f'"{device}","{before["version"]}","{family}-{new}.bin"')
    log = processes.virtual_esp32(
        "--flash", board, "--image", images[0], "--id", device, "--server",
        f"127.0.0.1:{server.port}", "--user", USER, "--password", PASSWORD, "--certificate",
        server.certificate, "--until", "updated", "--time-limit", "600")
    processes.assert_in_order(log, [
        banner(before), "OTA: Update successful",
        "boot: Loaded app from partition at offset 0x190000", banner(after)])
    wanted = images[1].read_bytes()
    with open(board, "rb") as flash:
        flash.seek(SLOT_OFFSET)
        assert flash.read(len(wanted)) == wanted, f"{device}: the slot differs from the file"
    print(f"{family}: {old} -> {new}, {len(wanted)} bytes")


def main():
    pairs = DATA / "pairs.tsv"
    if not pairs.exists():
        print("skipped: ../shared/data with real images is not there")
        sys.exit(SKIPPED)
    with open(pairs, encoding="utf-8") as file, processes.folder() as folder, \
            processes.Server(folder / "data") as server:
        rows = list(csv.DictReader(file, delimiter="\t"))
        assert rows, "no pairs"
        for row in rows:
            update(folder, server, row["family"], row["old"], row["new"])


main()
