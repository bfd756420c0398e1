#!/usr/bin/env python3
"""virtual-esp32 and fuota-server: a device that enrols with a fleet key, one whose token was
provisioned, and one with a client certificate (docs/updates.md, "Credentials")."""

import json
import subprocess
import sys

import processes
from processes import PASSWORD, USER

SKIPPED = 77


def options_of_server():
    done = subprocess.run([processes.BIN / "fuota-server", "--help"], stdout=subprocess.PIPE,
                          text=True, check=True)
    return done.stdout


def ask(server, method, path, body=None):
    """A request of the operator's; what was answered, as JSON where there is a body."""
    data = [] if body is None else ["--data", body if isinstance(body, str) else json.dumps(body)]
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--fail", "-u", f"{USER}:{PASSWORD}", "--cacert",
         server.certificate, "--request", method, *data,
         f"https://127.0.0.1:{server.port}{path}"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout) if done.stdout.startswith("{") else done.stdout


def put_row(server, device):
    ask(server, "PUT", f"/devices/{device}", f'"{device}","0.9","none"')


def board(folder, server, image, device, *arguments, new=True):
    return processes.virtual_esp32(
        "--flash", folder / f"{device}.flash", *(["--image", image] if new else []), "--id", device,
        "--server", f"127.0.0.1:{server.port}", "--certificate", server.certificate, "--until",
        "idle", *arguments)


def a_fleet_key_enrols_once(folder, server, image):
    key = ask(server, "POST", "/api/v1/fleet-keys", {"label": "test", "enrolments_max": 1})["key"]
    out = board(folder, server, image, "00001", "--fleet-key", key)
    processes.assert_in_order(out, ["OTA: Enrolled with a token of its own", "OTA: No Content"])
    out = board(folder, server, image, "00001", new=False)
    assert "Enrolled" not in out, out
    processes.assert_in_order(out, ["OTA: No Content"])
    out = board(folder, server, image, "00002", "--fleet-key", key)
    processes.assert_in_order(out, ["Update failed: fleet_key: fleet key refused by the server"])


def an_operator_lets_a_board_with_erased_nvs_enrol(folder, server, image):
    key = ask(server, "POST", "/api/v1/fleet-keys", {"label": "second"})["key"]
    out = board(folder, server, image, "00001", "--fleet-key", key)
    processes.assert_in_order(out, ["Update failed: other_token: .*remove it there"])
    ask(server, "DELETE", "/api/v1/devices/00001/credential")
    out = board(folder, server, image, "00001", new=False)
    processes.assert_in_order(out, ["OTA: Enrolled with a token of its own", "OTA: No Content"])
    ask(server, "DELETE", "/api/v1/devices/00001/credential")
    out = board(folder, server, image, "00001", new=False)
    processes.assert_in_order(out, ["OTA: Enrolled with a token of its own", "OTA: No Content"])


def boards_draw_tokens_of_their_own(folder, server, image):
    """What one of them is known by doesn't serve the other."""
    key = ask(server, "POST", "/api/v1/fleet-keys", {"label": "third"})["key"]
    for device in ("00003", "00004"):
        board(folder, server, image, device, "--fleet-key", key)
    flash = [(folder / f"{device}.flash").read_bytes() for device in ("00003", "00004")]
    secrets = [content[content.index(b"FC\1", 0x9000):][4:36] for content in flash]
    assert secrets[0] != secrets[1]


def a_token_is_provisioned(folder, server, image):
    token = ask(server, "PUT", "/api/v1/devices/00005/credential", {})["token"]
    assert len(token) == 47, token
    out = board(folder, server, image, "00005", "--user", "00005", "--password", token)
    processes.assert_in_order(out, ["OTA: No Content"])


def a_certificate_serves(folder, server, image):
    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, stderr=subprocess.DEVNULL)

    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=00006", "-keyout", folder / "client_key.pem", "-out",
            folder / "client.csr")
    openssl("x509", "-req", "-in", folder / "client.csr", "-CA", folder / "client_ca.pem", "-CAkey",
            folder / "client_ca_key.pem", "-CAcreateserial", "-days", 1, "-out",
            folder / "client.pem")
    out = board(folder, server, image, "00006", "--client-certificate", folder / "client.pem",
                "--client-key", folder / "client_key.pem")
    processes.assert_in_order(out, ["OTA: No Content"])


def make_client_authority(folder):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=devices", "-days", "1", "-keyout", folder / "client_ca_key.pem",
         "-out", folder / "client_ca.pem"], check=True, stderr=subprocess.DEVNULL)


def main():
    options = options_of_server()
    if "--shared-user" not in options:
        print("skipped: this fuota-server knows no credentials of devices")
        sys.exit(SKIPPED)
    with processes.folder() as folder:
        arguments = []
        if "--client-ca" in options:
            make_client_authority(folder)
            arguments = ["--client-ca", folder / "client_ca.pem"]
        image = processes.build_image(folder / "image.bin", "0.1.0")
        with processes.Server(folder / "data", *arguments) as server:
            for number in range(1, 7):
                put_row(server, f"0000{number}")
            a_fleet_key_enrols_once(folder, server, image)
            an_operator_lets_a_board_with_erased_nvs_enrol(folder, server, image)
            boards_draw_tokens_of_their_own(folder, server, image)
            a_token_is_provisioned(folder, server, image)
            if arguments:
                a_certificate_serves(folder, server, image)


main()
