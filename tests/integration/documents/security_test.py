"""docs/security.md against what it repeats: the server's limits, and the flags of the build. What it
says about hostile requests is held against the server by tests/integration/server."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
LIMITS = (ROOT / "server/http/limits.hpp").read_text(encoding="utf-8")
HARDENING = (ROOT / "cmake/hardening.cmake").read_text(encoding="utf-8")


def table(header):
    """The rows below a table's header, by their first cell."""
    rows = re.search(rf"^{re.escape(header)}\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.M).group(1)
    return {cells[0].strip(" `"): cells[1].strip()
            for cells in (row.strip("| ").split(" | ") for row in rows.splitlines())}


def number(expression):
    product = 1
    for factor in expression.replace("'", "").split("*"):
        product *= int(factor)
    return product


def limits_of_the_server():
    limits = {}
    for name, value in re.findall(r"(\w+)\s*(?:=|\{)\s*([\d'* ]+?)\s*[;}]", LIMITS):
        if name.endswith("_deadline"):
            limits[name] = f"{number(value) // 1000} s"
        elif "bytes" in name.lower():
            limits[name] = f"{number(value)} bytes"
        else:
            limits[name] = str(number(value))
    return limits


class SecurityPage(unittest.TestCase):
    def test_limits_are_those_of_the_server(self):
        self.assertEqual(table("| limit | value | of what |"), limits_of_the_server())

    def test_flags_are_those_of_the_build(self):
        flags = set(re.findall(r"-[fDW][\w,=-]+", HARDENING)) - {"-D_FORTIFY_SOURCE"}
        documented = {flag for cell in table("| flag | so that |") for flag in cell.split()}
        self.assertEqual(documented - {"-fPIE", "-pie"}, flags)


if __name__ == "__main__":
    unittest.main(verbosity=2)
