"""packaging/docker/Dockerfile, read as text: no container engine is needed."""

import re
import shlex
import unittest

import installation

DOCKERFILE = installation.SOURCE / "packaging/docker/Dockerfile"


def instructions():
    """Pairs of instruction and arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.M)
    joined = re.sub(r"\s*\\\n\s*", " ", text)
    return [tuple(line.split(" ", 1)) for line in joined.splitlines() if line]


class ContainerImage(unittest.TestCase):
    def arguments(self, instruction):
        return [rest for name, rest in instructions() if name == instruction]

    def test_packages_come_from_the_one_list(self):
        commands = " ".join(self.arguments("RUN"))
        self.assertIn("install-deps build", commands)
        self.assertIn("install-deps runtime", commands)
        self.assertNotIn("apt-get", commands)

    def test_both_stages_are_the_distribution_that_the_list_is_for(self):
        for image in self.arguments("FROM"):
            self.assertEqual(image.split()[0], "debian:bookworm-slim")

    def test_what_is_copied_from_the_sources_exists(self):
        for arguments in self.arguments("COPY"):
            *sources, _ = shlex.split(arguments)
            if sources[0].startswith("--from="):
                continue
            for source in sources:
                with self.subTest(source=source):
                    self.assertTrue((installation.SOURCE / source).exists())

    def test_what_is_copied_from_the_build_is_installed(self):
        root = installation.temporary_folder(self.addCleanup)
        installation.install(root, component="server")
        for arguments in self.arguments("COPY"):
            first, *sources, _ = shlex.split(arguments)
            for source in sources if first == "--from=build" else []:
                with self.subTest(source=source):
                    self.assertTrue((root / source.removeprefix("/installed/")).exists())

    def test_the_server_does_not_run_as_root(self):
        self.assertEqual(self.arguments("USER"), ["fuota"])

    def test_the_data_lies_in_a_volume(self):
        self.assertIn("FUOTA_DATA_DIR=" + self.arguments("VOLUME")[0],
                      " ".join(self.arguments("ENV")))

    def test_the_image_has_a_health_check_that_can_run(self):
        self.assertEqual(len(self.arguments("HEALTHCHECK")), 1)
        mode = (installation.SOURCE / "packaging/docker/health_check").stat().st_mode
        self.assertEqual(mode & 0o111, 0o111)


if __name__ == "__main__":
    installation.main()
