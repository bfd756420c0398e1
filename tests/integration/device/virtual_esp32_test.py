#!/usr/bin/env python3
"""virtual-esp32's command line: exit statuses, messages, and what it refuses to trust."""

import subprocess

import processes
from processes import PASSWORD, USER


def usage_errors_name_the_option(folder):
    rows = [
        ([], "--flash is required"),
        (["--flash", folder / "x", "--server", "nowhere"], "--server: HOST:PORT"),
        (["--flash", folder / "x", "--server", "h:70000"], "--server: HOST:PORT"),
        (["--flash", folder / "x", "--ap", "a,signal=3"], '--ap: "signal" is none of'),
        (["--flash", folder / "x", "--ap", "a,password=short"], "8 to 64 characters"),
        (["--flash", folder / "x", "--until", "later"], "--until: updated, idle, or a number"),
        (["--flash", folder / "x", "--mac", "1:2"], "--mac: six bytes"),
        (["--flash", folder / "x", "--route", "a:1"], "--route: HOST:PORT=HOST:PORT"),
        (["--no-such-option"], "--no-such-option"),
    ]
    for arguments, message in rows:
        out = processes.virtual_esp32(*arguments, status=2)
        assert message in out, (arguments, out)


def unusable_files_are_told(folder, image):
    empty = folder / "empty"
    empty.write_bytes(b"")
    noise = folder / "noise.bin"
    noise.write_bytes(bytes(range(256)) * 64)
    rows = [
        (["--flash", folder / "missing"], "make a board with --image FILE"),
        (["--flash", empty], str(empty)),
        (["--flash", folder / "a.flash", "--image", noise, "--until", "1"], "0xE9"),
        (["--flash", folder / "b.flash", "--image", image, "--chip", "esp9"], "esp9 is not known"),
        (["--flash", folder / "c.flash", "--image", image, "--chip", "esp32c3"], "nothing to boot"),
    ]
    for arguments, message in rows:
        out = processes.virtual_esp32(*arguments, status=3)
        assert message in out, (arguments, out)


def help_teaches(_folder):
    out = processes.virtual_esp32("--help")
    for words in ("--flash", "--until", "To try it by hand", "the code inside it is not executed",
                  "Exit status"):
        assert words in out.replace("\n", " "), (words, out)


def describe_reads_an_image(image):
    out = processes.virtual_esp32("--describe", image)
    assert out.splitlines() == ["chip=esp32", "version=0.1.0", "project=esp32-fuota",
                                "size=20000"], out


def a_board_without_its_access_point_is_never_idle(folder, image):
    out = processes.virtual_esp32("--flash", folder / "d.flash", "--image", image, "--ap",
                                  "another", "--until", "idle", "--time-limit", "200", status=1)
    assert "not idle after 200 virtual seconds" in out, out
    assert "APP: FUOTA AP not in range" in out, out


def a_server_with_another_certificate_is_not_asked(folder, image):
    with processes.Server(folder / "one") as one, processes.Server(folder / "other") as other:
        out = processes.virtual_esp32(
            "--flash", folder / "e.flash", "--image", image, "--id", "00001", "--server",
            f"127.0.0.1:{one.port}", "--user", USER, "--password", PASSWORD, "--certificate",
            other.certificate, "--until", "60")
        assert "tls_verify: the server's certificate is not trusted" in out, out
        assert not any("request method" in line for line in one.log), one.log


def a_killed_board_keeps_what_it_had_written(folder, image):
    board = folder / "f.flash"
    process = subprocess.Popen(
        [processes.BIN / "virtual-esp32", "--flash", board, "--image", image, "--id", "kept",
         "--speed", "real"], stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        if "=====" in line:
            break
    process.kill()
    process.wait()
    process.stdout.close()
    out = processes.virtual_esp32("--flash", board, "--until", "40")
    assert "APP: Device kept" in out, out


def the_same_seed_gives_the_same_run(folder, image):
    runs = []
    for name in ("g.flash", "h.flash"):
        runs.append(processes.virtual_esp32("--flash", folder / name, "--image", image, "--ap",
                                            "another", "--seed", "7", "--until", "200"))
    assert runs[0] == runs[1]


def main():
    with processes.folder() as folder:
        image = processes.build_image(folder / "image.bin", "0.1.0")
        usage_errors_name_the_option(folder)
        unusable_files_are_told(folder, image)
        help_teaches(folder)
        describe_reads_an_image(image)
        a_board_without_its_access_point_is_never_idle(folder, image)
        a_server_with_another_certificate_is_not_asked(folder, image)
        a_killed_board_keeps_what_it_had_written(folder, image)
        the_same_seed_gives_the_same_run(folder, image)


main()
