"""Compares the eviction of MemoryStore with that of a reference simulator on generated traces. Run by compare-eviction."""

import os
import subprocess
import sys
import tempfile

import libcachesim
import numpy

SEED = 20261122
KEYS = 100_000
REQUESTS = 1_000_000
BELOW_BEST = 1.0
BELOW_LRU = 0.5
REFERENCES = {
    "LRU": libcachesim.LRU,
    "ARC": libcachesim.ARC,
    "S3-FIFO": libcachesim.S3FIFO,
    "SIEVE": libcachesim.Sieve,
    "W-TinyLFU": libcachesim.WTinyLFU,
}


def traces():
    """Yields the name and the key numbers of each trace."""
    random = numpy.random.default_rng(SEED)

    def zipf(exponent, count):
        """Ranks, the most popular one 0."""
        shares = numpy.cumsum(1 / numpy.arange(1, KEYS + 1) ** exponent)
        return numpy.searchsorted(shares / shares[-1], random.random(count))

    def shuffled(ranks):
        return random.permutation(KEYS)[ranks]

    def loop(length, rounds):
        return numpy.tile(numpy.arange(length), rounds)

    for exponent in (0.7, 0.9, 1.1):
        yield f"zipf {exponent}", shuffled(zipf(exponent, REQUESTS))
    # After every 40,000 requests, a scan over 10,000 keys that are not requested again.
    popular = shuffled(zipf(0.9, 800_000)).reshape(20, -1)
    scans = KEYS + numpy.arange(200_000).reshape(20, -1)
    yield "zipf and scans", numpy.concatenate([part for pair in zip(popular, scans) for part in pair])
    yield "loop", loop(50_000, 20)
    # The popular keys change every 100,000 requests.
    yield "shifting", numpy.concatenate([shuffled(zipf(0.9, 100_000)) for _ in range(10)])


def simulated(make, path, entries):
    reader = libcachesim.TraceReader(path, libcachesim.TraceType.ORACLE_GENERAL_TRACE)
    return 100 * (1 - make(entries, hashpower=18).process_trace(reader)[0])


def replayed(command, keys, entries):
    text = "\n".join(map(str, keys)) + "\n"
    output = subprocess.run(
        [command, "--entries", str(entries)], input=text, capture_output=True, text=True, check=True
    ).stdout
    return 100 * float(output.split()[-1])


def write_trace(keys, path):
    """libcachesim's oracleGeneral: time, key, size, and the next access, which none of these algorithms uses."""
    record = numpy.dtype([("time", "<u4"), ("key", "<u8"), ("size", "<u4"), ("next", "<i8")])
    trace = numpy.zeros(len(keys), record)
    trace["time"], trace["key"], trace["size"], trace["next"] = 1, keys + 1, 1, -1
    trace.tofile(path)


def main(command):
    header = ["trace", "entries", "store", *REFERENCES, "to best", "to LRU"]
    print("{:<16}{:>8}{:>8}".format(*header[:3]) + "".join(f"{name:>11}" for name in header[3:]))
    broken = 0
    for name, keys in traces():
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "trace.oracleGeneral.bin")
            write_trace(keys, path)
            for percent in (1, 10):
                entries = len(numpy.unique(keys)) * percent // 100
                ours = replayed(command, keys, entries)
                theirs = [simulated(make, path, entries) for make in REFERENCES.values()]
                to_best, to_lru = ours - max(theirs), ours - theirs[0]
                fails = to_best < -BELOW_BEST or to_lru < -BELOW_LRU
                broken += fails
                row = "".join(f"{value:>11.2f}" for value in theirs) + f"{to_best:>+11.2f}{to_lru:>+11.2f}"
                print(f"{name:<16}{entries:>8}{ours:>8.2f}{row}{'  BROKEN' if fails else ''}", flush=True)
    print(f"{broken} of the limits broken" if broken else "within all limits")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
