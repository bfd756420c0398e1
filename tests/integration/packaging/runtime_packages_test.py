"""The `runtime` packages of scripts/packages.txt against what the program and its tools load."""

import pathlib
import re
import shutil
import subprocess
import unittest

import installation

SERVER = installation.BUILD / "bin/fuota-server"
# What packaging/docker/health_check calls.
TOOLS = {"openssl"}
# In every Debian system, or the container image would not be one.
ESSENTIAL = {"libc6"}


def listed_packages():
    text = (installation.SOURCE / "scripts/packages.txt").read_text(encoding="utf-8")
    return set(re.findall(r"^runtime\s+(\S+)$", text, re.M))


def libraries():
    text = subprocess.run(["ldd", str(SERVER)], capture_output=True, text=True, check=True).stdout
    return re.findall(r"=> (/\S+)", text)


def package_of(library):
    """The package that a library is of. Debian 12's packages know it with or without /usr."""
    resolved = str(pathlib.Path(library).resolve())
    for path in {resolved, resolved.removeprefix("/usr")}:
        found = subprocess.run(["dpkg-query", "--search", path], capture_output=True, text=True,
                               check=False)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise AssertionError(f"no package has {library}")


class RuntimePackages(unittest.TestCase):
    def test_the_list_is_what_the_server_loads_and_its_tools(self):
        needed = {package_of(library) for library in libraries()}
        self.assertEqual(listed_packages(), needed - ESSENTIAL | TOOLS)


if __name__ == "__main__":
    if shutil.which("dpkg-query") is None:
        installation.skip_all("this is no Debian system")
    if any("libasan" in library for library in libraries()):
        installation.skip_all("a program with sanitizers loads more")
    installation.main()
