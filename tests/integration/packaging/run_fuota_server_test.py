"""packaging/docker/run_fuota_server with a `docker` that only writes down how it is called."""

import os
import subprocess
import unittest

import installation

SCRIPT = installation.SOURCE / "packaging/docker/run_fuota_server"
DOCKER = """#!/bin/sh
echo "$*" >>"$CALLS"
[ "$1" = run ] && env | grep -E '^(US_|FUOTA_)' >"$CALLS.environment"
[ "$1" != image ] || exit "$IMAGE_MISSING"
"""


class RunFuotaServer(unittest.TestCase):
    def setUp(self):
        self.folder = installation.temporary_folder(self.addCleanup)
        docker = self.folder / "docker"
        docker.write_text(DOCKER, encoding="utf-8")
        docker.chmod(0o755)

    def run_script(self, image_missing=0, **environment):
        result = subprocess.run(
            [str(SCRIPT)], cwd=self.folder, capture_output=True, text=True, check=False,
            env={"PATH": f"{self.folder}:{os.environ['PATH']}", "IMAGE_MISSING": str(image_missing),
                 "CALLS": str(self.folder / "calls"), **environment})
        return result

    def calls(self):
        return (self.folder / "calls").read_text(encoding="utf-8").splitlines()

    def test_a_password_is_required(self):
        result = self.run_script()
        self.assertEqual(result.returncode, 2)
        self.assertIn("US_AUTH_PASSWORD", result.stderr)

    def test_the_port_is_published(self):
        self.run_script(US_AUTH_PASSWORD="secret", US_SERVER_PORT="50123")
        self.assertIn("--publish 50123:50123", self.calls()[-1])

    def test_the_data_directory_is_mounted(self):
        self.run_script(US_AUTH_PASSWORD="secret", FUOTA_DATA_DIR="mine")
        self.assertTrue((self.folder / "mine").is_dir())
        self.assertIn(f"--volume {self.folder}/mine:/var/lib/fuota", self.calls()[-1])

    def test_the_password_is_passed_but_on_no_command_line(self):
        self.run_script(US_AUTH_PASSWORD="secret")
        self.assertNotIn("secret", "\n".join(self.calls()))
        environment = (self.folder / "calls.environment").read_text(encoding="utf-8")
        self.assertIn("US_AUTH_PASSWORD=secret\n", environment)

    def test_the_certificate_is_for_this_machine(self):
        self.run_script(US_AUTH_PASSWORD="secret")
        environment = (self.folder / "calls.environment").read_text(encoding="utf-8")
        self.assertRegex(environment, r"(?m)^FUOTA_HOST=.*,localhost,127\.0\.0\.1")

    def test_the_server_does_not_run_as_root(self):
        self.run_script(US_AUTH_PASSWORD="secret")
        self.assertNotRegex(self.calls()[-1], r"--user 0:")

    def test_a_missing_image_is_built(self):
        self.run_script(image_missing=1, US_AUTH_PASSWORD="secret")
        self.assertRegex(self.calls()[1], r"^build --file .*/packaging/docker/Dockerfile --tag ")

    def test_an_image_that_is_there_is_used(self):
        self.run_script(US_AUTH_PASSWORD="secret")
        self.assertFalse([call for call in self.calls() if call.startswith("build")])

    def test_the_container_is_named_without_the_tag_of_its_image(self):
        self.run_script(US_AUTH_PASSWORD="secret", FUOTA_IMAGE="example.org/team/fuota-server:1.0")
        self.assertIn("--name fuota-server --", self.calls()[-1])


if __name__ == "__main__":
    installation.main()
