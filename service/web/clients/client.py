"""Asks every question on a terminal, and says where to go: python3 client.py https://wegwijzer.example.nl"""

import gzip
import json
import sys
import urllib.request


def refer(body):
    """One answer of the service: an answer in `body` is in no address and no log."""
    headers = {"Content-Type": "application/json", "Accept-Encoding": "gzip"}
    asked = urllib.request.Request(f"{sys.argv[1]}/api/v1/referrals", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(asked, timeout=30) as response:
        return json.loads(gzip.decompress(response.read()))


def ask(question):
    """The answers that somebody chooses: ids, with spaces between."""
    print(question["text"], *(f"  {one}: {label}" for one, label in question["labels"].items()), sep="\n")
    chosen = input("> ").split()
    return chosen if question["several"] else chosen[0]


body = {"situation": {}, "language": "en"}
answer, declined = refer(body), False
while answer["nextQuestion"] or (answer["organisationMatters"] and not declined):
    if question := answer["nextQuestion"]:
        body["situation"][question["fact"]] = ask(question)
    elif organisation := input("An id of /api/v1/organisations, or nothing\n> "):
        body["organisation"] = organisation
    else:
        declined = True
    answer = refer(body)

for one in answer["referrals"]:
    print(f"{one['as']}: {one['inShort']['heading']}. {one['why']}")
    print(*(f"  {source['short']}, {source['locator']}" for source in one["sources"]), sep="\n")
print("Edition", answer["edition"]["id"], answer["edition"]["digest"], "on", answer["on"])
