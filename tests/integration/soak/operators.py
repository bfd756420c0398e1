"""What operators and a few devices of theirs do to the server while fleets load it.

Each operation is one or a few requests, whose answers are known beforehand: nobody else touches what they
are about. Some are commands beside the server, or signals to it.
"""

import base64
import collections
import http.client
import json
import secrets
import shutil
import signal
import subprocess
import time

from client import Client, WrongAnswer, basic, expect
from processes import BIN, LIMIT_S, PASSWORD, USER
from served_certificate import install_certificate
from signed_images import images

DEVICES = [f"operated-{number:03d}" for number in range(20)]
FILES = [f"release-{number}.bin" for number in range(6)]
#: The file that the rows of the fleet that downloads point at.
FLEET_FILE = "fleet.bin"
ADMIN = "anna"
ADMIN_PASSWORD = "of all the admins"
OTHER_ACCOUNT = "otto"
STREAM = "00f1e2d3c4b5a697"
CHUNK_BYTES = 30_000


class Operators:
    """Does what MIX says, and knows what the server must have of it."""

    def __init__(self, server, context, folder, rng):
        self.server = server
        self.client = Client(server.port, context)
        self.folder = folder
        self.random = rng
        self.images = images(folder)
        self.counts = collections.Counter()
        self.entries = 0  #: What the server keeps by design of what was done: an upper bound.
        self.rows = {}
        self.files = {}
        self.manifests = {}
        self.reported = collections.Counter()
        self.tokens = {}
        self.audited = 0
        self.certificate = 0
        self.people = [basic(USER, PASSWORD), basic(ADMIN, ADMIN_PASSWORD)]
        self.callers = list(self.people)  #: And a pipeline's token, soon.

    # -- Who asks, and what there must be first

    def set_up(self, fleet_devices, downloaders):
        """Accounts, and what the fleets need: rows, tokens and a file. The lines of a file of tokens."""
        subprocess.run([BIN / "fuota-server", "user", "add", ADMIN, "--role", "admin", "--data-dir",
                        self.server.data], input=ADMIN_PASSWORD + "\n", text=True, check=True,
                       stdout=subprocess.DEVNULL, timeout=LIMIT_S)
        token = self.client.ask_json("POST", "/api/v1/tokens", {"label": "pipeline", "role": "admin"},
                                     201, basic(ADMIN, ADMIN_PASSWORD))["token"]
        self.callers.append("Bearer " + token)
        self.replace_fleet_file()
        for device in fleet_devices:
            self.client.ask("PUT", f"/devices/{device}", _row(device, "0.9.0", FLEET_FILE))
        for device in downloaders:
            self.client.ask("PUT", f"/devices/{device}", _row(device, "1.0.0", FLEET_FILE))
        return [f"{device},{self._new_token(device)}" for device in (*fleet_devices, *downloaders)]

    def _new_token(self, device):
        return self.client.ask_json("PUT", f"/api/v1/devices/{device}/credential", {})["token"]

    def _ask(self, *arguments, **options):
        return self.client.ask(*arguments, authorization=self.random.choice(self.callers), **options)

    def _ask_json(self, *arguments, **options):
        return self.client.ask_json(*arguments, authorization=self.random.choice(self.callers),
                                    **options)

    # -- Rows

    def put_row(self):
        """A row of a device, which may be new."""
        device = self.random.choice(DEVICES)
        file = self.random.choice(FILES)
        self.rows[device] = row = _row(device, f"0.1.{self.random.randrange(3)}", file)
        self._ask("PUT", f"/devices/{device}", row)

    def remove_row(self):
        """A row goes, and its history."""
        device = self.random.choice(DEVICES)
        there = self.rows.pop(device, None) is not None
        self.reported.pop(device, None)
        self._ask("DELETE", f"/devices/{device}", status=200 if there else 404)

    def list_rows(self):
        """All rows are read, and those of ours are all there."""
        listed = self._ask("GET", "/devices").splitlines(keepends=True)
        ours = [line for line in listed if line.startswith(b'"operated-')]
        expect(ours == [self.rows[device] for device in sorted(self.rows)], "other rows are listed")

    # -- Files and manifests

    def put_file(self):
        """An upload, with its length or in chunks."""
        name, image = self.random.choice(FILES), self.random.choice(self.images)
        if self.random.random() < 0.5:
            self._ask("PUT", f"/files/{name}", body=image.content)
        else:
            chunks = (image.content[at:at + CHUNK_BYTES]
                      for at in range(0, len(image.content), CHUNK_BYTES))
            self._ask("PUT", f"/files/{name}", body=chunks, fields=[("Transfer-Encoding", "chunked")])
        if self.files.get(name) is not image:
            self.manifests.pop(name, None)
        self.files[name] = image

    def remove_file(self):
        """A file goes, unless a row points at it."""
        name = self.random.choice(FILES)
        status = 200
        if name not in self.files:
            status = 404
        elif any(name.encode() in row for row in self.rows.values()):
            status = 409
        self._ask("DELETE", f"/files/{name}", status=status)
        if status == 200:
            del self.files[name]
            self.manifests.pop(name, None)

    def get_file(self):
        """A download is what was put."""
        name = self.random.choice(FILES)
        if name in self.files:
            expect(self._ask("GET", f"/files/{name}") == self.files[name].content,
                   f"another {name} is downloaded")
        else:
            self._ask("GET", f"/files/{name}", status=404)

    def put_manifest(self):
        """A manifest, of the file's content or of another one."""
        name, image = self.random.choice(FILES), self.random.choice(self.images)
        if self.random.random() < 0.7:
            image = self.files.get(name, image)
        status = 404 if name not in self.files else 200 if self.files[name] is image else 409
        self._ask("PUT", f"/files/{name}/manifest", body=image.manifest, status=status)
        if status == 200:
            self.manifests[name] = image.manifest

    def get_manifest(self):
        """A manifest is what was put."""
        name = self.random.choice(FILES)
        if name in self.manifests:
            expect(self._ask("GET", f"/files/{name}/manifest") == self.manifests[name],
                   f"another manifest of {name}")
        else:
            self._ask("GET", f"/files/{name}/manifest", status=404)

    def replace_fleet_file(self):
        """What a fleet is downloading is replaced: downloads in progress end with the old content."""
        image = self.random.choice(self.images[-2:])
        self._ask("PUT", f"/files/{FLEET_FILE}", body=image.content)
        self._ask("PUT", f"/files/{FLEET_FILE}/manifest", body=image.manifest)

    # -- Devices

    def report(self):
        """A device tells how its update goes, the shared user's password in its hand."""
        device = self.random.choice(DEVICES)
        body = json.dumps({"stream": STREAM, "sequence": self.reported[device] + 1,
                           "state": "downloading", "deployment": "d", "version": "1",
                           "image": "a" * 64}).encode()
        there = device in self.rows
        self.client.ask("POST", f"/devices/{device}/reports", body, status=204 if there else 404)
        if there:
            self.reported[device] += 1

    def read_history(self):
        """The newest events of a device are those that it has reported."""
        device = self.random.choice(DEVICES)
        path = f"/api/v1/devices/{device}/history?limit=10"
        if device not in self.rows:
            self._ask("GET", path, status=404)
            return
        sequences = [event["sequence"] for event in self._ask_json("GET", path)["events"]]
        last = self.reported[device]
        expect(sequences == list(range(last, max(0, last - 10), -1)), f"another history of {device}")

    def provision(self):
        """A device gets a token from its operator, and is known by it."""
        device = self.random.choice(DEVICES)
        self.tokens[device] = self._new_token(device)
        self._know_by_token(device)

    def block(self):
        """A device is blocked, and then isn't."""
        device = self.random.choice(DEVICES)
        path = f"/api/v1/devices/{device}/credential"
        for blocked in (True, False):
            expect(self._ask_json("PUT", path, members={"blocked": blocked})["blocked"] is blocked,
                   f"{device} is not blocked, or still is")
            if device in self.tokens:
                self._know_by_token(device, status=403 if blocked else 200)

    def enrol(self):
        """A fleet key is made, a device enrols with it, and it goes."""
        person = self.random.choice(self.people)
        key = self.client.ask_json("POST", "/api/v1/fleet-keys", {"label": "soak", "enrolments_max": 1},
                                   201, person)
        device = self.random.choice(DEVICES)
        if self.tokens.pop(device, None):
            self._ask("DELETE", f"/api/v1/devices/{device}/credential")
        token = "fud_" + base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
        for _ in range(2):  # The answer may have been lost.
            self.client.ask("POST", f"/devices/{device}/enrolment", token.encode(), 204,
                            basic(device, key["key"]))
        self.tokens[device] = token
        self._know_by_token(device)
        self.client.ask("DELETE", f"/api/v1/fleet-keys/{key['id']}", authorization=person)

    def _know_by_token(self, device, status=200):
        self.client.ask("GET", "/api/v1/whoami", status=status,
                        authorization=basic(device, self.tokens[device]))

    # -- Accounts, tokens and the audit log

    def cycle_token(self):
        """A token is made, passes, and is removed; the lists have it meanwhile."""
        admin = basic(ADMIN, ADMIN_PASSWORD)
        made = self.client.ask_json("POST", "/api/v1/tokens",
                                    {"label": "soak", "role": "viewer", "expires_in_s": 3600}, 201, admin)
        self.client.ask("GET", "/api/v1/whoami", authorization="Bearer " + made["token"])
        listed = self._ask_json("GET", "/api/v1/tokens")["tokens"]
        expect(made["id"] in [token["id"] for token in listed], "a token isn't listed")
        self.client.ask("DELETE", f"/api/v1/tokens/{made['id']}", authorization=admin)
        self.client.ask("GET", "/api/v1/whoami", status=403, authorization="Bearer " + made["token"])

    def cycle_account(self):
        """An account is made, logs in, gets another password, and goes: four hashes."""
        path = f"/api/v1/accounts/{OTHER_ACCOUNT}"
        person = self.random.choice(self.people)
        for password in ("the first of two", "the second of two"):
            members = {"role": "operator", "password": password}
            self.client.ask_json("PUT", path, members, authorization=person)
            self.client.ask("GET", "/api/v1/whoami", authorization=basic(OTHER_ACCOUNT, password))
        self.client.ask("DELETE", path, authorization=person)

    def read_audit(self):
        """Some pages of the audit log, newest first, and never less than before."""
        page = self._ask_json("GET", "/api/v1/audit?limit=50")
        numbers = [entry["number"] for entry in page["entries"]]
        for _ in range(2):
            if page["next"] is None:
                break
            page = self._ask_json("GET", f"/api/v1/audit?limit=50&before={page['next']}")
            numbers += [entry["number"] for entry in page["entries"]]
        expect(numbers == sorted(set(numbers), reverse=True), "the audit log is out of order")
        expect(numbers[0] >= self.audited, "the audit log has become shorter")
        self.audited = numbers[0]

    # -- Beside the server

    def back_up(self):
        """A backup, which is whole."""
        folder = self.folder / "backup"
        for arguments in (("backup", "--data-dir", self.server.data, "--to", folder),
                          ("check", "--data-dir", folder)):
            done = subprocess.run([BIN / "fuota-server", *arguments], text=True, capture_output=True,
                                  timeout=LIMIT_S, check=False)
            expect(done.returncode == 0, f"fuota-server {arguments[0]}: {done.stdout}{done.stderr}")
        shutil.rmtree(folder)

    def reload_certificate(self):
        """The other certificate is put in place, and the server is told, or finds out."""
        self.certificate = 1 - self.certificate
        install_certificate(self.folder, self.certificate)
        if self.random.random() < 0.5:
            self.server.process.send_signal(signal.SIGHUP)

    # -- All of it

    def do_something(self):
        """One operation of MIX, by its weight."""
        names, weights = zip(*MIX.items())
        name = self.random.choices(names, weights)[0]
        self.counts[name] += 1
        self.entries += ENTRIES.get(name, 1)
        getattr(self, name)()

    def run(self, per_second, stopped, complaints):
        """That many operations a second, until the event `stopped`."""
        due = time.monotonic()
        while not stopped.wait(max(0.0, due - time.monotonic())):
            due = max(due + 1 / per_second, time.monotonic() - 1)
            try:
                self.do_something()
            except (WrongAnswer, OSError, http.client.HTTPException, KeyError, ValueError) as error:
                complaints.add(f"operators: {error!r}")
                self.client.close()
        self.client.close()


#: How often each operation is done, compared with others.
MIX = {
    "put_row": 60, "remove_row": 10, "list_rows": 10, "put_file": 40, "remove_file": 15,
    "get_file": 40, "put_manifest": 30, "get_manifest": 20, "replace_fleet_file": 5, "report": 60,
    "read_history": 30, "provision": 20, "block": 10, "enrol": 20, "cycle_token": 20,
    "cycle_account": 1, "read_audit": 20, "back_up": 3, "reload_certificate": 5,
}

#: What an operation leaves behind for good at most, in entries of the audit log and events of devices,
#: where that isn't one.
ENTRIES = {"list_rows": 0, "get_file": 0, "get_manifest": 0, "replace_fleet_file": 2,
           "read_history": 0, "block": 2, "enrol": 4, "cycle_token": 2, "cycle_account": 3,
           "read_audit": 0, "back_up": 0, "reload_certificate": 0}


def _row(device, version, file):
    return f'"{device}","{version}","{file}"\n'.encode()
