"""Reads a city through a CacheControl session, with updates in between, and prints one result per line.

Usage: cachecontrol-session.py URL
"""

import sys

import requests
from cachecontrol import CacheControl, CacheControlAdapter

LIMIT = 20
url = sys.argv[1]
statuses = []


class RecordingAdapter(CacheControlAdapter):
    """The session reports a validated response as 200; only the adapter sees the status that the server sent."""

    def build_response(self, request, response, from_cache=False, *arguments, **options):
        if not from_cache:
            statuses.append(response.status)
        return super().build_response(request, response, from_cache, *arguments, **options)


def read(name):
    statuses.clear()
    response = session.get(url, timeout=LIMIT)
    print(f"{name}.status {response.status_code}")
    print(f"{name}.wire {' '.join(map(str, statuses))}")
    print(f"{name}.from_cache {response.from_cache}")
    print(f"{name}.coding {response.headers.get('Content-Encoding', 'none')}")
    print(f"{name}.tag {response.headers['ETag']}")
    print(f"{name}.population {response.json()['population']}")
    return response


def update(client, name, tag, population):
    response = client.patch(url, json={"population": population}, headers={"If-Match": tag}, timeout=LIMIT)
    print(f"{name}.status {response.status_code}")


# Ignores proxies and .netrc of this machine.
plain = requests.Session()
plain.trust_env = False
session = requests.Session()
session.trust_env = False
session = CacheControl(session, adapter_class=RecordingAdapter)

first = read("first")
second = read("second")
print(f"second.equal {first.content == second.content}")

update(session, "update", second.headers["ETag"], 2000001)
third = read("third")
update(session, "late_update", second.headers["ETag"], 2000002)

# The session invalidates resources that it updates. Updates by other clients require validation.
read("fourth")
update(plain, "other_update", third.headers["ETag"], 2000003)
read("fifth")
