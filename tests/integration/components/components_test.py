"""components/ as ESP-IDF, its component manager and the component registry want them."""

import os
import pathlib
import re
import subprocess
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
NAMES = ("fuota_protocol", "scan_wifi_b", "conn_wifi_b", "fuota_b")
NAMESPACE = "fuota"
#: What comes from somebody else, and the version from which ESP-IDF hasn't it built in.
FOREIGN = {"espressif/jsmn": {"version": "^1.1.0", "if": "idf_version >=5.0"}}
#: The top-level fields that the component manager 1.2 of ESP-IDF v4.4.4's time accepts
#: (idf_component_tools/manifest/validator.py); it refuses a manifest with any other. So there is no
#: "license": later ones and the registry read it from the file LICENSE.
FIELDS = {"dependencies", "description", "discussion", "documentation", "examples", "files", "issues",
          "maintainers", "name", "repository", "tags", "targets", "url", "version"}
BUILD = pathlib.Path(os.environ.get("FUOTA_BUILD", ROOT / "build"))
COMPILERS = {"c": (os.environ.get("CC", "cc"), ("gnu99", "gnu2x")),
             "cpp": (os.environ.get("CXX", "c++"), ("gnu++17",))}


def text(*path):
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def field(manifest, name):
    return re.search(rf'^{name}: "?(.*?)"?$', manifest, re.M).group(1)


def dependencies(manifest):
    """{"fuota/fuota_protocol": {"version": "^0.1.0", "override_path": "../fuota_protocol"}}."""
    section = re.search(r"^dependencies:\n((?:[ #].*\n)*)", manifest, re.M).group(1)
    found = {}
    for line in section.splitlines():
        key, value = re.fullmatch(r"[\s-]*([\w/]+): *\"?([^\"]*)\"?|\s*#.*", line).groups()
        if key in (None, "rules"):
            continue
        if line.startswith("    "):
            found[name][key] = value
        else:
            name = key
            found[name] = {"version": value} if value else {}
    return found


def required_components(cmake):
    """Those of our components, and of others that aren't ESP-IDF's, that a CMakeLists.txt requires."""
    return {name for name in (*NAMES, *(foreign.split("/")[1] for foreign in FOREIGN))
            if re.search(rf"REQUIRES[^)]*\b{name}\b", cmake.replace("PRIV_INCLUDE_DIRS", ""))}


def manifests_with_folders():
    return [path for path in ROOT.glob("components/**/idf_component.yml")
            if not {"build", "managed_components"} & set(path.parts)]


def examples():
    return sorted(path.parent for path in ROOT.glob("components/*/examples/*/CMakeLists.txt"))


class Components(unittest.TestCase):
    def test_there_are_no_others(self):
        self.assertEqual({path.parent.name for path in ROOT.glob("components/*/CMakeLists.txt")},
                         set(NAMES))

    def test_each_has_what_a_packed_component_needs(self):
        for name in NAMES:
            for file in ("CHANGELOG.md", "LICENSE", "README.md", "idf_component.yml"):
                with self.subTest(component=name, file=file):
                    self.assertTrue((ROOT / "components" / name / file).is_file())

    def test_the_licence_is_that_of_the_project(self):
        for name in NAMES:
            with self.subTest(component=name):
                self.assertEqual(text("components", name, "LICENSE"), text("LICENSE"))

    def test_the_version_is_the_same_everywhere(self):
        version = re.search(r"project\(fuota VERSION (\S+)", text("CMakeLists.txt")).group(1)
        for name in NAMES:
            with self.subTest(component=name):
                self.assertEqual(field(text("components", name, "idf_component.yml"), "version"),
                                 version)
                self.assertEqual(re.search(r"^## (\S+)", text("components", name, "CHANGELOG.md"),
                                           re.M).group(1), version)

    def test_every_source_is_built(self):
        for name in NAMES:
            folder = ROOT / "components" / name
            sources = {str(path.relative_to(folder)) for path in folder.glob("*/*.cpp")}
            listed = set(re.findall(r'"([\w/]+\.cpp)"', text("components", name, "CMakeLists.txt")))
            with self.subTest(component=name):
                self.assertEqual(listed, sources)

    def test_every_option_is_explained_and_in_the_readme(self):
        for name in NAMES:
            readme = text("components", name, "README.md")
            kconfig = ROOT / "components" / name / "Kconfig"
            if not kconfig.is_file():
                with self.subTest(component=name):
                    self.assertIn("nothing to configure", readme.replace("\n", " "))
                continue
            options = re.findall(r"^ *config (\w+)\n(.*?)(?=^ *config |^endmenu)",
                                 kconfig.read_text(encoding="utf-8"), re.M | re.S)
            self.assertTrue(options, name)
            for option, body in options:
                with self.subTest(component=name, option=option):
                    self.assertIn("help\n", body)
                    self.assertIn(f"`{option}`", readme)


