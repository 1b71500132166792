"""Prints the requests for a target in Chromium's net log, one fact per line.

Usage: net-log.py FILE TARGET
"""

import json
import sys

path, target = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    log = json.load(file)
types = log["constants"]["logEventTypes"]
sent = types["HTTP_TRANSACTION_SEND_REQUEST_HEADERS"]
received = types["HTTP_TRANSACTION_READ_RESPONSE_HEADERS"]


def fields(event):
    pairs = (line.partition(":") for line in event["params"]["headers"])
    return {name.lower(): value.strip() for name, _, value in pairs}


sources = set()
for event in log["events"]:
    source = event["source"]["id"]
    if event["type"] == sent and event["params"]["line"].split()[:2] == ["GET", target]:
        sources.add(source)
        print(f"if_none_match {fields(event).get('if-none-match', 'none')}")
    elif event["type"] == received and source in sources:
        print(f"status {event['params']['headers'][0].split()[1]}")
        print(f"coding {fields(event).get('content-encoding', 'none')}")
        print(f"tag {fields(event).get('etag', 'none')}")
print(f"requests {len(sources)}")
