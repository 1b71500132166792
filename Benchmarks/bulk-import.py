#!/usr/bin/env python3
"""Measures the import of a file into the Cities example over HTTP.

    make demo   # or: swift build -c release --product cities
    Benchmarks/bulk-import.py FILE.csv.gz [--runs 3] [--server .build/release/cities] [--postgres]

FILE has the columns of cities, with gzip. The script prints

- the time from the first byte of the request to the end of the operation, against `sqlite3 .import` of the same rows into the same
  table with its indexes (limit: 2 times); with `--postgres`, for a server that was built with the trait PostgreSQL, against `\\copy` of
  psql (limit: 3 times),
- how much the peak of the server's resident memory grows during an import (limit: 64 MiB),
- the 99th percentile of the times of GET requests that are hits during imports, against an idle server (limit: 3 times).

The runs alternate, and ratios are those of medians. It requires Python 3 and sqlite3, and for `--postgres` the programs of PostgreSQL. It
exits with 1 above a limit.
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
    """The example on a free port with a database: a path, or the address of a PostgreSQL database."""

    def __init__(self, program, database):
        self.process = subprocess.Popen(
            [program, "--port", "0", "--database", database, "--log-level", "warning"],
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


class SQLite:
    """Databases of the example in a folder."""

    reference = "sqlite3 .import"
    limit = 2

    def __init__(self, program, folder):
        self.folder = folder
        self.count = 0
        path = self.database()
        Server(program, path).close()
        # Without cities, in one file.
        self.template = os.path.join(folder, "empty.sqlite")
        sql = f"PRAGMA foreign_keys = 0; DELETE FROM cities; PRAGMA wal_checkpoint(TRUNCATE); VACUUM INTO '{self.template}'"
        subprocess.run(["sqlite3", path, sql], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["sqlite3", self.template, "PRAGMA journal_mode = WAL"], check=True, stdout=subprocess.DEVNULL)

    def database(self, is_empty=False):
        """Returns a new database, which the example fills unless it is to have no cities."""
        self.count += 1
        path = os.path.join(self.folder, f"cities-{self.count}.sqlite")
        if is_empty:
            shutil.copy(self.template, path)
        return path

    def load(self, rows):
        """Returns the seconds of a load of all rows by the program of the database, and their number."""
        path = self.database(is_empty=True)
        start = time.perf_counter()
        subprocess.run(["sqlite3", path], input=f".mode csv\n.import {rows} cities\n", text=True, check=True)
        seconds = time.perf_counter() - start
        count = subprocess.run(
            ["sqlite3", path, "SELECT count(*) FROM cities"], check=True, capture_output=True, text=True)
        return seconds, int(count.stdout)

    def close(self):
        """Has nothing to end: the caller removes the folder."""


class PostgreSQL:
    """Databases of the example in a server in a folder."""

    reference = "\\copy of psql"
    limit = 3

    def __init__(self, program, folder):
        script = f"""set -e; work={folder}; source Scripts/postgres-server.sh; start_postgres >&2
            echo "$postgres_url $postgres_folder"; read -r _ || true; stop_postgres"""
        self.process = subprocess.Popen(
            ["bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().split()[0].rsplit("/", 1)[0]
        self.count = 0
        Server(program, self.database()).close()
        self.sql("cities_1", "DELETE FROM favourites; DELETE FROM cities")
        self.sql("cities_1", "VACUUM FULL")

    def sql(self, database, text):
        return subprocess.run(
            ["psql", "-qAt", "-v", "ON_ERROR_STOP=1", f"{self.address}/{database}"], input=text + ";\n", check=True,
            capture_output=True, text=True).stdout

    def database(self, is_empty=False):
        """Returns a new database, which the example fills unless it is to have no cities."""
        self.count += 1
        template = "TEMPLATE cities_1" if is_empty else ""
        self.sql("postgres", f"CREATE DATABASE cities_{self.count} {template}")
        self.sql("postgres", "CHECKPOINT")
        return f"{self.address}/cities_{self.count}"

    def load(self, rows):
        """Returns the seconds of a load of all rows by the program of the database, and their number."""
        name = self.database(is_empty=True).rsplit("/", 1)[1]
        start = time.perf_counter()
        self.sql(name, f"\\copy cities FROM '{rows}' CSV\n")
        seconds = time.perf_counter() - start
        return seconds, int(self.sql(name, "SELECT count(*) FROM cities"))

    def close(self):
        """Ends the server."""
        self.process.communicate("\n")


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--server", default=".build/release/cities")
    parser.add_argument("--postgres", action="store_true")
    options = parser.parse_args()
    with open(options.file, "rb") as file:
        data = file.read()
    folder = tempfile.mkdtemp()
    is_within = True

    def report(what, value, limit, unit):
        nonlocal is_within
        is_within = is_within and value <= limit
        print(f"{what}: {value:.2f}{unit} (limit {limit:g}{unit}){'' if value <= limit else '  ABOVE THE LIMIT'}")

    databases = (PostgreSQL if options.postgres else SQLite)(options.server, folder)
    try:
        rows = rows_of_table(options.file, folder)
        imports, references, growths = [], [], []
        for _ in range(options.runs):
            server = Server(options.server, databases.database(is_empty=True))
            before = server.memory("VmHWM")
            seconds, count = server.import_file(data)
            growths.append(server.memory("VmHWM") - before)
            server.close()
            imports.append(seconds)
            reference, all_rows = databases.load(rows)
            references.append(reference)
            print(
                f"{count} rows over HTTP {seconds:.2f} s, {all_rows} rows with {databases.reference} {reference:.2f} s",
                flush=True)
        report("time", statistics.median(imports) / statistics.median(references), databases.limit, " times")
        report("growth of memory", statistics.median(growths), 64, " MiB")

        for name, target in TARGETS.items():
            idle, busy, missed = [], [], []
            for _ in range(options.runs):
                server = Server(options.server, databases.database())
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
        databases.close()
        shutil.rmtree(folder)
    sys.exit(0 if is_within else 1)


main()
