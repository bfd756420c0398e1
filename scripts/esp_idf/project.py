"""An ESP-IDF project as ESP-IDF's own build system sees it: configured, not built.

CMake writes down how it would compile each file (compile_commands.json), and generates
config/sdkconfig.h on the way. Nothing is downloaded: the component manager is off.
"""

import json
import os
import re
import shlex
import shutil
import subprocess

STAND_IN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "stand_in")
PREFIXES = {  # tools/cmake/toolchain-<target>.cmake
    "esp32": "xtensa-esp32-elf",
    "esp32s2": "xtensa-esp32s2-elf",
    "esp32s3": "xtensa-esp32s3-elf",
    "esp32c3": "riscv32-esp-elf",
    "esp32c6": "riscv32-esp-elf",
}
TOOLS = "gcc g++ ar as ranlib objdump objcopy ld nm size strip readelf addr2line".split()
CONFIGURE_SECONDS_MAX = 300
COMPILE_SECONDS_MAX = 120


class Failure(Exception):
    """What a person has to mend; the message says how."""


def idf_version(idf_path):
    """(major, minor, patch) of the ESP-IDF in that folder (tools/cmake/version.cmake)."""
    try:
        with open(os.path.join(idf_path, "tools/cmake/version.cmake")) as file:
            text = file.read()
    except OSError as error:
        raise Failure(f"IDF_PATH does not name a checkout of ESP-IDF: {error}") from error
    numbers = re.findall(r"set\(IDF_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)\)", text)
    return tuple(int(number) for number in numbers)


class Toolchain:
    """Espressif's GCC for `target` when it is in PATH, else Debian's GCC for RISC-V in its place."""

    def __init__(self, target, version, folder):
        self.target = target
        self.prefix = PREFIXES[target]
        self.is_stand_in = shutil.which(self.prefix + "-gcc") is None
        # A stand-in of another processor cannot assemble, so it stops behind syntax and types.
        self.generates_code = not (self.is_stand_in and self.prefix.startswith("xtensa"))
        self.environment = dict(os.environ)
        if not self.is_stand_in:
            return
        if shutil.which("riscv64-unknown-elf-gcc") is None:
            raise Failure(
                f"neither {self.prefix}-gcc (run ESP-IDF's export.sh) nor riscv64-unknown-elf-gcc"
                " is there: scripts/install-deps esp-idf installs the latter"
            )
        links = os.path.join(folder, "toolchain")
        os.makedirs(links, exist_ok=True)
        for tool in TOOLS:
            link = os.path.join(links, f"{self.prefix}-{tool}")
            if not os.path.islink(link):
                os.symlink(os.path.join(STAND_IN, "gcc.py"), link)
        self.environment["PATH"] = links + os.pathsep + self.environment["PATH"]
        self.environment["IDF_MAINTAINER"] = "1"  # another compiler than ESP-IDF expects: go on
        if version[0] < 5:
            self.environment["STAND_IN_XTENSA_INT32"] = "int"

    def __str__(self):
        return f"Debian's RISC-V GCC in place of {self.prefix}" if self.is_stand_in else self.prefix


def components_beside(version, folder):
    """A folder with the components that come from the registry, from Debian's packages instead.

    jsmn is part of ESP-IDF up to v4.4, and of the registry since."""
    components = os.path.join(folder, "components")
    jsmn = os.path.join(components, "jsmn")
    os.makedirs(components, exist_ok=True)
    if version[0] >= 5:
        os.makedirs(jsmn, exist_ok=True)
        try:
            shutil.copy("/usr/include/jsmn.h", jsmn)
        except OSError as error:
            raise Failure(f"{error}: scripts/install-deps esp-idf installs it") from error
        with open(os.path.join(jsmn, "CMakeLists.txt"), "w") as file:
            file.write('idf_component_register(INCLUDE_DIRS ".")\n')
    return components


