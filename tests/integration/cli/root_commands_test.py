#!/usr/bin/env python3
"""What the commands of fuota for root documents do, print and answer."""

import json
import unittest

from command_line import CommandLineTest


class Roots(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.old, self.old_public = self.new_key("old.pem")
        self.new, self.new_public = self.new_key("new.pem")

    def new_root(self, key, *trusted, version=1, threshold=1, more=()):
        """Arguments that make a root document."""
        names = [argument for name in trusted for argument in ("--trust", name)]
        return ("root", "sign", "--version", version, "--threshold", threshold, *names, "--key", key,
                *more)

    def more(self, key, document="root.1.json"):
        return ("root", "sign", "--document", document, "--key", key)

    def verify(self, *current, version=0, threshold=1, document="root.1.json"):
        names = [argument for name in current for argument in ("--key", name)]
        return ("root", "verify", "--document", document, *names, "--threshold", threshold,
                "--version", version)

    def content(self, name="root.1.json"):
        return (self.folder / name).read_bytes()

    def test_a_device_takes_new_keys_by_the_old_and_the_new(self):
        self.assertRegex(self.fuota(*self.new_root(self.old, self.new_public)),
                         r"^root\.1\.json: root 1, 1 of 1 keys, signed by .{43}\n$")
        self.fuota(*self.more(self.new))
        self.assertRegex(self.fuota(*self.verify(self.old_public)),
                         r"^root 1, 1 of 1 keys, created .*: signed by 1 of 1 needed of the current"
                         r" keys, and by 1 of 1 needed of its own\n$")

    def test_signatures_that_are_missing_are_told_with_the_remedy(self):
        for signer, what in ((self.new, "current keys: 0 of 1"), (self.old, "names: 0 of 1")):
            with self.subTest(signer=signer):
                out = signer + ".json"
                self.fuota(*self.new_root(signer, self.new_public, more=("--out", out)))
                refusal = self.refusal(*self.verify(self.old_public, document=out))
                self.assertIn(what, refusal)
                self.assertIn("fuota root sign --document", refusal)

    def test_versions_follow_one_another(self):
        self.fuota(*self.new_root(self.old, self.old_public, version=2))
        self.fuota(*self.verify(self.old_public, version=1, document="root.2.json"))
        for current in (0, 2, 3, 4294967295):
            with self.subTest(current=current):
                self.assertIn("Devices take one after the other",
                              self.refusal(*self.verify(self.old_public, version=current,
                                                        document="root.2.json")))

    def test_the_same_keys_with_another_threshold_need_one_signature_each(self):
        self.fuota(*self.new_root(self.old, self.old_public, self.new_public, threshold=2))
        self.assertIn("1 of 2 needed", self.refusal(*self.verify(self.old_public, self.new_public)))
        self.fuota(*self.more(self.new))
        self.fuota(*self.verify(self.old_public, self.new_public, threshold=2))

    def test_the_same_document_again_gets_another_signature(self):
        self.fuota(*self.new_root(self.old, self.new_public))
        self.fuota(*self.new_root(self.new, self.new_public))
        self.fuota(*self.verify(self.old_public))

    def test_the_same_key_changes_nothing(self):
        self.fuota(*self.new_root(self.old, self.new_public))
        before = self.content()
        for arguments in (self.new_root(self.old, self.new_public), self.more(self.old)):
            self.assertIn("already", self.fuota(*arguments))
            self.assertEqual(self.content(), before)

    def test_another_document_is_never_written_over(self):
        self.fuota(*self.new_root(self.old, self.new_public))
        before = self.content()
        for arguments, what in (
                (self.new_root(self.old, self.old_public), "other keys"),
                (self.new_root(self.old, self.new_public, self.old_public), "other keys"),
                (self.new_root(self.old, self.new_public, self.old_public, threshold=2),
                 "a threshold of 1"),
                (self.new_root(self.old, self.new_public, version=2,
                               more=("--out", "root.1.json")), "version 1")):
            with self.subTest(what=what):
                refusal = self.refusal(*arguments)
                self.assertIn(what, refusal)
                self.assertIn("Remove it to sign anew, or name another with --out", refusal)
                self.assertEqual(self.content(), before)

    def test_what_is_no_root_document_is_neither_signed_nor_written_over(self):
        self.image()
        self.fuota("release", "sign", "--image", "app.bin", "--key", self.old)
        manifest = "app.bin.manifest.json"
        before = self.content(manifest)
        for arguments in (self.more(self.old, manifest),
                          self.new_root(self.old, self.new_public, more=("--out", manifest)),
                          ("root", "show", "--document", manifest),
                          self.verify(self.old_public, document=manifest)):
            with self.subTest(arguments=arguments):
                self.assertIn("no root document", self.refusal(*arguments))
                self.assertEqual(self.content(manifest), before)

    def test_a_root_document_is_no_manifest(self):
        self.image()
        self.fuota(*self.new_root(self.old, self.new_public))
        self.assertIn("no manifest", self.refusal("release", "verify", "--image", "app.bin",
                                                  "--manifest", "root.1.json", "--key",
                                                  self.old_public))

    def test_a_key_that_can_verify_nothing_is_refused(self):
        no_point = "A" * 86  # x and y are 0
        self.assertIn("no key on the curve P-256: take it from",
                      self.refusal(*self.new_root(self.old, no_point)))
        self.assertFalse((self.folder / "root.1.json").exists())

    def test_a_changed_document_does_not_verify(self):
        self.fuota(*self.new_root(self.old, self.old_public))
        document = json.loads(self.content())
        self.fuota(*self.new_root(self.new, self.new_public, more=("--out", "other.json")))
        document["payload"] = json.loads(self.content("other.json"))["payload"]
        (self.folder / "root.1.json").write_text(json.dumps(document), encoding="ascii")
        self.assertIn("0 of 1 needed", self.refusal(*self.verify(self.old_public)))

    def test_a_missing_document_is_named(self):
        for arguments in (self.more(self.old), ("root", "show", "--document", "root.1.json"),
                          self.verify(self.old_public)):
            self.assertIn("can't open root.1.json: No such file", self.refusal(*arguments))

    def test_shows_the_keys_and_who_has_signed(self):
        self.fuota(*self.new_root(self.old, self.new_public))
        self.fuota(*self.more(self.new))
        ids = [self.fuota("key", "public", "--key", key).splitlines()[1]
               for key in (self.old, self.new)]
        lines = self.fuota("root", "show", "--document", "root.1.json").splitlines()
        self.assertRegex(lines[0], r"^root 1, 1 of 1 keys, created 20..-..-..T..:..:..Z$")
        self.assertEqual(lines[1:], [f"key {self.new_public} {ids[1]}",
                                     f"signed by {ids[0]}, another key: not verified",
                                     f"signed by {ids[1]}, a key of its own"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
