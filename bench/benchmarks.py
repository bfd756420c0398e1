"""The benchmarks: a table, and how a row of it is run."""

import contextlib
import dataclasses
import statistics
import typing

import measure
import servers

#: Connections that the memory of an idle one is told by.
IDLE = 5000
#: Rows that are asked for where the database grows.
ASKED = 1000
CHECK = ("--app-version", "0.0.0")


@dataclasses.dataclass(frozen=True)
class Benchmark:
    name: str
    what: str
    measure: str          # "cpu" in µs per operation, or "memory" in KB per connection
    ours: typing.Callable  # folder -> server
    peer: typing.Callable  # folder, ours -> server
    flags: tuple           # of the load tool
    operations: int
    target: float
    peer_flags: tuple | None = None       # where the peer's load is another one
    peer_operations: int | None = None
    downloads: bool = False
    #: Measured over and above what the first contacts of all devices take.
    without_first: int = 0


@dataclasses.dataclass
class Result:
    benchmark: Benchmark
    ours: list = dataclasses.field(default_factory=list)
    peer: list = dataclasses.field(default_factory=list)
    failure: str = ""

    @property
    def ours_median(self):
        return statistics.median(self.ours)

    @property
    def peer_median(self):
        return statistics.median(self.peer)

    @property
    def ratio(self):
        return measure.ratio_of(self.ours, self.peer)

    @property
    def verdict(self):
        return measure.verdict(self.ratio, self.benchmark.target)


def ours(folder):
    return servers.Fuota(folder / "fuota")


def nginx(folder, _ours):
    return servers.Nginx(folder / "nginx", _ours)


def original(folder, _ours):
    return servers.Original(folder / "original", _ours)


def same(_folder, _ours):
    """Our own server, once more."""
    return _ours


def with_rows(rows):
    return lambda folder: servers.Fuota(folder / f"rows-{rows}",
                                        servers.devices_among(rows, ASKED))


def thousand_rows(folder, _ours):
    return with_rows(1000)(folder)


FULL = ("--mode", "full", "--devices", "1000", "--concurrency", "16", *CHECK)
TLS12 = ("--tls", "1.2")
TLS13 = ("--tls", "1.3")
RESUMED = ("--mode", "resumed", "--devices", "16", "--concurrency", "16", *CHECK, *TLS12)
KEPT = ("--mode", "keep-alive", "--devices", "16", "--concurrency", "16", *CHECK)
DOWNLOAD = ("--mode", "keep-alive", "--devices", "4", "--concurrency", "4", "--file", servers.FILE)
DOWNLOAD_ANEW = ("--mode", "full", "--devices", "4", "--concurrency", "4", "--file", servers.FILE)
GROWN = ("--devices", str(ASKED), "--concurrency", "16", *CHECK)
GROWN_FULL = ("--mode", "full", *GROWN, *TLS13)
GROWN_KEPT = ("--mode", "keep-alive", *GROWN)

ALL = [
    Benchmark("handshake", "check with a full TLS 1.3 handshake, against nginx's static 204",
              "cpu", ours, nginx, FULL + TLS13, 4000, 1.0),
    Benchmark("handshake-tls12", "the same with TLS 1.2", "cpu", ours, nginx, FULL + TLS12, 4000,
              1.0),
    Benchmark("resumed", "check with a resumed TLS 1.2 session, against nginx's static 204", "cpu",
              ours, nginx, RESUMED, 8000, 1.0),
    Benchmark("resumed-of-full", "ours: resumed TLS 1.2 session against a full handshake of it",
              "cpu", ours, same, RESUMED, 8000, 0.45, FULL + TLS12, 4000),
    Benchmark("keep-alive", "check on a kept connection, against nginx's static 204", "cpu", ours,
              nginx, KEPT, 60000, 1.1),
    Benchmark("download", "download of 1 MiB on a kept connection, against nginx's static file",
              "cpu", ours, nginx, DOWNLOAD, 1000, 1.0, downloads=True),
    Benchmark("idle-memory", f"memory per idle TLS connection, of {IDLE}, against nginx", "memory",
              ours, nginx, ("--devices", str(IDLE), "--concurrency", "32", *CHECK), IDLE, 1.0),
    Benchmark("growth-100k", "check with a full handshake, 100,000 device rows against 1,000", "cpu",
              with_rows(100_000), thousand_rows, GROWN_FULL, 4000, 1.2),
    Benchmark("growth-100k-kept", "check on a kept connection, 100,000 device rows against 1,000",
              "cpu", with_rows(100_000), thousand_rows, GROWN_KEPT, 41000, 1.2, without_first=1000),
    Benchmark("growth-1m", "check with a full handshake, 1,000,000 device rows against 1,000", "cpu",
              with_rows(1_000_000), thousand_rows, GROWN_FULL, 4000, 1.2),
    Benchmark("growth-1m-kept", "check on a kept connection, 1,000,000 device rows against 1,000",
              "cpu", with_rows(1_000_000), thousand_rows, GROWN_KEPT, 41000, 1.2,
              without_first=1000),
    Benchmark("handshake-original", "as handshake, against the behaviour of the original server",
              "cpu", ours, original, FULL + TLS13, 1500, 0.5),
    Benchmark("resumed-original", "as resumed, against the behaviour of the original server", "cpu",
              ours, original, RESUMED, 1500, 0.5),
    Benchmark("download-original", "download of 1 MiB with a full handshake, against the behaviour"
              " of the original server", "cpu", ours, original, DOWNLOAD_ANEW, 300, 0.5,
              downloads=True),
]
BY_NAME = {benchmark.name: benchmark for benchmark in ALL}


