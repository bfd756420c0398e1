#!/usr/bin/env python3
"""A release from the key to the confirmed image: fuota, fuota-server and virtual-esp32 as processes."""

import re

import processes
from signing import Key, board, put, sign

NAME = "esp32-fuota.bin"


def publish(server, image, manifest):
    put(server, f"/files/{NAME}", image.read_bytes())
    if manifest:
        put(server, f"/files/{NAME}/manifest", manifest.read_bytes())
    put(server, "/devices/00001", f'"00001","0.1.0","{NAME}"\n'.encode())


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
