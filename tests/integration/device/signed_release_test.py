#!/usr/bin/env python3
"""A release from the key to the confirmed image: fuota, fuota-server and virtual-esp32 as processes."""

import base64
import re
import ssl
import subprocess
import urllib.request

import processes
from processes import PASSWORD, USER

NAME = "esp32-fuota.bin"


def fuota(*arguments):
    done = subprocess.run([processes.BIN / "fuota", *map(str, arguments)], capture_output=True,
                          text=True, timeout=processes.LIMIT_S, check=False)
    assert done.returncode == 0, f"fuota {arguments}:\n{done.stdout}{done.stderr}"
    return done.stdout


class Key:
    def __init__(self, path):
        fuota("key", "new", "--out", path)
        self.path = path
        self.public = fuota("key", "public", "--key", path).splitlines()[0]


def put(server, path, body):
    request = urllib.request.Request(f"https://127.0.0.1:{server.port}{path}", data=body,
                                     method="PUT")
    credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    request.add_header("Authorization", f"Basic {credentials}")
    context = ssl.create_default_context(cafile=server.certificate)
    with urllib.request.urlopen(request, context=context, timeout=processes.LIMIT_S) as answer:
        assert answer.status == 200, answer.status


def publish(server, image, manifest):
    put(server, f"/files/{NAME}", image.read_bytes())
    if manifest:
        put(server, f"/files/{NAME}/manifest", manifest.read_bytes())
    put(server, "/devices/00001", f'"00001","0.1.0","{NAME}"\n'.encode())


def sign(image, *keys, counter=0):
    for key in keys:
        fuota("release", "sign", "--image", image, "--key", key.path, "--counter", counter)
    return image.with_name(image.name + ".manifest.json")


def board(folder, name, server, image, *arguments, status=0):
    return processes.virtual_esp32(
        "--flash", folder / name, "--image", image, "--id", "00001", "--server",
        f"127.0.0.1:{server.port}", "--user", USER, "--password", PASSWORD, "--certificate",
        server.certificate, *arguments, status=status)


def a_device_with_the_key_updates(folder, server, image, key):
    out = board(folder, "key.flash", server, image, "--trusted-key", key.public, "--until",
                "updated")
    processes.assert_in_order(out, [
        r"APP: Releases need the signatures of 1 of 1 trusted keys",
        r"OTA: Release 0\.1\.1, counter 3, signed by 1 trusted keys",
        r"OTA: Update successful",
        r"===== esp32-fuota 0\.1\.1 =====",
        r"OTA: The server answers: image in ota_1 confirmed"])


def a_device_with_two_of_three_keys_updates(folder, server, image, keys):
    trusted = [argument for key in keys for argument in ("--trusted-key", key.public)]
    out = board(folder, "two.flash", server, image, *trusted, "--key-threshold", "2", "--until",
                "updated")
    assert "counter 3, signed by 2 trusted keys" in out, out


def a_device_with_another_key_refuses(folder, server, image, stranger):
    out = board(folder, "other.flash", server, image, "--trusted-key", stranger.public, "--until",
                "idle")
    assert "release not signed by enough trusted keys" in out, out
    assert "0.1.1 =====" not in out, out


def a_device_without_keys_updates_as_always(folder, server, image):
    out = board(folder, "none.flash", server, image, "--until", "updated")
    assert f"OTA: Requesting {NAME}" in out, out


def a_device_with_keys_refuses_what_has_no_manifest(folder, server, image, key):
    out = board(folder, "unsigned.flash", server, image, "--trusted-key", key.public, "--until",
                "idle")
    assert "the server offers no signed release" in out, out


def a_key_that_is_none_installs_nothing(folder, server, image):
    out = board(folder, "bad.flash", server, image, "--trusted-key", "none", "--until", "100")
    assert "so nothing is installed: not a public key" in out, out
    assert not re.search(r"OTA: ", out), out


def main():
    with processes.folder() as folder:
        keys = [Key(folder / f"{name}.pem") for name in ("first", "second", "third")]
        stranger = Key(folder / "stranger.pem")
        old = processes.build_image(folder / "old.bin", "0.1.0")
        new = processes.build_image(folder / "new.bin", "0.1.1", seed=2)
        manifest = sign(new, keys[0], keys[2], counter=3)
        with processes.Server(folder / "data") as server:
            publish(server, new, None)
            a_device_with_keys_refuses_what_has_no_manifest(folder, server, old, keys[0])
            publish(server, new, manifest)
            a_device_with_the_key_updates(folder, server, old, keys[0])
            a_device_with_two_of_three_keys_updates(folder, server, old, keys)
            a_device_with_another_key_refuses(folder, server, old, stranger)
            a_device_without_keys_updates_as_always(folder, server, old)
            a_key_that_is_none_installs_nothing(folder, server, old)


main()
