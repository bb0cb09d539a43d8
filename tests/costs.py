"""The dearest requests that we know, per address: what each asks, gets, costs and counts for. Writes docs/cost.md.

Work is told in referrals, measured in the same run, for a second of one machine is not that of another.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlencode

from service.rulebook.library import load_library
from service.web.app import create_app
from service.web.body import BATCH, FORM, ONE_SITUATION
from service.web.rate_limit import Limit
from service.web.settings import EVERYBODY, Settings

PAGE = Path(__file__).parent.parent / "docs/cost.md"
LETTER = {"situation": {"reporter": "employee", "concerns": ["misconduct"], "misconduct_kind": "wrongdoing"}}
JSON, FORM_TYPE = "application/json", "application/x-www-form-urlencoded"
GZIP = {"Accept-Encoding": "gzip"}
START = date(2026, 11, 23)


class Counted(Limit):
    """A limit that nobody reaches, and that remembers for how many requests it was asked."""

    def __init__(self):
        super().__init__(1)
        self.counted = 0

    def takes(self, address, requests=1):
        self.counted += requests
        return 0


@dataclass(frozen=True)
class Cost:
    """What a request costs.

    Attributes:
        address: method and route.
        what: the request in words.
        asked: bytes, of the line, the headers and the body.
        answered: bytes of the body.
        seconds: of processor, the least of a few times.
        referrals: how many referrals that is.
        counts: for how many requests of the limit it counts.
        free: whether only its bytes count.

    """

    address: str
    what: str
    asked: int
    answered: int
    seconds: float
    referrals: float
    counts: int
    free: bool


class Measuring:
    """An app of its own, that thinks it is another day whenever it must make everything anew."""

    def __init__(self, library):
        self._library, self._limit, self._day = library, Counted(), START
        settings = Settings(rate=1, security="mailto:security@example.nl", padding=EVERYBODY)  # the longest answers
        self.app = create_app(library, settings=settings, today=lambda: self._day, limit=self._limit)
        self._client = self.app.test_client()

    def all(self):
        """What every known request costs."""
        self._seconds("POST", "/api/v1/referrals", {"data": json.dumps(LETTER), "content_type": JSON}, 9, False)
        for (method, route), requests in self._requests().items():
            for what, path, how in requests:
                new = "first" in what
                often = 2 if new else 3 if "body" in what or "hundred" in what else 5
                seconds, response = self._seconds(method, path, how, often, new)
                counted = self._limit.counted
                one, _ = self._seconds("POST", "/api/v1/referrals", REFERRAL, 5, False)
                line = f"{method} {path} HTTP/1.1"
                heads = "".join(f"{name}: {value}\r\n" for name, value in response.request.headers)
                asked = len(f"{line}\r\n{heads}\r\n") + len(how.get("data", ""))
                free = route.startswith(("/static/", "/embed/<version>", "/health/"))
                yield Cost(
                    f"{method} {named(route)}",
                    what,
                    asked,
                    len(response.data),
                    seconds,
                    seconds / one,
                    counted,
                    free,
                )

    def _fresh(self, new):
        if new:
            self._day += timedelta(1)

    def _seconds(self, method, path, how, often, new):
        best = None
        if not new:
            self._client.open(path, method=method, **how)
        for _ in range(often):
            self._fresh(new)
            self._limit.counted = 0
            began = time.process_time()
            response = self._client.open(path, method=method, **how)
            took = time.process_time() - began
            best = min(best, took) if best else took
        return best, response

    def _requests(self):
        """Per method and route: requests as words, path and what else a client needs."""
        known = dearest(self._library, self.app)
        found = {}
        for rule in self.app.url_map.iter_rules():
            for method in rule.methods & {"GET", "POST", "PUT", "PATCH", "DELETE"}:
                listed = list(known.get((method, rule.rule), ()))
                if method == "GET" and not rule.arguments:
                    listed += [("by nothing but its address", rule.rule, {})]
                    listed += [("the first of a day, read compressed", rule.rule, {"headers": GZIP})]
                found[method, rule.rule] = listed
        return found


REFERRAL = {"data": json.dumps(LETTER), "content_type": JSON}


def named(route):
    """A route without what changes when a file does."""
    return re.sub(r"[0-9a-f]{16}", "<digest>", route)


def dearest(library, app):
    """What is dear at the routes that take more than their address."""
    vocabulary = library.rulebase.vocabulary
    concerns = vocabulary.concerns
    own = {fact.id for fact in vocabulary.of_organisation}
    every = {fact.id: fact.answers[0] for fact in vocabulary.facts if fact.id not in own and not fact.several}
    every[concerns.id] = list(concerns.answers)
    organisation = max(library.organisations.by_id, key=len)
    whole = {"situation": every, "organisation": organisation}
    wrong = {"situation": {fact.id: "x" for fact in vocabulary.facts}, "on": "x", "language": "x"}

    def body(value, limit):
        data = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        assert len(data) <= limit, len(data)
        return {"data": data, "content_type": JSON}

    def filled(around, one, limit):
        """As many of these as a body may hold."""
        return body(around % ",".join([one] * ((limit - len(around)) // (len(one) + 1))), limit)

    def members(limit, around="%s"):
        each = ",".join(f'"x{number:05}":1' for number in range((limit - len(around) - 20) // 11))
        return body(around % f"{{{each}}}", limit)

    def form(fields):
        data = urlencode(fields, doseq=True)
        assert len(data) <= FORM
        return {"data": data, "content_type": FORM_TYPE}

    one, many = "/api/v1/referrals", "/api/v1/referrals/batch"
    found = {
        ("POST", one): [
            ("of an empty situation", one, body({"situation": {}}, ONE_SITUATION)),
            ("of every fact", one, body(whole, ONE_SITUATION)),
            ("of every fact, answered wrongly", one, body(wrong, ONE_SITUATION)),
            ("a body of unknown members", one, members(ONE_SITUATION)),
            (
                "a body of one answer many times",
                one,
                filled('{"situation":{"concerns":[%s]}}', '"x"', ONE_SITUATION),
            ),
        ],
        ("POST", many): [
            ("a hundred empty situations", many, body({"requests": [{"situation": {}}] * 100}, BATCH)),
            (
                "a hundred empty situations, read compressed",
                many,
                {**body({"requests": [{"situation": {}}] * 100}, BATCH), "headers": GZIP},
            ),
            ("a hundred situations of every fact", many, body({"requests": [whole] * 100}, BATCH)),
            ("a hundred wrong situations", many, body({"requests": [wrong] * 100}, BATCH)),
            ("a body of empty requests", many, filled('{"requests":[%s]}', "{}", BATCH)),
            ("a body of numbers", many, filled('{"requests":[%s]}', "1", BATCH)),
            ("a body of unknown members", many, members(BATCH, '{"requests":[%s]}')),
            ("a body of objects where none belong", many, filled('{"x":[%s]}', "{}", BATCH)),
            (
                "a body of one answer many times",
                many,
                filled('{"requests":[{"situation":{"concerns":[%s]}}]}', '"x"', BATCH),
            ),
            ("a body of brackets", many, body("[" * BATCH, BATCH)),
            ("a body of digits", many, body('{"requests":' + "1" * (BATCH - 20) + "}", BATCH)),
        ],
        ("GET", "/api/v1/organisations"): [
            ("a search for a word", "/api/v1/organisations?q=ministerie", {}),
            ("a search for a hundred letters", f"/api/v1/organisations?q={'a%20' * 50}", {}),
        ],
        ("GET", "/oembed"): [("of the start page", f"/oembed?url={quote('http://localhost/')}", {})],
        ("GET", "/api/v1/rules/<rule>"): [
            ("of the longest rule", f"/api/v1/rules/{max((len(str(r)), r.id) for r in library.rulebase.rules)[1]}", {})
        ],
        ("GET", "/api/v1/problems/<problem>"): [("of one kind", "/api/v1/problems/not-found", {})],
        ("GET", "/embed/<version>/wegwijzer.js"): [("of a version", "/embed/1.0.0/wegwijzer.js", {})],
    }
    for page in ("/vragen", "/en/questions"):
        result = {**every, "organisation": organisation, "to": "next"}
        found["POST", page] = [
            ("of nothing", page, form({"to": "next"})),
            ("of the result of every fact", page, form(result)),
            ("of the result of every fact, read compressed", page, {**form(result), "headers": GZIP}),
            ("a search for an organisation", page, form({"at": "organisation", "to": "search", "q": "ministerie"})),
            ("a body of fields", page, {"data": "&".join(["a="] * (FORM // 3)), "content_type": FORM_TYPE}),
        ]
    for page in ("/adviseur", "/advisor"):
        side = {f"a.{name}": value for name, value in every.items()}
        found["POST", page] = [
            ("of nothing", page, form({"to": "show"})),
            ("of two situations of every fact", page, form({**side, "to": "compare"})),
            (
                "of two situations of every fact, read compressed",
                page,
                {**form({**side, "to": "compare"}), "headers": GZIP},
            ),
            ("a body of fields", page, {"data": "&".join(["a="] * (FORM // 3)), "content_type": FORM_TYPE}),
        ]
    for page in ("/api", "/en/api"):
        found["POST", page] = [
            ("of nothing", page, form({"language": "en"})),
            (
                "of every fact, read compressed",
                page,
                {**form({**every, "organisation": organisation}), "headers": GZIP},
            ),
            ("a body of fields", page, {"data": "&".join(["a="] * (FORM // 3)), "content_type": FORM_TYPE}),
        ]
    choices = count()
    for page in ("/insluiten/vragen", "/embed/questions"):
        query = urlencode({"organisation": organisation, "concern": concerns.answers[next(choices)]})
        found["GET", page] = [
            ("the first of a day for a choice, read compressed", f"{page}?{query}", {"headers": GZIP})
        ]
    # A place is made for all who come on a day, a rule or a source each time it was not asked for lately.
    most = {
        "place": max(
            vocabulary.destinations, key=lambda one: sum(rule.refer == one for rule in library.rulebase.rules)
        ),
        "rule": max(library.rulebase.rules, key=lambda one: len(str(one))).id,
        "source": max(library.texts.sources.values(), key=lambda one: len(one.passages)).id,
    }
    for address in library.site.addresses.values():
        language = next(code for code, one in library.site.addresses.items() if one is address)
        at = library.texts.interface[language]["book_sources_at"]
        for route, kinds in ((f"{address.book}/<id_>", ("place", "rule")), (f"{address.book}/{at}/<id_>", ("source",))):
            found["GET", route] = [
                (
                    f"the first of a day, of a {kind}, read compressed",
                    route.replace("<id_>", most[kind]),
                    {"headers": GZIP},
                )
                for kind in kinds
            ] + [(f"of a {kind}", route.replace("<id_>", most[kind]), {}) for kind in kinds]
    static = next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "pages.file")
    folder = static[: static.index("<")]
    for rule in (f"{folder}<name>", f"{folder}<look>/<name>"):
        found["GET", rule] = [("of the largest file", f"{folder}style.css", {})]
    return found


def rounded(number):
    """A number as the table has it: not less, and with two digits that say something."""
    step = 10 ** max(0, len(str(int(number))) - 2)
    return -int(-number // step) * step


BEGINS, ENDS = "<!-- the table -->\n", "<!-- the end of the table -->\n"


def table(costs):
    """The rows of the page: per address the request of the most work, and the one of the most bytes for a byte."""
    rows = ["| request | bytes asked | bytes answered | work, in referrals | counts as |", "|---|--:|--:|--:|--:|"]
    by_address = {}
    for one in costs:
        by_address.setdefault(one.address, []).append(one)
    for address, mine in sorted(by_address.items(), key=lambda item: item[0].split()[::-1]):
        most = [max(mine, key=lambda one: one.referrals), max(mine, key=lambda one: one.answered / one.asked)]
        for one in dict.fromkeys(most):
            work = "less than 1" if one.referrals < 1 else f"{rounded(one.referrals):,}"
            counts = "its bytes" if one.free else str(one.counts)
            rows.append(
                f"| `{address}`, {one.what} | {rounded(one.asked):,} | {rounded(one.answered):,} | {work} | {counts} |"
            )
    return "\n".join(rows) + "\n"


def main():
    """Write the table anew."""
    text = PAGE.read_text("utf-8")
    before, rest = text.split(BEGINS)
    _, after = rest.split(ENDS)
    PAGE.write_text(before + BEGINS + table(list(Measuring(load_library()).all())) + ENDS + after, "utf-8")


if __name__ == "__main__":
    main()
