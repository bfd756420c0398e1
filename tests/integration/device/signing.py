"""Releases and root documents on their way: fuota, a server, and the device that asks it."""

import base64
import json
import ssl
import subprocess
import urllib.request

import processes
from processes import PASSWORD, USER

ID = "00001"


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


def ask(server, method, path, body=None):
    """The body of the answer, which is a 200."""
    request = urllib.request.Request(f"https://127.0.0.1:{server.port}{path}", data=body,
                                     method=method)
    credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    request.add_header("Authorization", f"Basic {credentials}")
    context = ssl.create_default_context(cafile=server.certificate)
    with urllib.request.urlopen(request, context=context, timeout=processes.LIMIT_S) as answer:
        assert answer.status == 200, answer.status
        return answer.read()


def put(server, path, body):
    ask(server, "PUT", path, body)


def history(server):
    """What became of the device's updates, as the server tells it."""
    return json.loads(ask(server, "GET", f"/api/v1/devices/{ID}/history"))


def sign(image, *keys, counter=0):
    for key in keys:
        fuota("release", "sign", "--image", image, "--key", key.path, "--counter", counter)
    return image.with_name(image.name + ".manifest.json")


def board_arguments(folder, name, server, image):
    """The command line of a virtual board that is made anew, without the program."""
    return ["--flash", folder / name, "--image", image, "--id", ID, "--server",
            f"127.0.0.1:{server.port}", "--user", USER, "--password", PASSWORD, "--certificate",
            server.certificate]


def board(folder, name, server, image, *arguments, status=0):
    return processes.virtual_esp32(*board_arguments(folder, name, server, image), *arguments,
                                   status=status)
