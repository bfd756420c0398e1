"""docs/accounts.md against the code that has the permissions and the limits."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/accounts.md").read_text(encoding="utf-8")
PROTOCOL = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")


def source(path):
    return (ROOT / path).read_text(encoding="utf-8")


def number(path, pattern):
    return int(re.search(pattern, source(path)).group(1).replace("'", ""))


class Permissions(unittest.TestCase):
    ROLES = {"kNoRole": "", "Role::viewer": "viewer", "Role::publisher": "publisher",
             "Role::operator_": "operator", "Role::admin": "admin"}
    SCOPES = {"kNone": "", "DeviceScope::own": "own", "DeviceScope::own_file": "own file",
              "DeviceScope::any": "any"}
    FLAGS = {"false": "", "true": "yes"}

    def test_are_those_of_the_server_in_its_order(self):
        code = re.findall(r'Permission\{"(\w+)",\s*"([^"]+)",\s*([\w:]+),\s*([\w:]+),\s*(\w+),\s*(\w+)\}',
                          source("server/app/permissions.cpp"))
        self.assertGreater(len(code), 25)
        rows = re.findall(r"^\| `(\w+) (/\S*)` \|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|$", PAGE, re.M)
        self.assertEqual(
            [tuple(cell.strip() for cell in row) for row in rows],
            [(method, pattern, self.ROLES[role], self.SCOPES[device], self.FLAGS[fleet],
              self.FLAGS[own]) for method, pattern, role, device, fleet, own in code])

    def test_cover_the_routes_of_the_protocol(self):
        code = set(re.findall(r'Permission\{"(\w+)",\s*"([^"]+)"', source("server/app/permissions.cpp")))
        named = re.findall(r"^\| `(\w+) (/[^`?]*)[^`]*` \|", PROTOCOL, re.M)
        routes = {(method, re.sub(r"<\w+>", "{}", path)) for method, path in named}
        routes.add(("GET", "/api/v1/audit"))
        self.assertEqual(routes, code)


class Limits(unittest.TestCase):
    def test_of_guessing_are_those_of_the_page(self):
        header = "server/api/guess_throttle.hpp"
        for pattern, text in ((r"failures_free = (\d+)", "the first {} are answered at once"),
                              (r"delay_first\{(\d+)\}", "after {} ms"),
                              (r"per_address = (\d+)", "{} a minute from an address"),
                              (r"per_account = (\d+)", "{} a minute about a name"),
                              (r" delayed_max = (\d+)", "{}, of which 4 from one address"),
                              (r"delayed_per_address_max = (\d+)", "of which {} from one address"),
                              (r"remembered_max = (\d+)", "The newest {} addresses")):
            with self.subTest(limit=pattern):
                self.assertIn(text.format(number(header, pattern)), PAGE)
        self.assertEqual(number(header, r"delay_max\{([\d']+)\}"), 4000)
        self.assertIn("up to 4 s", PAGE)
        self.assertEqual(number(header, r"forgiveness\{([\d']+)\}"), 30_000)
        self.assertIn("forgotten every 30 s", PAGE)

    def test_of_passwords_are_those_of_the_page(self):
        least = number("server/api/password_hash.hpp", r"kPasswordBytesMin = (\d+)")
        most = number("server/api/password_hash.hpp", r"kPasswordBytesMax = (\d+)")
        self.assertIn(f"A password has {least} to {most} bytes", PAGE)
        self.assertIn(f"{least} to {most} bytes without control characters", PROTOCOL)
        waiting = number("server/api/password_verifier.hpp", r"kWaitingMax = (\d+)")
        self.assertIn(f"{waiting} requests may wait", PAGE)
        strangers = number("server/api/password_verifier.hpp", r"kStrangersWaitUpTo = (\d+)")
        self.assertIn(f"While {strangers} wait", PAGE)
        self.assertIn(f"{waiting - strangers} of the {waiting} places to wait", PAGE)
        minutes = number("server/api/password_verifier.hpp", r"kRemembered\{(\d+)\}")
        self.assertIn(f"remembered for {minutes} minutes", PAGE)
        passes = number("server/api/password_hash.hpp", r"kHashPasses = (\d+)")
        mebibytes = number("server/api/password_hash.hpp", r"kHashMemoryBytes = std::size_t\{(\d+)\}")
        self.assertEqual((passes, mebibytes), (2, 64))
        self.assertIn("two passes over 64 MiB", PAGE)

    def test_of_tokens_are_those_of_the_protocol(self):
        header = "server/api/token_endpoints.hpp"
        tokens = number(header, r"PerAccountMax = (\d+)")
        self.assertIn(f"409 when the account has {tokens} ", PROTOCOL)
        keys = number(header, r"kFleetKeysMax = (\d+)")
        self.assertIn(f"409 when there are {keys} ", PROTOCOL)
        self.assertIn(f"1 to {10 * 366 * 86_400}, which is ten years", PROTOCOL)
        body = number("server/api/json_members.hpp", r"kManagementBodyBytesMax = (\d+)")
        self.assertIn(f"of at most {body} bytes with the members", PROTOCOL)


class AuditLog(unittest.TestCase):
    def test_has_the_actions_of_the_server(self):
        section = PROTOCOL.split("## The audit log")[1].split("\n## ")[0]
        listed = re.search(r"- `action` is (.*?)\.\n- ", section, re.S).group(1)
        code = re.findall(r'"(\w+\.\w+)"', source("server/domain/audit.cpp"))
        self.assertEqual(re.findall(r"`([\w.]+)`", listed), code)


if __name__ == "__main__":
    unittest.main(verbosity=2)
