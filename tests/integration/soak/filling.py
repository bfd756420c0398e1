"""A database that is larger than what is kept of it in memory.

Each of the server's connections to the database keeps up to 2 MB of the pages that it has read. In a small
database these grow with it for hours, which looks like a leak that is small.
"""

import sqlite3

from processes import Server

#: Which of the server's threads answers is chance; so many lists come to all of them.
LISTS = 20


def fill(data, count):
    """Makes the data directory `data`, with the rows of `count` devices that never come."""
    with Server(data):
        pass  # It makes the schema.
    database = sqlite3.connect(data / "fuota.db")
    database.execute("PRAGMA synchronous = OFF")
    with database:
        database.executemany(
            "INSERT INTO device (id, version, file, assignment) VALUES (?, ?, ?, randomblob(16))",
            ((f"known-{number:06d}", "1.0.0", "fleet.bin") for number in range(count)))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def read_all(client):
    """Reads all rows, by as many connections of the server to its database as there may be."""
    for _ in range(LISTS):
        client.ask("GET", "/devices")
        client.close()
