"""In place of ESP-IDF's kconfgen, which comes with its Python environment: by Debian's kconfiglib.

Takes kconfgen's command line and writes the configuration as header, for CMake, as JSON and as
sdkconfig. Old names of options (sdkconfig.rename) are not written: our own sources use none.
"""

import argparse
import json
import os
import re

import kconfiglib

TYPES_WITH_NUMBERS = (kconfiglib.INT, kconfiglib.HEX)


def set_environment(options):
    if options.env_file:
        with open(options.env_file) as file:
            os.environ.update({name: str(value) for name, value in json.load(file).items()})
    for assignment in options.env:
        name, _, value = assignment.partition("=")
        os.environ[name] = value


def symbols(kconf):
    """(name, type, value) of each option that counts, in the order of the menus, once."""
    seen = set()
    for node in kconf.node_iter():
        symbol = node.item
        if not isinstance(symbol, kconfiglib.Symbol) or symbol.name in seen:
            continue
        seen.add(symbol.name)
        if symbol.config_string:
            value = symbol.str_value
            if symbol.orig_type == kconfiglib.HEX and value and not value.startswith("0x"):
                value = "0x" + value
            yield symbol.name, symbol.orig_type, value


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_header(path, kconf):
    with open(path, "w") as file:
        file.write("#pragma once\n")
        for name, kind, value in symbols(kconf):
            if kind == kconfiglib.BOOL:
                if value == "y":
                    file.write(f"#define CONFIG_{name} 1\n")
            elif kind == kconfiglib.STRING:
                file.write(f"#define CONFIG_{name} {quoted(value)}\n")
            elif value:
                file.write(f"#define CONFIG_{name} {value}\n")


def write_cmake(path, kconf):
    names = []
    with open(path, "w") as file:
        for name, kind, value in symbols(kconf):
            names.append(f"CONFIG_{name}")
            value = "" if kind == kconfiglib.BOOL and value == "n" else value
            escaped = re.sub(r'(["\\$])', r"\\\1", value)
            file.write(f'set(CONFIG_{name} "{escaped}")\n')
        file.write(f"set(CONFIGS_LIST {';'.join(names)})\n")


def write_json(path, kconf):
    def plain(kind, value):
        if kind == kconfiglib.BOOL:
            return value == "y"
        if kind in TYPES_WITH_NUMBERS:
            return int(value, 0) if value else None
        return value

    with open(path, "w") as file:
        json.dump({name: plain(kind, value) for name, kind, value in symbols(kconf)}, file)


def write_menus(path, kconf):
    with open(path, "w") as file:
        file.write("[]\n")  # for editors


def write_config(path, kconf):
    kconf.write_config(path)


WRITERS = {
    "header": write_header,
    "cmake": write_cmake,
    "json": write_json,
    "json_menus": write_menus,
    "config": write_config,
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kconfig")
    parser.add_argument("--config")
    parser.add_argument("--defaults", action="append", default=[])
    parser.add_argument("--env", action="append", default=[])
    parser.add_argument("--env-file")
    parser.add_argument("--output", nargs=2, action="append", default=[])
    options, _ = parser.parse_known_args()
    set_environment(options)
    kconf = kconfiglib.Kconfig(options.kconfig, warn=False)
    files = [name for group in options.defaults for name in group.split(";")]
    for number, name in enumerate(files):
        kconf.load_config(name, replace=number == 0)
    if options.config and os.path.exists(options.config):
        kconf.load_config(options.config, replace=not files)
    for kind, path in options.output:
        WRITERS[kind](path, kconf)


main()
