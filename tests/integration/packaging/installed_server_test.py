"""The installed server with the installed configuration file, as an unprivileged user."""

import re
import unittest

import installation


class InstalledServer(unittest.TestCase):
    def setUp(self):
        self.root = installation.temporary_folder(self.addCleanup)
        installation.install(self.root, component="server")
        self.data = installation.make_folder_of(self.root / "data",
                                                installation.unprivileged_id())
        self.configuration = self.root / "etc/fuota/fuota-server.conf"

    def start(self, **environment):
        server = installation.InstalledServer(
            self.addCleanup, self.root, "--config", str(self.configuration),
            "--data-dir", str(self.data), **environment)
        server.wait_until_listening()
        return server

    def test_starts_with_the_default_configuration(self):
        self.start(FUOTA_LISTEN=installation.FREE_PORT)
        self.assertTrue((self.data / "ca_cert.pem").is_file())

    def test_stops_cleanly_on_sigterm(self):
        self.assertEqual(self.start(FUOTA_LISTEN=installation.FREE_PORT).stop(), 0)

    def test_every_setting_of_the_default_configuration_is_known(self):
        lines = self.configuration.read_text(encoding="utf-8").splitlines()
        settings = [line.removeprefix("# ") for line in lines
                    if re.match(r"(# )?[a-z-]+ = ", line)]
        # Of the settings that are commented out, all but the files that aren't there.
        settings = [s for s in settings if not re.match("data-dir|listen|cert|key", s)]
        settings.append(f'listen = "{installation.FREE_PORT}"')
        self.configuration.write_text("\n".join(settings) + "\n", encoding="utf-8")
        server = self.start()
        self.assertIn("listening on https://127.0.0.1:", server.log)
        self.assertIn("made a certificate for updates.example.org, 192.168.1.41",
                      server.log)


if __name__ == "__main__":
    installation.main()