def cpu_of_load(benchmark, load, server, flags, operations):
    """CPU time of the server for a load, in nanoseconds."""
    before = measure.cpu_ns(server.pids())
    counted = load.run(server, [*flags, "--checks", str(operations)])
    used = measure.cpu_ns(server.pids()) - before
    done = counted["downloads" if benchmark.downloads else "checks"]
    if done != operations:
        raise measure.MeasureError(f"{done} operations of {operations} were made on {server.name}")
    expected = "200" if benchmark.downloads else "204"
    if set(counted["statuses"]) != {expected}:
        raise measure.MeasureError(f"{server.name} answered {counted['statuses']}")
    return used


def cpu_per_operation_us(benchmark, load, server, flags, operations):
    first = benchmark.without_first
    used = cpu_of_load(benchmark, load, server, flags, operations)
    if first:
        used -= cpu_of_load(benchmark, load, server, flags, first)
    return used / (operations - first) / 1000


def memory_per_connection_kb(load, server, flags):
    before = measure.proportional_memory_bytes(server.pids())
    with load.holding(server, flags, IDLE):
        held = measure.proportional_memory_bytes(server.pids())
    return (held - before) / IDLE / 1000


def run_cpu(benchmark, folder, runs, result):
    with contextlib.ExitStack() as stack:
        mine = benchmark.ours(folder)
        stack.callback(mine.stop)
        peer = benchmark.peer(folder, mine)
        if peer is not mine:
            stack.callback(peer.stop)
        sides = [(mine, benchmark.flags, benchmark.operations, result.ours),
                 (peer, benchmark.peer_flags or benchmark.flags,
                  benchmark.peer_operations or benchmark.operations, result.peer)]
        loads = [servers.Load(folder, getattr(server, "certificate", mine.certificate))
                 for server, *_ in sides]
        for number in range(runs + 1):
            # Who goes first changes, so that nothing that drifts favours one of them.
            order = (0, 1) if number % 2 == 0 else (1, 0)
            for index in order:
                server, flags, operations, samples = sides[index]
                used = cpu_per_operation_us(benchmark, loads[index], server, flags, operations)
                if number > 0:  # The first one warms up.
                    samples.append(used)


def run_memory(benchmark, folder, runs, result):
    """Each run has servers that are new: what was freed may stay with a process."""
    for number in range(runs):
        with contextlib.ExitStack() as stack:
            mine = benchmark.ours(folder)
            stack.callback(mine.stop)
            peer = benchmark.peer(folder, mine)
            stack.callback(peer.stop)
            load = servers.Load(folder, mine.certificate)
            # A handshake before counts what is made once, by whoever comes first.
            for server in (mine, peer):
                load.run(server, ["--devices", "1", "--checks", "1", *CHECK])
            sides = [(mine, result.ours), (peer, result.peer)]
            for server, samples in sides if number % 2 == 0 else reversed(sides):
                samples.append(memory_per_connection_kb(load, server, benchmark.flags))


def run(benchmark, folder, runs):
    result = Result(benchmark)
    try:
        (run_memory if benchmark.measure == "memory" else run_cpu)(benchmark, folder, runs, result)
    except (measure.MeasureError, OSError) as error:
        result.failure = str(error)
    return result
