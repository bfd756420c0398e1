#!/usr/bin/env python3
"""New release keys for devices in the field, and what their server then tells of the update: fuota,
fuota-server and virtual-esp32 as processes."""

import processes
from signing import ID, Key, board, fuota, history, put, sign

NAME = "esp32-fuota.bin"

# Boards of the same seed draw the same number for the stream of their reports, and share one id
# here: each has a seed of its own.


def rotate(folder, server, version, old, new):
    """Root document `version` hands over from one key to another."""
    document = folder / f"root.{version}.json"
    fuota("root", "sign", "--version", version, "--threshold", 1, "--trust", new.public, "--key",
          old.path, "--out", document)
    fuota("root", "sign", "--document", document, "--key", new.path)
    put(server, f"/roots/{version}", document.read_bytes())


def publish(server, image, *keys):
    put(server, f"/files/{NAME}", image.read_bytes())
    put(server, f"/files/{NAME}/manifest", sign(image, *keys).read_bytes())
    put(server, f"/devices/{ID}", f'"{ID}","0.1.0","{NAME}"\n'.encode())


def states(told):
    """The kinds and states of a history's events, oldest first."""
    return [event.get("state", event["kind"]) for event in reversed(told["events"])]


def a_device_with_the_old_key_takes_the_new_ones_release(folder, server, image, old):
    out = board(folder, "old.flash", server, image, "--trusted-key", old.public, "--seed", 1,
                "--until", "updated")
    processes.assert_in_order(out, [
        r"OTA: Root document 1: releases need 1 of 1 keys from now on",
        r"OTA: Root document 2: releases need 1 of 1 keys from now on",
        r"OTA: Release 0\.1\.1, counter 0, signed by 1 trusted keys",
        r"===== esp32-fuota 0\.1\.1 =====",
        r"OTA: The server answers: image in ota_1 confirmed"])


def its_history_tells_the_whole_update(server):
    told = history(server)
    assert told["update"]["state"] == "done", told
    assert told["running"]["version"] == "0.1.1", told
    assert states(told) == ["running", "downloading", "installed", "running", "confirmed"], told
    reports = [event for event in told["events"] if event["kind"] == "report"]
    assert [report["sequence"] for report in reports] == [3, 2, 1], reports
    assert len({report["stream"] for report in reports}) == 1, reports
    for report in reports:
        assert report["deployment"] == told["update"]["deployment"], report
        assert report["version"] == "0.1.1", report
        assert report["image"] == told["update"]["image"], report
        assert report["rssi"] < 0 and report["free_heap"] > 0, report


def the_same_board_goes_on_with_the_keys_that_it_has(folder, server):
    out = processes.virtual_esp32("--flash", folder / "old.flash", "--until", "idle")
    assert "Root document" not in out, out
    assert "APP: No update available" in out, out


def a_board_with_keys_of_a_later_root_follows_from_there(folder, server, image, middle):
    out = board(folder, "middle.flash", server, image, "--trusted-key", middle.public,
                "--key-version", 1, "--seed", 2, "--until", "updated")
    assert "Root document 1" not in out, out
    processes.assert_in_order(out, [r"OTA: Root document 2:", r"=== esp32-fuota 0\.1\.1 ==="])


def the_old_key_alone_installs_nothing_any_more(folder, server, image, newer, old):
    put(server, f"/files/{NAME}", newer.read_bytes())
    put(server, f"/files/{NAME}/manifest", sign(newer, old).read_bytes())
    out = board(folder, "late.flash", server, image, "--trusted-key", old.public, "--seed", 3,
                "--until", "idle")
    processes.assert_in_order(out, [
        r"OTA: Root document 2:", r"Update failed: signature"])
    told = history(server)
    assert told["update"]["state"] == "failed" and told["update"]["code"] == "signature", told


def main():
    with processes.folder() as folder:
        first, second, third = (Key(folder / f"{name}.pem") for name in ("first", "second", "third"))
        image = processes.build_image(folder / "0.bin", "0.1.0")
        update = processes.build_image(folder / "1.bin", "0.1.1", seed=2)
        newer = processes.build_image(folder / "2.bin", "0.1.2", seed=3)
        with processes.Server(folder / "data") as server:
            rotate(folder, server, 1, first, second)
            rotate(folder, server, 2, second, third)
            publish(server, update, third)
            a_device_with_the_old_key_takes_the_new_ones_release(folder, server, image, first)
            its_history_tells_the_whole_update(server)
            the_same_board_goes_on_with_the_keys_that_it_has(folder, server)
            a_board_with_keys_of_a_later_root_follows_from_there(folder, server, image, second)
            the_old_key_alone_installs_nothing_any_more(folder, server, image, newer, first)


main()
