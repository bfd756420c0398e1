"""A database that is larger than what is kept of it in memory.

Each of the server's connections to the database keeps up to 2 MB of the pages that it has read or written.
In a small database these grow with it for hours, which looks like a leak that is small.
"""

import sqlite3

from fleets import Fleet
from processes import Server

#: Which of the server's threads answers is chance; so many lists come to all of them.
LISTS = 20
#: Ids so long that the contacts of 30,000 devices take more pages than the connection that writes keeps.
ID_FORMAT = "a-device-that-asks-only-once-%06d"
FILL_S = 300


def fill(data, count):
    """Makes the data directory `data`, with the rows of `count` devices."""
    with Server(data):
        pass  # It makes the schema.
    database = sqlite3.connect(data / "fuota.db")
    database.execute("PRAGMA synchronous = OFF")
    with database:
        database.executemany(
            "INSERT INTO device (id, version, file, assignment) VALUES (?, ?, ?, randomblob(16))",
            ((ID_FORMAT % number, "1.0.0", "fleet.bin") for number in range(count)))
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def check_once(folder, count):
    """The fleet of these devices: each checks once, and its contact is written."""
    return Fleet("once", folder, ["--devices", count, "--first", 0, "--id-format", ID_FORMAT, "--checks", count,
                                  "--app-version", "1.0.0"])


def read_all(client):
    """Reads all rows, by as many connections of the server to its database as there may be."""
    for _ in range(LISTS):
        client.ask("GET", "/devices")
        client.close()
