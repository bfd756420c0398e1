#!/usr/bin/env python3
"""The walkthrough of the original application's README: its own curl commands against our server,
and the lines that it shows in the device's log, with our versions, sizes and dates, and with one
connection where the original needs two."""

import subprocess

import processes
from processes import LIMIT_S, PASSWORD, USER

ADDRESS = "192.168.1.41:50000"  # where that README has its server


def curl(server, *arguments):
    """curl as that README calls it; the address leads to the server of the test."""
    done = subprocess.run(
        ["curl", "-u", f"{USER}:{PASSWORD}", "--cacert", server.certificate, "--verbose",
         "--connect-to", f"{ADDRESS}:127.0.0.1:{server.port}", "--max-time", str(LIMIT_S),
         *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
    assert " 200 OK" in done.stderr, done.stderr
    return done.stdout


EVENTS = r"OTA: HTTP_EVENT_"
CONNECTION = [
    r"^I \(\d+\) " + EVENTS + "ON_CONNECTED$",
    EVENTS + "HEADERS_SENT$",
    EVENTS + r"ON_HEADER, key=Server, value=\S+",
    EVENTS + r"ON_HEADER, key=Date, value=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$",
]
FIRST_CHECK = [
    r"===== esp32-fuota 0\.1\.0 =====",
    r"^I \(\d+\) APP: Scanning for fuota_ap$",
    r"SWB: 1 access points found$",
    r"CWB: WAIT_STARTUP - Connection request$",
    r"CWB: WAIT_IP - IP address assigned$",
    r"^I \(\d+\) OTA: Starting update with 192\.168\.1\.41:50000$",
    *CONNECTION,
    r"OTA: Content length: \d+$",
    r"^W \(\d+\) OTA: Not Found$",
    EVENTS + r"DISCONNECTED - data length: \d+$",
    r"^I \(\d+\) APP: No update available$",
    r"CWB: Sending disconnection request to task$",
    r"CWB: WAIT_DIS_CMD - Disconnection request$",
]
UPDATE = [
    r"===== esp32-fuota 0\.1\.0 =====",
    r"OTA: Starting update with 192\.168\.1\.41:50000$",
    *CONNECTION,
    EVENTS + r"ON_HEADER, key=Content-Type, value=text/csv$",
    EVENTS + r"ON_HEADER, key=Content-Length, value=21$",
    r"OTA: Content length: 21$",
    r"^I \(\d+\) OTA: OK$",
    r"OTA: Requesting esp32-fuota\.bin\.0\.1\.1$",
    *CONNECTION[1:],
    EVENTS + r"ON_HEADER, key=Content-Type, value=application/octet-stream$",
    EVENTS + r"ON_HEADER, key=Content-Disposition, value=attachment; "
             r'filename="esp32-fuota\.bin\.0\.1\.1"$',
    r"Starting OTA\.\.\.$",
    r"Writing to partition subtype 17 at offset 0x190000$",
    *[rf"esp_image: segment {i}: paddr=00[0-9a-f]{{6}} vaddr=[0-9a-f]{{8}} "
      rf"size=[0-9a-f]{{5}}h \( *\d+\)" for i in range(5)],
    EVENTS + "DISCONNECTED - data length: 816384$",
    r"OTA: Update successful$",
    r"APP: Firmware updated, restarting$",
    r"CWB: Sending disconnection request to task$",
    r"CWB: WAIT_DIS_CMD - Disconnection request$",
    r"===== esp32-fuota 0\.1\.1 =====",
    r"^W \(\d+\) OTA: No Content$",
    r"APP: No update available$",
]


def main():
    with processes.folder() as folder, \
            processes.Server(folder / "data", "--host", "192.168.1.41") as server:
        old = processes.build_image(folder / "old.bin", "0.1.0", seed=1, size=816384)
        new = processes.build_image(folder / "new.bin", "0.1.1", seed=2, size=816384)
        board = folder / "board.flash"
        assert curl(server, "--request", "GET", f"https://{ADDRESS}/devices") == ""

        # That README's log is one of ESP-IDF v4.4, which reports each disconnection twice.
        board_options = ["--idf-version", "v4.4", "--route", f"{ADDRESS}=127.0.0.1:{server.port}"]
        log = processes.virtual_esp32(
            "--flash", board, "--image", old, "--id", "00001", "--server", ADDRESS, "--user", USER,
            "--password", PASSWORD, "--certificate", server.certificate, *board_options, "--until", "idle")
        processes.assert_in_order(log, FIRST_CHECK)

        curl(server, "--request", "PUT", "--data-binary", f"@{new}",
             "--header", "Content-Type: application/octet-stream",
             f"https://{ADDRESS}/files/esp32-fuota.bin.0.1.1")
        curl(server, "--request", "PUT", "--data", '"00001","0.1.0","esp32-fuota.bin.0.1.1"',
             "--header", "Content-Type: text/csv", f"https://{ADDRESS}/devices/00001")
        log = processes.virtual_esp32("--flash", board, *board_options, "--until", "updated")
        processes.assert_in_order(log, UPDATE)

        # "Starting from now, every check for a possible new update will return …"
        log = processes.virtual_esp32("--flash", board, *board_options, "--until", "300")
        assert log.count("APP: No update available") >= 4, log
        assert "Requesting" not in log, log


main()