class Manifests(unittest.TestCase):
    def test_they_have_no_field_that_an_old_component_manager_refuses(self):
        for path in manifests_with_folders():
            with self.subTest(manifest=path.relative_to(ROOT)):
                fields = set(re.findall(r"^(\w+):", path.read_text(encoding="utf-8"), re.M))
                self.assertLessEqual(fields, FIELDS)

    def test_each_asks_for_the_oldest_esp_idf_that_we_know(self):
        for path in manifests_with_folders():
            with self.subTest(manifest=path.relative_to(ROOT)):
                self.assertEqual(dependencies(path.read_text(encoding="utf-8"))["idf"],
                                 {"version": ">=4.4.4"})

    def test_neighbours_are_found_by_path_and_by_registry(self):
        version = re.search(r"project\(fuota VERSION (\S+)", text("CMakeLists.txt")).group(1)
        for path in manifests_with_folders():
            for full_name, entry in dependencies(path.read_text(encoding="utf-8")).items():
                if full_name == "idf" or full_name in FOREIGN:
                    continue
                with self.subTest(manifest=path.relative_to(ROOT), dependency=full_name):
                    namespace, name = full_name.split("/")
                    self.assertEqual(namespace, NAMESPACE)
                    self.assertEqual(entry["version"], f"^{version}")
                    self.assertEqual((path.parent / entry["override_path"]).resolve(),
                                     ROOT / "components" / name)

    def test_what_comes_from_others_is_asked_for_where_esp_idf_has_it_not(self):
        for path in manifests_with_folders():
            for full_name, entry in dependencies(path.read_text(encoding="utf-8")).items():
                if full_name in FOREIGN:
                    with self.subTest(manifest=path.relative_to(ROOT), dependency=full_name):
                        self.assertEqual(entry, FOREIGN[full_name])

    def test_they_name_the_components_that_the_build_requires(self):
        for path in manifests_with_folders():
            named = {name.split("/")[1] for name in
                     dependencies(path.read_text(encoding="utf-8")) if name != "idf"}
            cmake = (path.parent / "CMakeLists.txt").read_text(encoding="utf-8")
            with self.subTest(manifest=path.relative_to(ROOT)):
                self.assertEqual(named, required_components(cmake))


class Examples(unittest.TestCase):
    def test_every_component_with_an_interface_to_a_device_has_one(self):
        self.assertEqual({path.parents[1].name for path in examples()},
                         set(NAMES) - {"fuota_protocol"})

    def test_each_is_a_project_with_a_manifest_and_a_page(self):
        for example in examples():
            for file in ("README.md", "main/CMakeLists.txt", "main/idf_component.yml"):
                with self.subTest(example=example.name, file=file):
                    self.assertTrue((example / file).is_file())

    def test_each_is_named_after_its_folder(self):
        for example in examples():
            with self.subTest(example=example.name):
                self.assertIn(f"project({example.name})",
                              (example / "CMakeLists.txt").read_text(encoding="utf-8"))


class Readmes(unittest.TestCase):
    def test_their_code_compiles_without_a_warning(self):
        includes = [f"-I{ROOT / 'components' / name / 'include'}" for name in NAMES]
        includes += [f"-I{ROOT / 'simulator/include'}", f"-I{BUILD / 'sdkconfig'}"]
        for name in NAMES:
            blocks = re.findall(r"^```(c|cpp)\n(.*?)^```", text("components", name, "README.md"),
                                re.M | re.S)
            self.assertTrue(blocks, name)
            for language, code in blocks:
                compiler, standards = COMPILERS[language]
                for standard in standards:
                    with self.subTest(component=name, standard=standard):
                        done = subprocess.run(
                            [compiler, "-x", "c++" if language == "cpp" else "c",
                             f"-std={standard}", "-Wall", "-Wextra", "-Werror", "-fsyntax-only",
                             *includes, "-"],
                            input=code, text=True, capture_output=True, check=False)
                        self.assertEqual(done.returncode, 0, done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