class Project:
    """`folder` is the project's, `build_folder` where CMake works. `component_folders` are looked
    through for components; `certs_folder` takes a certificate for the firmware to embed."""

    def __init__(self, folder, idf_path, toolchain, build_folder, component_folders, certs_folder):
        self.folder = folder
        self.toolchain = toolchain
        version = idf_version(idf_path)
        self.environment = dict(toolchain.environment)
        self.environment.update(
            IDF_PATH=idf_path,
            IDF_TARGET=toolchain.target,
            IDF_COMPONENT_MANAGER="0",
            ESP_IDF_VERSION=f"{version[0]}.{version[1]}",
        )
        with open(os.path.join(certs_folder, "ca_cert.pem"), "w") as file:
            file.write("not looked at\n")
        python = self._python(version)
        shutil.rmtree(build_folder, ignore_errors=True)
        os.makedirs(build_folder)
        command = ["cmake", "-G", "Ninja", "-S", folder, "-B", build_folder]
        command += [
            f"-DSDKCONFIG={build_folder}/sdkconfig",
            f"-DIDF_TARGET={toolchain.target}",
            f"-DPYTHON={python}",
            "-DPYTHON_DEPS_CHECKED=1",
            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON",
            f"-DEXTRA_COMPONENT_DIRS={';'.join(component_folders)}",
            f"-DSERVER_CERTS_DIR={certs_folder}",
        ]
        if toolchain.is_stand_in:
            command.append("-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY")  # it has no start files
        done = subprocess.run(
            command,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=CONFIGURE_SECONDS_MAX,
        )
        log = os.path.join(build_folder, "configure.log")
        with open(log, "w") as file:
            file.write(done.stdout)
        if done.returncode != 0:
            at = done.stdout.find("CMake Error")
            raise Failure(
                f"ESP-IDF's CMake does not configure {folder} (all of it: {log}):\n"
                + done.stdout[max(at, 0) :][:2000]
            )
        with open(os.path.join(build_folder, "compile_commands.json")) as file:
            self.commands = {entry["file"]: entry for entry in json.load(file)}

    def _python(self, version):
        """The Python that runs ESP-IDF's tools: the one of its own environment, else the system's."""
        needed = "kconfiglib, future" if version[0] < 5 else "kconfgen.core"
        candidates = [shutil.which("python3"), "/usr/bin/python3"]
        for python in candidates:
            command = [python, "-c", f"import {needed}"]
            if subprocess.run(command, env=self.environment, capture_output=True).returncode == 0:
                return python
        if version[0] < 5:
            raise Failure("no python3 has kconfiglib and future: scripts/install-deps esp-idf")
        self.environment["PYTHONPATH"] = os.path.join(STAND_IN, "python")
        return "/usr/bin/python3"

    def sources(self, folder):
        """The files below `folder` that ESP-IDF would compile."""
        folder = os.path.abspath(folder) + os.sep
        return sorted(source for source in self.commands if source.startswith(folder))

    def arguments(self, source):
        """How ESP-IDF compiles `source`, without what names the files."""
        arguments = shlex.split(self.commands[source]["command"])
        at = arguments.index("-o")
        del arguments[at : at + 2]
        return [a for a in arguments if a not in ("-c", source, "-fdiagnostics-color=always")]

    def compile(self, arguments, source, output=None):
        """What the compiler has to say about `source`; empty when it is content."""
        if output is None or not self.toolchain.generates_code:
            mode = ["-fsyntax-only"]
            if self.toolchain.generates_code:
                mode = ["-c", "-o", os.devnull]
        else:
            mode = ["-c", "-o", output]
        done = subprocess.run(
            [*arguments, "-fdiagnostics-color=never", *mode, source],
            cwd=self.commands and next(iter(self.commands.values()))["directory"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMPILE_SECONDS_MAX,
        )
        if done.returncode != 0 and not done.stderr:
            return f"the compiler ended with {done.returncode}"
        return done.stderr
