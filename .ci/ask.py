"""Asks the image that runs: is it ready, and does it give the README's answer to the README's question?"""

from __future__ import annotations

import json
import re
import sys
import time
import urllib.request
from pathlib import Path

SERVICE = "http://127.0.0.1:8000"
README = Path(__file__).parent.parent.joinpath("README.md").read_text("utf-8")


def ask(path: str, body: str | None = None) -> bytes:
    request = urllib.request.Request(SERVICE + path, body and body.encode(), {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return answer.read()


for _ in range(300):
    try:
        ask("/health/ready")
        break
    except OSError:
        time.sleep(0.1)
ask("/health/live")
question, shown = re.search(r"-d '(\{.*?\})' .*?```text\n(.*?)```", README, re.S).groups()
found = "".join(
    "  ".join((one["as"], one["destination"], str(one["rules"]), one["sources"][0]["locator"])) + "\n"
    for one in json.loads(ask("/api/v1/referrals", question))["referrals"]
)
if found != shown or not found.startswith("first  national_ombudsman"):
    sys.exit(f"The image answers\n{found}\nwhere the README shows\n{shown}")
