"""What the dearest requests buy is what they count for, and docs/cost.md says it of every address."""

from __future__ import annotations

import re

import pytest
from costs import BEGINS, ENDS, PAGE, Measuring, named

pytestmark = pytest.mark.slow

SECONDS = 0.25  # of processor that a request may buy for each request that it counts for
BYTES = 100  # answered for each byte asked, likewise
REFERRALS = 20  # of work, likewise
NOISE = 2  # how much a busy machine may make of one, beside a referral that was measured just before
ROW = re.compile(r"^\| `(\w+ \S+)`, (.+) \| ([\d,]+) \| ([\d,]+) \| (less than 1|[\d,]+) \| (its bytes|\d+) \|$", re.M)
HOW = "Its dearest request is not known: add it to `dearest` in tests/costs.py, run `make cost` and read docs/cost.md."


@pytest.fixture(scope="module")
def measuring(library):
    return Measuring(library)


@pytest.fixture(scope="module")
def costs(measuring):
    return list(measuring.all())


@pytest.fixture(scope="module")
def rows():
    between = PAGE.read_text("utf-8").split(BEGINS)[1].split(ENDS)[0]
    found = ROW.findall(between)
    assert len(found) == len(between.splitlines()) - 2
    return found


def number(text):
    return 1 if text == "less than 1" else int(text.replace(",", ""))


def test_every_address_is_measured_and_in_the_table(measuring, costs, rows):
    routes = {
        f"{method} {named(rule.rule)}"
        for rule in measuring.app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes - {one.address for one in costs} == set(), HOW
    assert routes - {address for address, *_ in rows} == set(), HOW
    assert {address for address, *_ in rows} - routes == set(), "these are no more; run `make cost`"


def test_no_request_buys_more_work_than_it_counts_for(costs):
    for one in costs:
        paid = max(1, one.counts)
        assert one.seconds <= SECONDS * paid, one
        assert one.referrals <= NOISE * REFERRALS * paid, one


def test_no_request_buys_more_bytes_than_it_counts_for(costs):
    for one in costs:
        paid = one.counts + 1 if one.free else one.counts
        assert one.answered <= BYTES * one.asked * paid, one


def test_what_the_table_says_is_so(costs, rows):
    """Within a factor of two: it is for whoever reads it, and no word that an editor adds must change it."""
    measured = {(one.address, one.what): one for one in costs}
    for address, what, asked, answered, work, counts in rows:
        one = measured[address, what]
        assert number(asked) / 2 <= one.asked <= number(asked) * 2, one
        assert number(answered) / 2 <= one.answered <= number(answered) * 2, one
        assert one.referrals <= 2 * NOISE * number(work), one
        assert (counts == "its bytes") == one.free
        if not one.free:
            assert int(counts) / 2 <= one.counts <= int(counts) * 2, one


def test_a_person_who_comes_with_a_browser_counts_for_as_many_requests_as_pages(library):
    """With the headers that browsers send: the pages of a visit, their files, and each form without JavaScript."""
    one = Measuring(library)
    heads = {
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Accept-Language": "nl,en-US;q=0.7,en;q=0.3",
        "Referer": "https://wegwijzer.example.nl/",
        "Upgrade-Insecure-Requests": "1",
        "Sec-Fetch-Dest": "document",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Site": "same-origin",
        "Sec-Fetch-User": "?1",
    }
    client = one.app.test_client()
    for page in ("/", "/vragen"):
        client.get(page, headers=heads)

    def counted(path, method="GET", **more):
        before = one._limit.counted
        assert client.open(path, method=method, headers=heads, **more).status_code == 200
        return one._limit.counted - before

    files = set(re.findall(r'"(/static/[^"]+)"', client.get("/vragen").text))
    assert len(files) > 3
    assert counted("/") == 1
    assert counted("/vragen") <= 3
    assert sum(counted(file) for file in files) == 0
    assert counted("/vragen", "POST", data={"to": "next", "filler": " " * 900}) == 1
