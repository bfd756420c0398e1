"""Where `cmake --install` puts what."""

import unittest

import installation

UNIT = "lib/systemd/system/fuota-server.service"


class InstallTree(unittest.TestCase):
    def installed(self, **options):
        root = installation.temporary_folder(self.addCleanup)
        installation.install(root, **options)
        return root

    def test_server_files_lie_where_debian_expects_them(self):
        root = self.installed(component="server")
        for file in ("usr/bin/fuota-server", "usr/" + UNIT, "usr/lib/sysusers.d/fuota-server.conf",
                     "etc/fuota/fuota-server.conf", "usr/share/doc/fuota/LICENSE",
                     "usr/share/doc/fuota/architecture.md",
                     "usr/share/fuota/grafana/fuota-dashboard.json",
                     "usr/share/fuota/prometheus/fuota_alerts.yml"):
            with self.subTest(file=file):
                self.assertTrue((root / file).is_file())

    def test_server_is_installed_alone(self):
        root = self.installed(component="server")
        programs = [file.name for file in (root / "usr/bin").iterdir()]
        self.assertEqual(programs, ["fuota-server"])

    def test_command_line_is_one_program(self):
        root = self.installed(component="cli")
        files = [str(f.relative_to(root)) for f in root.rglob("*") if f.is_file()]
        self.assertEqual(files, ["usr/bin/fuota"])

    def test_simulator_is_one_program(self):
        root = self.installed(component="simulator")
        files = [str(f.relative_to(root)) for f in root.rglob("*") if f.is_file()]
        self.assertEqual(files, ["usr/bin/virtual-esp32"])

    def test_other_prefix_is_used_throughout(self):
        root = self.installed(component="server", prefix="/usr/local")
        unit = (root / "usr/local" / UNIT).read_text(encoding="utf-8")
        self.assertIn("ExecStart=/usr/local/bin/fuota-server "
                      "--config /usr/local/etc/fuota/fuota-server.conf\n", unit)
        self.assertTrue((root / "usr/local/etc/fuota/fuota-server.conf").is_file())

    def test_unit_starts_the_installed_program(self):
        unit = (self.installed(component="server") / "usr" / UNIT).read_text(encoding="utf-8")
        self.assertIn("ExecStart=/usr/bin/fuota-server --config /etc/fuota/fuota-server.conf\n",
                      unit)

    def test_no_placeholder_is_left(self):
        root = self.installed(component="server")
        for file in ("usr/" + UNIT, "etc/fuota/fuota-server.conf"):
            with self.subTest(file=file):
                self.assertNotRegex((root / file).read_text(encoding="utf-8"), "@[A-Za-z_]+@")

    def test_edited_configuration_survives_an_installation(self):
        root = self.installed(component="server")
        configuration = root / "etc/fuota/fuota-server.conf"
        configuration.write_text("# mine\n", encoding="utf-8")
        installation.install(root, component="server")
        self.assertEqual(configuration.read_text(encoding="utf-8"), "# mine\n")


if __name__ == "__main__":
    installation.main()
