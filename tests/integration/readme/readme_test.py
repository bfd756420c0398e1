#!/usr/bin/env python3
"""Runs the commands of the README as it shows them: every block marked `sh`, in order, in an empty
folder in which build/bin holds the programs. Two are changed: the port, for one that is free, and
./run, which builds nothing here and stops after the update. ./test is what runs this."""

import os
import pathlib
import re
import socket
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("FUOTA_BIN", ROOT / "build" / "bin")).resolve()
LIMIT_S = 240


def blocks():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(script, folder):
    # Job control, for `kill %1`, as in the shell of a person.
    done = subprocess.run(["bash", "-m", "-e", "-c", script], cwd=folder, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                          timeout=LIMIT_S, check=False)
    assert done.returncode == 0, f"ended with {done.returncode}:\n{script}\n{done.stdout}"
    return done.stdout


def in_order(text, *parts):
    at = 0
    for part in parts:
        found = text.find(part, at)
        assert found >= 0, f"not found in this order: {part}\n{text}"
        at = found + len(part)


def check_run(folder):
    out = run(f"FUOTA_BIN={BIN} {ROOT}/run --no-build --exit --port 0 --data-dir {folder}/run-data",
              folder)
    in_order(out, "Made a password", "===== esp32-fuota 0.1.0", "Not Found", "No update available",
             "Update successful", "===== esp32-fuota 0.1.1", "No update available",
             "Updated to 0.1.1")


def check_run_with_own_images(folder):
    """A second run on the same data, with two images for another chip."""
    images = [folder / "old firmware.bin", folder / "new firmware.bin"]
    for seed, image in enumerate(images, start=1):
        subprocess.run([BIN / "build_image", "--out", image, "--chip", "esp32c3", "--size", "20000",
                        "--version", f"7.{seed}", "--seed", str(seed)], check=True)
    out = run(f"FUOTA_BIN={BIN} {ROOT}/run --no-build --exit --port 0 --data-dir {folder}/run-data "
              f"--from '{images[0].name}' --to '{images[1].name}'", folder)
    assert "Made a password" not in out, out
    in_order(out, "Booting a virtual esp32c3 on firmware 7.1", "No update available",
             "Requesting new_firmware.bin", "Update successful", "===== esp32-fuota 7.2",
             "Updated to 7.2")


def check_walkthrough(commands, folder):
    (folder / "build").mkdir()
    (folder / "build" / "bin").symlink_to(BIN)
    port = free_port()
    out = run("\n".join(commands).replace("127.0.0.1:50000", f"127.0.0.1:{port}"), folder)
    in_order(out, "===== esp32-fuota 0.1.0", "Not Found", "No update available",
             "Update successful", "===== esp32-fuota 0.1.1", "confirmed", "No update available")


def main():
    first, tests, *walkthrough = blocks()
    assert first == "./run\n", first
    assert tests == "./test\n" and os.access(ROOT / "test", os.X_OK), tests
    assert len(walkthrough) == 6, "a new block of commands: is it run as intended?"
    with tempfile.TemporaryDirectory(prefix="fuota-readme-") as name:
        folder = pathlib.Path(name)
        check_run(folder)
        check_run_with_own_images(folder)
        check_walkthrough(walkthrough, folder)


main()
