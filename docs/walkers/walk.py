"""Decides by a compiled rulebase and nothing else: python3 walk.py compiled.json 2026-11-29 < situations.jsonl

A line is a situation, such as {"concerns": ["misconduct"], "reporter": "employee"}; facts of the organisation too.
"""

import hashlib
import json
import sys
from pathlib import Path

LEAF = -1


def walk(edition, vocabulary, situation):
    """Per concern and destination the rules that refer there, and the facts that others still need."""
    facts, nodes = vocabulary["facts"], edition["graph"]["nodes"]
    refers, asks = {}, set()
    for concern in situation["concerns"]:
        for destination, here in edition["graph"]["roots"][concern].items():
            while here is not None and nodes[here][0] != LEAF:
                fact = facts[nodes[here][0]]
                answer = situation.get(fact["id"], "unknown" if fact["of_organisation"] else None)
                if answer is None:
                    asks.add(fact["id"])
                here = nodes[here][1 + fact["answers"].index(answer)] if answer else None
            if here is not None and nodes[here][1:]:
                refers.setdefault(concern, {})[destination] = [edition["rules"][rule] for rule in nodes[here][1:]]
    return {"refers": refers, "asks": sorted(asks)}


data = Path(sys.argv[1]).read_bytes()
sealed = json.loads(data)
inside = data[data.index(b'"compiled":') + 11 : data.rindex(b"}")]  # the bytes that the digest is of
if sealed["digest"] != "sha256:" + hashlib.sha256(inside).hexdigest():
    sys.exit("It was changed since it was compiled.")
compiled = sealed["compiled"]
edition = [one for one in compiled["editions"] if one["since"] <= sys.argv[2]][-1]
for line in sys.stdin:
    print(json.dumps(walk(edition, compiled["vocabulary"], json.loads(line)), sort_keys=True))
