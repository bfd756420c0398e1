#!/usr/bin/env python3
"""docs/hardware.md: its logs against a run of virtual-esp32, its messages and options against the
sources, its code against the compiler."""

import os
import re
import subprocess

import processes
from processes import PASSWORD, ROOT, USER

PAGE = (ROOT / "docs/hardware.md").read_text(encoding="utf-8")
DEVICE = "240ac4000001"
ADDRESS = "192.168.1.41"
TAGS = "APP|SWB|CWB|OTA"


def device_sources():
    """What the device can print and what it can be configured with: string literals that follow one
    another are one."""
    paths = [*ROOT.glob("components/*/[ce]*/*.cpp"), *ROOT.glob("sample_app/main/**/*.cpp"),
             *ROOT.glob("components/*/Kconfig"), *ROOT.glob("sample_app/main/Kconfig")]
    return "\n".join(re.sub(r'"\s*\n\s*"', "", path.read_text(encoding="utf-8")) for path in paths)


def log_lines(output):
    """Level and text of the lines that the page shows."""
    lines = re.findall(rf"^([EWI]) \(\d+\) ((?:{TAGS}): .*)$", output, re.M)
    return [f"{level} {text}" for level, text in lines if "HTTP_EVENT_ON_HEADER" not in text]


def put(server, path, *arguments):
    subprocess.run(["curl", "--silent", "--show-error", "--fail", "-u", f"{USER}:{PASSWORD}",
                    "--cacert", server.certificate, "--request", "PUT", *arguments,
                    f"https://127.0.0.1:{server.port}{path}"], check=True)


def the_logs_are_what_the_code_prints(folder):
    blocks = re.findall(r"^```log\n(.*?)^```", PAGE, re.M | re.S)
    assert len(blocks) == 3, "a new log: of which run?"
    shown = [block.splitlines() for block in blocks]
    images = [processes.build_image(folder / f"{version}.bin", version, seed, size=816384)
              for seed, version in enumerate(("0.1.0", "0.1.1"), start=1)]
    with processes.Server(folder / "data", "--host", ADDRESS, "--host", "127.0.0.1") as server:
        network = ["--flash", folder / "board.flash", "--route",
                   f"{ADDRESS}:50000=127.0.0.1:{server.port}"]
        out = processes.virtual_esp32(
            *network, "--image", images[0], "--server", f"{ADDRESS}:50000", "--user", USER,
            "--password", PASSWORD, "--certificate", server.certificate, "--until", "idle")
        assert log_lines(out) == shown[0], "\n".join(log_lines(out))
        put(server, "/files/esp32-fuota.bin.0.1.1", "--data-binary", f"@{images[1]}")
        put(server, f"/devices/{DEVICE}", "--data", f'"{DEVICE}","0.1.0","esp32-fuota.bin.0.1.1"')
        out = processes.virtual_esp32(*network, "--until", "updated")
        assert log_lines(out) == shown[1] + shown[2], "\n".join(log_lines(out))


def the_messages_are_in_the_sources(sources):
    table = re.search(r"^\| the log says .*?\n\n", PAGE, re.M | re.S).group(0)
    cells = re.findall(r"^\| (`.*?) \|", table, re.M)
    messages = [message for cell in cells for message in re.findall(r"`(.*?)`", cell)]
    assert len(messages) > 20, messages
    for message in messages:
        for piece in message.split("…"):
            assert piece in sources, message


def the_options_exist(sources):
    for option in set(re.findall(r"`(FUO\w+)`", PAGE)):
        assert f"config {option}\n" in sources, option


def the_code_compiles():
    build = processes.BIN.parent
    for code in re.findall(r"^```cpp\n(.*?)^```", PAGE, re.M | re.S):
        subprocess.run([os.environ.get("CXX", "c++"), "-x", "c++", "-std=gnu++17", "-Wall", "-Wextra",
                        "-Werror", "-fsyntax-only", f"-I{ROOT / 'simulator/include'}",
                        f"-I{build / 'sdkconfig'}", "-"], input=code, text=True, check=True)


def main():
    sources = device_sources()
    the_messages_are_in_the_sources(sources)
    the_options_exist(sources)
    the_code_compiles()
    with processes.folder() as folder:
        the_logs_are_what_the_code_prints(folder)


main()
