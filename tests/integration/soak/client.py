"""Asks the server, and knows what it must answer."""

import base64
import http.client
import json

from processes import LIMIT_S, PASSWORD, USER

#: A connection carries so many requests.
REQUESTS_PER_CONNECTION = 25


def basic(name, secret):
    """The Authorization field of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode()).decode()


class WrongAnswer(Exception):
    """An answer that isn't the one that was due."""


class Client:
    """Asks the server, on a connection that it makes anew now and then."""

    def __init__(self, port, context):
        self._port = port
        self._context = context
        self._connection = None
        self._left = 0

    def ask(self, method, path, body=None, status=200, authorization=None, fields=()):
        """The body of the answer, which must have this status."""
        if self._left == 0:
            self.close()
            self._connection = http.client.HTTPSConnection("127.0.0.1", self._port, timeout=LIMIT_S,
                                                           context=self._context)
            self._left = REQUESTS_PER_CONNECTION
        self._left -= 1
        self._connection.request(method, path, body, {
            "Authorization": authorization or basic(USER, PASSWORD), **dict(fields)},
            encode_chunked=("Transfer-Encoding", "chunked") in fields)
        answer = self._connection.getresponse()
        text = answer.read()
        if answer.status != status:
            raise WrongAnswer(f"{method} {path}: {answer.status} instead of {status}: {text[:200]!r}")
        return text

    def ask_json(self, method, path, members=None, status=200, authorization=None):
        """The same for JSON there and back."""
        body = None if members is None else json.dumps(members).encode()
        return json.loads(self.ask(method, path, body, status, authorization))

    def close(self):
        """Ends the connection."""
        self._left = 0
        if self._connection is not None:
            self._connection.close()


def expect(condition, what):
    """Something that was read is as it must be."""
    if not condition:
        raise WrongAnswer(what)
