"""The commands of a page of docs/, as it shows them: every block marked `sh`, in order, in one shell."""

import contextlib
import os
import random
import re
import socket
import subprocess

from processes import BIN, LIMIT_S, ROOT


#: Where the kernel takes no ports from for connections that are made (ip_local_port_range begins at 32768).
PORTS = range(20_000, 32_000)


def free_port():
    """A port of 127.0.0.1 that nobody listens at now, and that no connection will have by chance."""
    while True:
        port = random.choice(PORTS)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def commands_of(page):
    """The commands of docs/`page`."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL))


def run_commands(script, folder, *shell_flags, **environment):
    """Runs `script` in `folder` until a command fails, with our programs in the PATH.

    `shell_flags` are bash's. A step that fails leaves no background job behind.
    """
    script = "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + script
    return subprocess.run(["bash", *shell_flags, "-e", "-c", script], cwd=folder, text=True,
                          errors="replace", timeout=LIMIT_S, capture_output=True, check=False,
                          env=dict(os.environ, PATH=f"{BIN}:{os.environ['PATH']}", **environment))
