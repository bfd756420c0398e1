#!/usr/bin/env python3
"""fuota beside jwcrypto, an implementation of JOSE that has nothing in common with ours."""

import json
import sys
import unittest

from command_line import CommandLineTest

try:
    from jwcrypto import jwk, jws
except ImportError:
    print("skipped: jwcrypto is not there: scripts/install-deps test")
    sys.exit(77)


class ForeignJwsTest(CommandLineTest):
    def jwk_of(self, name):
        return jwk.JWK.from_pem((self.folder / name).read_bytes())

    def signed(self, keys, payload):
        """`payload`, signed there by `keys`."""
        token = jws.JWS(payload)
        for key in keys:
            header = json.dumps({"typ": "JOSE", "kid": key.thumbprint(), "alg": "ES256"})
            token.add_signature(key, protected=header)
        document = json.loads(token.serialize())
        if "signatures" not in document:  # of one signature, jwcrypto writes the flattened form
            document = {"payload": document["payload"],
                        "signatures": [{"protected": document["protected"],
                                        "signature": document["signature"]}]}
        return json.dumps(document, indent=1)


class ForeignManifest(ForeignJwsTest):
    def setUp(self):
        super().setUp()
        self.image()
        self.key, self.public = self.new_key("release.pem")
        self.fuota("release", "sign", "--image", "app.bin", "--key", self.key, "--counter", 7)
        self.path = self.folder / "app.bin.manifest.json"

    def payload(self):
        token = jws.JWS()
        token.deserialize(self.path.read_text(encoding="ascii"), self.jwk_of(self.key))
        return token.payload

    def write_foreign(self, keys, payload):
        self.path.write_text(self.signed(keys, payload), encoding="ascii")

    def verify(self, *keys, threshold=1, status=0):
        arguments = [argument for key in keys for argument in ("--key", key)]
        return self.run_fuota("release", "verify", "--image", "app.bin", *arguments, "--threshold",
                              threshold, status=status)

    def test_ours_verifies_there(self):
        manifest = json.loads(self.payload())
        self.assertEqual((manifest["product"], manifest["counter"]), ("esp32-fuota", 7))

    def test_ours_by_two_keys_verifies_there_with_each(self):
        second, _ = self.new_key("second.pem")
        self.fuota("release", "sign", "--image", "app.bin", "--key", second)
        for key in (self.key, second):
            with self.subTest(key=key):
                token = jws.JWS()
                token.deserialize(self.path.read_text(encoding="ascii"), self.jwk_of(key))

    def test_ours_does_not_verify_there_with_another_key(self):
        self.new_key("other.pem")
        token = jws.JWS()
        with self.assertRaises(jws.InvalidJWSSignature):
            token.deserialize(self.path.read_text(encoding="ascii"), self.jwk_of("other.pem"))

    def test_keys_have_the_same_name_there(self):
        self.assertEqual(self.fuota("key", "public", "--key", self.key).splitlines()[1],
                         self.jwk_of(self.key).thumbprint())

    def test_theirs_with_our_payload_verifies_here(self):
        self.write_foreign([self.jwk_of(self.key)], self.payload())
        self.verify(self.public)

    def test_theirs_with_another_order_and_spelling_of_the_payload_verifies_here(self):
        manifest = json.loads(self.payload())
        reordered = dict(sorted(manifest.items(), reverse=True), later={"unknown": [1, None]})
        self.write_foreign([self.jwk_of(self.key)], json.dumps(reordered, indent=2))
        self.verify(self.public)

    def test_theirs_by_two_keys_verifies_here(self):
        second, second_public = self.new_key("second.pem")
        self.write_foreign([self.jwk_of(self.key), self.jwk_of(second)], self.payload())
        self.verify(self.public, second_public, threshold=2)

    def test_theirs_by_another_key_does_not_verify_here(self):
        self.write_foreign([jwk.JWK.generate(kty="EC", crv="P-256")], self.payload())
        self.verify(self.public, status=1)

    def test_ours_can_be_added_to_theirs(self):
        second, second_public = self.new_key("second.pem")
        self.write_foreign([self.jwk_of(self.key)], self.payload())
        self.fuota("release", "sign", "--image", "app.bin", "--key", second)
        self.verify(self.public, second_public, threshold=2)


class ForeignRoot(ForeignJwsTest):
    def setUp(self):
        super().setUp()
        self.old, self.old_public = self.new_key("old.pem")
        self.new, self.new_public = self.new_key("new.pem")
        self.path = self.folder / "root.1.json"

    def write_foreign(self, *keys, **members):
        root = {"version": 1, "keys": [self.new_public], "type": "root", "threshold": 1,
                "created": "2026-11-23T05:34:24Z", "later": [{"unknown": None}], **members}
        self.path.write_text(self.signed(keys, json.dumps(root, indent=2)), encoding="ascii")

    def verify(self, status=0):
        return self.run_fuota("root", "verify", "--document", "root.1.json", "--key",
                              self.old_public, status=status)

    def test_theirs_verifies_here(self):
        self.write_foreign(self.jwk_of(self.old), self.jwk_of(self.new))
        self.verify()

    def test_theirs_with_the_most_signatures_verifies_here(self):
        others = [jwk.JWK.generate(kty="EC", crv="P-256") for _ in range(6)]
        self.write_foreign(*others, self.jwk_of(self.old), self.jwk_of(self.new))
        self.verify()

    def test_theirs_by_another_key_does_not_verify_here(self):
        for keys in ([self.old], [self.new]):
            with self.subTest(keys=keys):
                self.write_foreign(jwk.JWK.generate(kty="EC", crv="P-256"),
                                   *(self.jwk_of(key) for key in keys))
                self.verify(status=1)

    def test_theirs_that_is_no_root_document_does_not_verify_here(self):
        for members in ({"type": "manifest"}, {"version": "1"}, {"threshold": 2}, {"keys": []},
                        {"keys": [self.new_public, self.new_public]}, {"created": "now"}):
            with self.subTest(members=members):
                self.write_foreign(self.jwk_of(self.old), self.jwk_of(self.new), **members)
                self.verify(status=1)

    def test_ours_can_be_added_to_theirs(self):
        self.write_foreign(self.jwk_of(self.old))
        self.fuota("root", "sign", "--document", "root.1.json", "--key", self.new)
        self.verify()

    def test_ours_verifies_there(self):
        self.fuota("root", "sign", "--version", 1, "--threshold", 1, "--trust", self.new_public,
                   "--key", self.old)
        self.fuota("root", "sign", "--document", "root.1.json", "--key", self.new)
        for key in (self.old, self.new):
            with self.subTest(key=key):
                token = jws.JWS()
                token.deserialize(self.path.read_text(encoding="ascii"), self.jwk_of(key))
                self.assertEqual(json.loads(token.payload)["keys"], [self.new_public])


if __name__ == "__main__":
    unittest.main(verbosity=2)
