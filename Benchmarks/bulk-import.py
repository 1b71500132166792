#!/usr/bin/env python3
"""Measures the import of a file into the Cities example over HTTP.

    make demo   # or: swift build -c release --product cities
    Benchmarks/bulk-import.py FILE.csv.gz [--runs 3] [--server .build/release/cities]

FILE has the columns of cities, with gzip. The script prints

- the time from the first byte of the request to the end of the operation, against `sqlite3 .import` of the same rows into the same
  table with its indexes (limit: 2 times),
- how much the peak of the server's resident memory grows during an import (limit: 64 MiB),
- the 99th percentile of the times of GET requests that are hits during imports, against an idle server (limit: 3 times).

The runs alternate, and ratios are those of medians. It requires Python 3 and sqlite3, and exits with 1 above a limit.
"""

import argparse
import gzip
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TOKEN = {"Authorization": "Bearer alice-secret"}
# Each chunk invalidates them: one request after it is a miss.
TARGETS = {"list": "/cities?country_code=DE&page_size=20", "city": "/cities/2950159", "country": "/countries/DE"}


class Server:
    """The example on a free port, with a copy of a database."""

    def __init__(self, program, template=None):
        self.folder = tempfile.mkdtemp()
        self.database = os.path.join(self.folder, "cities.sqlite")
        if template:
            shutil.copy(template, self.database)
        self.process = subprocess.Popen(
            [program, "--port", "0", "--database", self.database, "--log-level", "warning"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        self.address = line.strip().rsplit("//", 1)[1]

    def connection(self):
        return http.client.HTTPConnection(self.address, timeout=120)

    def memory(self, name):
        with open(f"/proc/{self.process.pid}/status", encoding="utf-8") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith(name))

    def import_file(self, data):
        """Returns the seconds until the end of the operation, and the number of rows."""
        connection = self.connection()
        fields = {**TOKEN, "Content-Type": "text/csv", "Content-Encoding": "gzip", "Prefer": "wait=60"}
        start = time.perf_counter()
        connection.request("PATCH", "/cities/operations?unique_fields=id", data, fields)
        body = json.loads(connection.getresponse().read())
        seconds = time.perf_counter() - start
        if body.get("state") != "SUCCESS":
            sys.exit(f"the import failed: {body}")
        return seconds, body["result"]["success_count"]

    def close(self):
        self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder)


def latencies(server, target, until):
    """Returns the milliseconds of hits and those of misses, one after the other with a pause of a millisecond, until a condition."""
    connection = server.connection()
    times = {True: [], False: []}
    while not until():
        start = time.perf_counter()
        connection.request("GET", target)
        response = connection.getresponse()
        response.read()
        milliseconds = (time.perf_counter() - start) * 1000
        times["hit" in response.getheader("Cache-Status", "")].append(milliseconds)
        if response.status != 200:
            sys.exit(f"{target}: status {response.status}")
        time.sleep(0.001)
    connection.close()
    return times[True], times[False]


def percentile(times, share):
    return sorted(times)[min(int(len(times) * share), len(times) - 1)]


def empty_database(program, folder):
    """Creates the database of the example without cities, in one file."""
    server = Server(program)
    server.process.terminate()
    server.process.wait()
    path = os.path.join(folder, "empty.sqlite")
    sql = f"PRAGMA foreign_keys = 0; DELETE FROM cities; PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '{path}'"
    subprocess.run(["sqlite3", server.database, sql], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["sqlite3", path, "PRAGMA journal_mode = WAL"], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(server.folder)
    return path


def rows_of_table(packed, folder):
    """Writes the rows as a file with all columns of the table in their order."""
    source, path = os.path.join(folder, "source.csv"), os.path.join(folder, "rows.csv")
    with gzip.open(packed) as file, open(source, "wb") as output:
        shutil.copyfileobj(file, output)
    script = f""".mode csv
.import {source} source
.once {path}
SELECT id, name, lower(name), country_code, admin1_code, population, latitude, longitude, timezone, 1 FROM source;
"""
    subprocess.run(["sqlite3", ":memory:"], input=script, text=True, check=True)
    return path


def sqlite_import(template, rows, folder):
    database = os.path.join(folder, "imported.sqlite")
    shutil.copy(template, database)
    script = f".mode csv\n.import {rows} cities\n"
    start = time.perf_counter()
    subprocess.run(["sqlite3", database], input=script, text=True, check=True)
    seconds = time.perf_counter() - start
    count = subprocess.run(["sqlite3", database, "SELECT count(*) FROM cities"], check=True, capture_output=True, text=True)
    for suffix in ("", "-wal", "-shm"):
        if os.path.exists(database + suffix):
            os.remove(database + suffix)
    return seconds, int(count.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--server", default=".build/release/cities")
    options = parser.parse_args()
    with open(options.file, "rb") as file:
        data = file.read()
    folder = tempfile.mkdtemp()
    is_within = True

    def report(what, value, limit, unit):
        nonlocal is_within
        is_within = is_within and value <= limit
        print(f"{what}: {value:.2f}{unit} (limit {limit:g}{unit}){'' if value <= limit else '  ABOVE THE LIMIT'}")

    try:
        template = empty_database(options.server, folder)
        rows = rows_of_table(options.file, folder)
        imports, references, growths = [], [], []
        for _ in range(options.runs):
            server = Server(options.server, template)
            before = server.memory("VmHWM")
            seconds, count = server.import_file(data)
            growths.append(server.memory("VmHWM") - before)
            server.close()
            imports.append(seconds)
            reference, all_rows = sqlite_import(template, rows, folder)
            references.append(reference)
            print(f"{count} rows over HTTP {seconds:.2f} s, {all_rows} rows with sqlite3 .import {reference:.2f} s", flush=True)
        report("time", statistics.median(imports) / statistics.median(references), 2, " times")
        report("growth of memory", statistics.median(growths), 64, " MiB")

        for name, target in TARGETS.items():
            idle, busy, missed = [], [], []
            for _ in range(options.runs):
                server = Server(options.server)
                latencies(server, target, lambda end=time.monotonic() + 0.3: time.monotonic() > end)
                idle += latencies(server, target, lambda end=time.monotonic() + 3: time.monotonic() > end)[0]
                thread = threading.Thread(target=server.import_file, args=(data,))
                thread.start()
                hits, misses = latencies(server, target, lambda: not thread.is_alive())
                busy += hits
                missed += misses
                server.close()
            print(
                f"GET of a {name}: median {statistics.median(idle):.2f} ms idle, {statistics.median(busy):.2f} ms during imports;"
                f" 99th percentile {percentile(idle, 0.99):.2f} ms idle, {percentile(busy, 0.99):.2f} ms during imports,"
                f" with {len(missed)} misses of {len(busy) + len(missed)} requests, median {statistics.median(missed or [0]):.2f} ms")
            report(f"99th percentile, {name}", percentile(busy, 0.99) / percentile(idle, 0.99), 3, " times")
    finally:
        shutil.rmtree(folder)
    sys.exit(0 if is_within else 1)


main()
