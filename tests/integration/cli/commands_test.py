#!/usr/bin/env python3
"""What the commands of fuota do, print and answer."""

import json
import os
import stat
import unittest

from command_line import CommandLineTest


class Keys(CommandLineTest):
    def test_a_new_key_is_its_owners_alone(self):
        self.fuota("key", "new", "--out", "release.pem")
        self.assertEqual(stat.S_IMODE(os.stat(self.folder / "release.pem").st_mode), 0o600)

    def test_a_key_is_never_written_over_another(self):
        self.fuota("key", "new", "--out", "release.pem")
        before = (self.folder / "release.pem").read_bytes()
        self.assertIn("name a new one", self.refusal("key", "new", "--out", "release.pem"))
        self.assertEqual((self.folder / "release.pem").read_bytes(), before)

    def test_the_public_key_is_a_line_and_its_id_another(self):
        made = self.fuota("key", "new", "--out", "release.pem")
        self.assertEqual(self.fuota("key", "public", "--key", "release.pem"), made)
        self.assertEqual([len(line) for line in made.splitlines()], [86, 43])

    def test_a_missing_key_is_named(self):
        self.assertIn("can't open none.pem: No such file",
                      self.refusal("key", "public", "--key", "none.pem"))


class Releases(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.key, self.public = self.new_key("release.pem")
        self.image()

    def sign(self, *arguments):
        return self.fuota("release", "sign", "--image", "app.bin", "--key", self.key, *arguments)

    def verify(self, *keys, threshold=1):
        arguments = [argument for key in keys for argument in ("--key", key)]
        return ("release", "verify", "--image", "app.bin", *arguments, "--threshold", threshold)

    def test_a_signed_image_verifies(self):
        self.assertIn("esp32-fuota 1.2.0 for esp32c3, counter 0", self.sign())
        self.assertIn("signed by 1 of 1 needed", self.fuota(*self.verify(self.public)))

    def test_a_key_may_be_a_file_with_its_line_or_in_pem(self):
        self.sign()
        (self.folder / "line.txt").write_text(self.public + "\n", encoding="ascii")
        pem = self.fuota("key", "public", "--key", self.key, "--pem")
        (self.folder / "public.pem").write_text(pem, encoding="ascii")
        for key in ("line.txt", "public.pem"):
            with self.subTest(key=key):
                self.fuota(*self.verify(key))

    def test_another_key_adds_a_signature(self):
        second, second_public = self.new_key("second.pem")
        self.sign()
        self.assertIn("1 of 2 needed",
                      self.refusal(*self.verify(self.public, second_public, threshold=2)))
        self.fuota("release", "sign", "--image", "app.bin", "--key", second)
        self.fuota(*self.verify(self.public, second_public, threshold=2))

    def test_the_same_key_changes_nothing(self):
        self.sign()
        before = (self.folder / "app.bin.manifest.json").read_bytes()
        self.assertIn("already", self.sign())
        self.assertEqual((self.folder / "app.bin.manifest.json").read_bytes(), before)

    def test_one_key_given_twice_is_one(self):
        self.sign()
        self.assertIn("as many different keys",
                      self.refusal(*self.verify(self.public, self.public, threshold=2)))

    def test_a_changed_image_does_not_verify(self):
        self.sign()
        self.image(seed=2)
        self.assertIn("with other bytes", self.refusal(*self.verify(self.public)))

    def test_a_manifest_about_another_image_is_not_signed(self):
        self.sign()
        self.image(version="1.3.0")
        self.assertIn("Remove it to sign anew",
                      self.refusal("release", "sign", "--image", "app.bin", "--key", self.key))

    def test_a_changed_manifest_does_not_verify(self):
        self.sign()
        path = self.folder / "app.bin.manifest.json"
        document = json.loads(path.read_text(encoding="ascii"))
        document["payload"] = document["payload"][:-4] + "AAAA"
        path.write_text(json.dumps(document), encoding="ascii")
        self.refusal(*self.verify(self.public))

    def test_the_counter_is_the_one_that_is_given(self):
        self.assertIn("counter 4294967295", self.sign("--counter", 4294967295))
        self.assertIn("has the counter 4294967295",
                      self.refusal("release", "sign", "--image", "app.bin", "--key", self.key,
                                   "--counter", 1))

    def test_a_damaged_image_is_not_signed(self):
        image = bytearray((self.folder / "app.bin").read_bytes())
        image[500] ^= 1
        (self.folder / "app.bin").write_bytes(image)
        self.assertIn("checksum is wrong",
                      self.refusal("release", "sign", "--image", "app.bin", "--key", self.key))
        self.assertFalse((self.folder / "app.bin.manifest.json").exists())


class Usage(CommandLineTest):
    def test_every_command_explains_itself(self):
        for command in ([], ["key"], ["key", "new"], ["key", "public"], ["release"],
                        ["release", "sign"], ["release", "verify"], ["root"], ["root", "sign"],
                        ["root", "verify"], ["root", "show"], ["simulate"],
                        ["simulate", "fleet"]):
            with self.subTest(command=command):
                self.assertIn("Usage: fuota", self.fuota(*command, "--help"))

    def test_wrong_arguments_have_a_status_of_their_own(self):
        for command in ([], ["key"], ["bake"], ["key", "new"], ["release", "sign", "--image", "a"],
                        ["release", "sign", "--image", "a", "--key", "b", "--counter", "-1"],
                        ["release", "verify", "--image", "a", "--key", "b", "--threshold", "0"],
                        ["root", "sign", "--key", "a"], ["root", "sign", "--document", "a"],
                        ["root", "sign", "--key", "a", "--version", "1", "--threshold", "1"],
                        ["root", "sign", "--key", "a", "--version", "0", "--threshold", "1",
                         "--trust", "b"],
                        ["root", "sign", "--key", "a", "--document", "b", "--threshold", "1"],
                        ["root", "sign", "--key", "a", "--document", "b", "--out", "c"],
                        ["root", "verify", "--document", "a"], ["root", "show"]):
            with self.subTest(command=command):
                self.run_fuota(*command, status=2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
