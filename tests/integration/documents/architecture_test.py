"""docs/architecture.md against scripts/check_rooms.py and the folders."""

import importlib.util
import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def checked_arrows():
    spec = importlib.util.spec_from_file_location("check_rooms", ROOT / "scripts/check_rooms.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {room: set(others) for room, others in module.ROOMS.items()}


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S).group(1)


class ArchitecturePage(unittest.TestCase):
    def test_arrows_are_those_that_are_checked(self):
        rows = re.findall(r"^\| `([^`]+)` \| (.*) \|$", section("The arrows"), re.M)
        self.assertEqual({room: set(re.findall(r"`([^`]+)`", others)) for room, others in rows},
                         checked_arrows())

    def test_rooms_are_folders(self):
        for cell in re.findall(r"^\| (`.*?) \|", section("The rooms"), re.M):
            for folder in re.findall(r"`([^`]+)`", cell):
                with self.subTest(folder=folder):
                    self.assertTrue((ROOT / folder).is_dir())

    def test_every_decision_is_in_the_index(self):
        decisions = ROOT / "docs/decisions"
        index = (decisions / "README.md").read_text(encoding="utf-8")
        pages = {page.name for page in decisions.glob("0*.md")}
        self.assertEqual(set(re.findall(r"\]\((0[^)]+)\)", index)), pages)

    def test_links_between_pages_lead_somewhere(self):
        for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
            text = page.read_text(encoding="utf-8")
            for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
                with self.subTest(page=page.name, target=target):
                    self.assertTrue((page.parent / target).exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
