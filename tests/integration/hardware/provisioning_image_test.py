#!/usr/bin/env python3
"""NVS images that ESP-IDF's own tool makes by the commands of docs/provisioning.md and
docs/hardware.md, booted in virtual-esp32. Skipped where IDF_PATH names no ESP-IDF whose tool runs."""

import os
import re
import subprocess
import sys

import processes
from processes import ROOT

NVS_OFFSET = 0x9000  # sample_app/fuota_partitions.csv
SKIPPED = 77
TOOL = "components/nvs_flash/nvs_partition_generator/nvs_partition_gen.py"


def blocks(page, language, count):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)
    assert len(found) == count, (page, language)
    return found


def provisioning_csv(folder):
    """That of the page: the settings, and the lines of a board with release keys."""
    settings, _, keys = blocks("provisioning.md", "csv", 3)
    done = subprocess.run([processes.BIN / "fuota", "key", "new", "--out", folder / "release.pem"],
                          stdout=subprocess.PIPE, text=True, check=True)
    keys, placeholders = re.subn(r"<[^>]*>", done.stdout.splitlines()[0], keys)
    assert placeholders == 1, keys
    return settings + keys


def tool_runs():
    if not os.environ.get("IDF_PATH"):
        print("skipped: IDF_PATH is not set")
        return False
    done = subprocess.run([sys.executable, os.path.join(os.environ["IDF_PATH"], TOOL), "--help"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print(f"skipped: {TOOL} does not run here:\n{done.stdout}")
    return done.returncode == 0


def run(script, folder):
    environment = dict(os.environ, PATH=f"{folder}{os.pathsep}{os.environ['PATH']}")
    subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=environment, check=True)


def settings_reach_the_device(folder, image, identifier):
    flash = folder / f"{identifier}.flash"
    processes.virtual_esp32("--flash", flash, "--image", image, "--until", "1")
    partition = (folder / f"board_{identifier}.bin").read_bytes()
    assert len(partition) == 0x4000
    with open(flash, "r+b") as file:
        file.seek(NVS_OFFSET)
        file.write(partition)
    out = processes.virtual_esp32("--flash", flash, "--ap", "fuota_ap,password=fuota_pw", "--until",
                                  "60")
    processes.assert_in_order(out, ["APP: Releases need the signatures of 1 of 1 trusted keys",
                                    rf"APP: Device {identifier}$", "APP: Connected to FUOTA AP",
                                    r"OTA: Starting update with 192\.168\.1\.41:50000$"])


def main():
    if not tool_runs():
        sys.exit(SKIPPED)
    with processes.folder() as folder:
        (folder / "python").symlink_to(sys.executable)
        (folder / "board_00001.csv").write_text(provisioning_csv(folder), encoding="utf-8")
        with processes.Server(folder / "data") as server:
            (folder / "ca_cert.pem").write_bytes(server.certificate.read_bytes())
        image = processes.build_image(folder / "image.bin", "0.1.0")
        run(*blocks("provisioning.md", "bash", 1), folder)
        settings_reach_the_device(folder, image, "00001")
        run(*blocks("hardware.md", "bash", 1), folder)
        for identifier in ("00002", "00003", "00004"):
            settings_reach_the_device(folder, image, identifier)


main()
