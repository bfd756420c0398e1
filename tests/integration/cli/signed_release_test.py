#!/usr/bin/env python3
"""A release on its whole way: signed, published, offered to a device, and verified there."""

import base64
import hashlib
import http.client
import json
import ssl
import unittest

from command_line import CommandLineTest
from processes import PASSWORD, USER, Server

OFFER = "application/vnd.fuota.offer+json"
#: What a device sends (components/fuota_protocol/include/fuota_protocol/offer.hpp).
ACCEPT = OFFER + ", text/csv;q=0.5"


class SignedRelease(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.server = self.start_server()
        self.app = self.image().read_bytes()
        self.key, self.public = self.new_key("release.pem")
        self.fuota("release", "sign", "--image", "app.bin", "--key", self.key)
        self.manifest = (self.folder / "app.bin.manifest.json").read_bytes()

    def start_server(self):
        server = Server(self.folder / "data")
        self.addCleanup(server.__exit__)
        return server

    def ask(self, method, path, body=None, **fields):
        context = ssl.create_default_context(cafile=self.server.certificate)
        connection = http.client.HTTPSConnection("127.0.0.1", self.server.port, context=context)
        credentials = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        connection.request(method, path, body,
                           {"Authorization": "Basic " + credentials, **fields})
        answer = connection.getresponse()
        answer.content = answer.read()
        connection.close()
        return answer

    def put(self, path, body):
        return self.ask("PUT", path, body).status

    def publish(self, name="app.bin"):
        self.assertEqual(self.put(f"/files/{name}", self.app), 200)
        self.assertEqual(self.put(f"/files/{name}/manifest", self.manifest), 200)
        self.assertEqual(self.put("/devices/00001", f'"00001","1.0.0","{name}"'), 200)

    def check(self, query="", **fields):
        return self.ask("GET", "/devices/00001?app_ver=1.0.0" + query, **fields)

    def offer(self):
        answer = self.check(Accept=ACCEPT)
        self.assertEqual(answer.status, 200)
        return json.loads(answer.content)

    def test_goes_from_the_key_to_the_device(self):
        self.publish()
        answer = self.check("&product=esp32-fuota&counter=0", Accept=ACCEPT)
        self.assertEqual(answer.getheader("Content-Type"), OFFER)
        self.assertEqual(answer.getheader("Vary"), "Accept")
        offer = json.loads(answer.content)
        artifact = offer["artifacts"][0]
        image = self.ask("GET", artifact["url"]).content
        self.assertEqual(len(image), artifact["size"])
        self.assertEqual(hashlib.sha256(image).hexdigest(), artifact["sha256"])
        # What a device does: believe nothing but the keys that it was given.
        (self.folder / "received.bin").write_bytes(image)
        (self.folder / "received.json").write_text(json.dumps(offer["manifest"]), encoding="ascii")
        self.fuota("release", "verify", "--image", "received.bin", "--manifest", "received.json",
                   "--key", self.public)

    def test_is_given_back_as_it_was_put(self):
        self.publish()
        answer = self.ask("GET", "/files/app.bin/manifest")
        self.assertEqual(answer.content, self.manifest)
        self.assertEqual(answer.getheader("Content-Type"), "application/jose+json")

    def test_is_not_seen_by_who_does_not_ask_for_it(self):
        self.publish()
        for fields in ({}, {"Accept": "*/*"}, {"Accept": "text/csv"}):
            with self.subTest(fields=fields):
                answer = self.check("&image=nonsense", **fields)
                self.assertEqual(answer.content, b"app.bin")
                self.assertEqual(answer.getheader("Content-Type"), "text/csv")
                self.assertIsNone(answer.getheader("Vary"))

    def test_is_not_offered_to_who_runs_it(self):
        self.publish()
        digest = hashlib.sha256(self.app).hexdigest()
        self.assertEqual(self.check("&image=" + digest, Accept=ACCEPT).status, 204)

    def test_is_refused_for_another_image_without_harm(self):
        self.publish()
        self.image(version="1.3.0", seed=2)
        self.fuota("release", "sign", "--image", "app.bin", "--key", self.key, "--manifest",
                   "other.json")
        answer = self.ask("PUT", "/files/app.bin/manifest", (self.folder / "other.json").read_bytes())
        self.assertEqual(answer.status, 409)
        self.assertEqual(answer.content.count(b"\n"), 1)
        self.assertEqual(self.ask("GET", "/files/app.bin/manifest").content, self.manifest)

    def test_is_refused_when_it_is_none(self):
        self.publish()
        for body, status in ((b"", 400), (b"{}", 400), (b"x" * 3072, 400), (b"x" * 3073, 413)):
            with self.subTest(bytes=len(body)):
                self.assertEqual(self.put("/files/app.bin/manifest", body), status)

    def test_goes_with_the_content_that_it_is_about(self):
        self.publish()
        self.assertEqual(self.put("/files/app.bin", self.app + b"more"), 200)
        self.assertEqual(self.ask("GET", "/files/app.bin/manifest").status, 404)
        self.assertEqual(self.check(Accept=ACCEPT).content, b"app.bin")

    def test_is_offered_under_any_name(self):
        self.assertEqual(self.put("/files/a%20%C3%BC%26", self.app), 200)
        self.assertEqual(self.put("/files/a%20%C3%BC%26/manifest", self.manifest), 200)
        self.assertEqual(self.put("/devices/00001", '"00001","1.0.0","a ü&"'.encode()), 200)
        url = self.offer()["artifacts"][0]["url"]
        self.assertEqual(url, "/files/a%20%C3%BC%26")
        self.assertEqual(self.ask("GET", url).content, self.app)

    def test_keeps_its_deployment_over_a_restart_until_it_is_offered_anew(self):
        self.publish()
        before = self.offer()["deployment"]
        self.server.__exit__()
        self.server = self.start_server()
        self.assertEqual(self.offer()["deployment"], before)
        self.assertEqual(self.put("/devices/00001", '"00001","1.0.0","app.bin"'), 200)
        self.assertNotEqual(self.offer()["deployment"], before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
