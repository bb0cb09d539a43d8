"""Whoever counts the bytes on the line learns no outcome: not plain, not compressed, not behind nginx that packs."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import ssl
import subprocess
import threading
from itertools import cycle, product
from urllib.parse import urlencode

import pytest
from conftest import TODAY
from forms import ADDRESS, Page
from journeys import journeys, outcomes, shapes
from running import NAME, ROOT, Nginx, Service, closing
from timing import UNPACED

from service.core.case_code import CaseCode
from service.engine.decider import stories
from service.web import padding
from service.web.app import create_app
from service.web.settings import PADDED, Settings

CODINGS = ["gzip, deflate, br, zstd", "identity"]
TRIED = {"nl": "/api", "en": "/en/api"}
WORKBENCH = {"nl": "/adviseur", "en": "/advisor"}
PAGE = {"Sec-Fetch-Site": "cross-site"}  # what a page in a browser sends along


@pytest.mark.parametrize("step", [padding.REST[1], padding.REFERRAL[1], padding.PAGE[1], padding.WORKBENCH[1]])
def test_whatever_is_packed_comes_out_whole_and_is_as_long_as_it_must_be(step):
    for length in (*range(40), *range(step - 120, step + 120), 65_535, 65_536, 3 * step + 1):
        for body in (b"a" * length, os.urandom(length)):
            packed = padding._packed(body, step)
            assert len(packed) % step == 0
            out = gzip.decompress(packed)
            assert out[:length] == body
            assert out[length:].strip(b" ") == b""


def one_size(responses):
    found = {(len(one.data), one.headers.get("Content-Encoding")) for one in responses}
    assert len(found) == 1, found
    return found.pop()[0]


@pytest.mark.parametrize(("turn", "coding"), [*enumerate(CODINGS)])
def test_every_answer_of_the_api_has_one_size(client, library, turn, coding):
    asked = [
        {"situation": {**story.answers, "concerns": list(story.concerns)}, "language": language, "on": on}
        for language in ("nl", "en")
        for on in ("2019-06-20", TODAY.isoformat())
        for story in list(stories(library.rulebase.editions[-1]))[5 * turn :: 10]
    ]
    for one in asked:
        for fact in library.rulebase.vocabulary.facts:
            if fact.of_organisation:
                one["situation"].pop(fact.id, None)
    wrong = [{"situation": {}}, {"situation": {"reporter": "nobody"}}, {}]
    answers = [
        client.post("/api/v1/referrals", json=one, headers={"Accept-Encoding": coding, **PAGE})
        for one in [*asked, *wrong]
    ]
    said = {gzip.decompress(one.data) if coding != "identity" else one.data for one in answers}
    assert len({len(one.rstrip()) for one in said}) > 100, "without white space each would have its own"
    assert one_size(answers) == padding.REFERRAL[coding != "identity"]


def test_a_batch_has_the_size_that_its_number_of_situations_says(client):
    few = {"situation": {"concerns": ["unsure"]}}
    many = {"situation": {"concerns": ["misconduct", "handling"], "reporter": "employee", "privacy": "anonymous"}}
    for coding in CODINGS:
        answers = [
            client.post(
                "/api/v1/referrals/batch", json={"requests": asked}, headers={"Accept-Encoding": coding, **PAGE}
            )
            for asked in ([few] * 4, [many] * 4, [few, many, few, many])
        ]
        assert one_size(answers) == 4 * padding.REFERRAL[coding != "identity"]


@pytest.mark.parametrize("coding", CODINGS)
def test_a_program_gets_what_it_asked_for_unless_the_deployer_hides_that_too(library, coding):
    apps = [create_app(library, settings=Settings(padding=one), today=lambda: TODAY) for one in PADDED]
    few = {"situation": {"concerns": ["unsure"]}}
    lengths = []
    for app in apps:
        answers = [
            app.test_client().post("/api/v1/referrals", json=one, headers={"Accept-Encoding": coding})
            for one in (few, few | {"without": ["closed", "notices", "sources"]}, {"situation": {"reporter": "x"}})
        ]
        lengths.append([len(one.data) for one in answers])
        said = [gzip.decompress(one.data) if "Content-Encoding" in one.headers else one.data for one in answers]
        whole, less, wrong = map(json.loads, said)
        assert less == whole | {
            "closed": [],
            "notices": [],
            "referrals": [one | {"sources": []} for one in whole["referrals"]],
        }
        assert wrong["errors"]
    (whole, less, wrong), hidden = lengths
    assert wrong < less < whole < min(hidden)
    assert len({*hidden}) == 1


def test_every_page_that_answers_a_form_has_one_size(client):
    """The fullest pages in each language and coding; of the others, each door with each rule, these take turns."""
    fullest = sorted(outcomes(), key=lambda one: sum(len(rules) + 1 for *_, rules in one[1]))[-10:]
    others = [{"to": "next"}, {"to": "again"}, {"nothing": "of ours"}]
    others += [form for stand in journeys() + shapes() for form in sent(stand)]
    both = list(product(("nl", "en"), CODINGS))
    asked = list(zip(others, cycle(both), strict=False))
    asked += [(form, one) for stand, _ in fullest for form in sent(stand) for one in both]
    for coding in CODINGS:
        answers = [
            client.post(ADDRESS[language], data=form, headers={"Accept-Encoding": coding})
            for form, (language, wanted) in asked
            if wanted == coding
        ]
        assert one_size(answers) == padding.PAGE[coding != "identity"]


def sent(stand):
    """What a browser sends for the outcome of a journey, and to change its last answer."""
    given = {**stand.given.answers, "concerns": list(stand.given.concerns)}
    if stand.given.organisation is not None:
        given["organisation"] = stand.given.organisation
    return {**given, "to": "next"}, {**given, "to": f"change:{stand.path[-1]}"}


@pytest.mark.parametrize(("turn", "coding"), [*enumerate(CODINGS)])
def test_every_page_of_the_workbench_that_answers_a_form_has_one_size(client, library, turn, coding):
    vocabulary = library.rulebase.vocabulary
    code = CaseCode(vocabulary, sorted(library.organisations.by_id))
    every = list(stories(library.rulebase.editions[-1]))
    told = [every[0], *every[5 + 60 * turn :: 120]]
    forms = [{"code": code.write(one), "to": "read"} for one in told]
    forms += [{**one, "to": to} for one in forms for to in ("compare", "show", "swap")] + [{"to": "nothing of ours"}]
    forms += [{"a.concerns": list(vocabulary.concerns.answers), "to": "compare"}]
    answers = [client.post("/advisor", data=one, headers={"Accept-Encoding": coding}) for one in forms]
    # What cannot be read is answered by a page like those of the questionnaire: it says nothing but that.
    pages = [one for one in answers if one.status_code == 200]
    assert len(pages) > 10
    assert one_size(pages) == padding.WORKBENCH[coding != "identity"]


@pytest.mark.parametrize("coding", CODINGS)
def test_every_page_that_shows_programmers_an_answer_has_one_size(client, library, coding):
    told = list(stories(library.rulebase.editions[-1]))[::60]
    forms = [{"concerns": list(one.concerns), **one.answers, "organisation": "", "language": "nl"} for one in told]
    forms += [{"organisation": "x"}, {"concerns": list(library.rulebase.vocabulary.concerns.answers)}]
    answers = [client.post("/api", data=one, headers={"Accept-Encoding": coding}) for one in forms]
    assert {one.status_code for one in answers} == {200}
    assert one_size(answers) == padding.TRIED[coding != "identity"]


@pytest.fixture(scope="module")
def fullest(library):
    """Of all subjects at once: answers to every question, none of which could be another and have more said."""
    client = create_app(library, settings=Settings(rate=0), today=lambda: TODAY).test_client()
    vocabulary = library.rulebase.vocabulary
    choices = {fact.id: fact.answers for fact in vocabulary.asked} | {"organisation": library.organisations.by_id}
    whole = {"concerns": list(vocabulary.concerns.answers)}

    def length(found):
        situation = {fact: answer for fact, answer in found.items() if fact != "organisation"} | whole
        asked = {"situation": situation, "organisation": found["organisation"], "language": "en"}
        return len(client.post("/api/v1/referrals", json=asked).data)

    found = {fact: next(iter(answers)) for fact, answers in choices.items()}
    before = None
    while before != found:
        before = found
        for fact, answers in choices.items():
            found = max((found | {fact: answer} for answer in (found[fact], *answers)), key=length)
    return found | whole


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_fullest_answer_that_a_search_finds_has_the_size_of_all(client, fullest, language, coding):
    situation = {fact: answer for fact, answer in fullest.items() if fact != "organisation"}
    of_workbench = {f"a.{fact}": answer for fact, answer in fullest.items()}
    headers = {"Accept-Encoding": coding, **PAGE}
    asked = {"situation": situation, "organisation": fullest["organisation"], "language": language}
    answers = {
        "REFERRAL": client.post("/api/v1/referrals", json=asked, headers=headers),
        "PAGE": client.post(ADDRESS[language], data={**fullest, "to": "next"}, headers=headers),
        "TRIED": client.post(TRIED[language], data={**fullest, "language": language}, headers=headers),
        "WORKBENCH": client.post(WORKBENCH[language], data={**of_workbench, "to": "compare"}, headers=headers),
    }
    for sort, answer in answers.items():
        assert answer.status_code == 200
        assert len(answer.data) == getattr(padding, sort)[coding != "identity"], sort


class Counting:
    """Somebody on the line: passes on what comes, and counts it."""

    def __init__(self, port):
        self.up = self.down = 0
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._go, daemon=True).start()

    def _go(self):
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._to))
            for one in (caller, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for way, here, there in (("up", caller, server), ("down", server, caller)):
                threading.Thread(target=self._pass, args=(way, here, there), daemon=True).start()

    def _pass(self, way, here, there):
        try:
            while piece := here.recv(65536):
                setattr(self, way, getattr(self, way) + len(piece))
                there.sendall(piece)
            there.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        finally:
            if way == "down":
                here.close()
                there.close()

    def stop(self):
        self._listener.close()


class Caller:
    """A browser on one connection over TLS, whose bytes are counted."""

    def __init__(self, line, coding):
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        self._line = line
        self._connection = http.client.HTTPSConnection("127.0.0.1", line.port, context=trust, timeout=30)
        self._headers = {"Host": NAME, "Accept-Encoding": coding, **PAGE}

    def post(self, path, body, kind="application/x-www-form-urlencoded"):
        """Send; gives the bytes that went up and down, and what was said."""
        up, down = self._line.up, self._line.down
        self._connection.request("POST", path, body, {**self._headers, "Content-Type": kind})
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.headers["Content-Encoding"] == "gzip":
            said = gzip.decompress(said)
        assert answer.status == 200
        return self._line.up - up, self._line.down - down, said.rstrip()

    def stop(self):
        self._connection.close()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("size")
    behind = {"WEGWIJZER_HOSTS": NAME, "WEGWIJZER_PROXIES": "1", "WEGWIJZER_RATE": "0"}
    with closing(Service(folder, code=UNPACED, **behind)) as running:
        yield running


@pytest.fixture(scope="module", params=["gzip on", "gzip off"])
def line(request, service, tmp_path_factory):
    """The service behind nginx with TLS, and somebody on the line."""
    tmp_path = tmp_path_factory.mktemp("line")
    command = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout key.pem -out chain.pem"
    subprocess.run(["openssl", *command.split()], cwd=tmp_path, check=True, capture_output=True)
    eager = "gzip on; gzip_types *; gzip_proxied any; gzip_min_length 1; gzip_http_version 1.0; gzip_vary on;"
    changed = {"gzip off;": eager} if request.param == "gzip on" else {}
    changed |= {"keepalive_timeout 15s;": "keepalive_timeout 60s; keepalive_requests 100000;"}
    nginx = Nginx(tmp_path, [service.port], tls=tmp_path, **changed)
    with closing(nginx, Counting(nginx.port)) as (_, line):
        yield line


def walked(caller, answers):
    """Every request of a walk without JavaScript, by the step it answers: bytes up and down; and the referral."""
    seen, page = [], None
    form = {"to": "next"}
    while True:
        up, down, said = caller.post("/vragen", urlencode(form, doseq=True))
        seen.append((page.step if page else "begin", up, down))
        page = Asked(said.decode())
        form = dict(page.sent)
        if page.step is None:
            return seen, said
        wanted = answers.get(page.step, page.values[0])
        wanted = wanted if isinstance(wanted, (list, tuple)) else [wanted]
        width = len(page.values[0])
        form |= {page.step: [one.ljust(width) for one in wanted], "to": "next"}


class Asked(Page):
    """A page as it came: with what fills its form up."""

    def __init__(self, html):
        self.sent, self.values = {}, []
        said = type("Said", (), {"status_code": 200, "text": html, "request": type("To", (), {"path": "/vragen"})})
        super().__init__(said)

    def handle_starttag(self, tag, attributes):
        super().handle_starttag(tag, attributes)
        found = dict(attributes)
        if tag == "form":
            self.sent = {}  # the last one goes on
        if tag == "input" and found["type"] == "hidden":
            self.sent.setdefault(found["name"], []).append(found["value"])
        if tag == "input" and found["type"] == "search":
            self.sent[found["name"]] = [""]
        if tag == "input" and found["type"] in ("radio", "checkbox"):
            self.values.append(found["value"])


@pytest.mark.parametrize("coding", CODINGS)
def test_every_page_of_the_questionnaire_is_of_one_length_on_the_line(library, line, coding):
    """Every step and every outcome, so that who watches the line learns nothing."""
    stands = [stand for stand, _ in outcomes()]
    stands = stands[:: max(1, len(stands) // 22)]
    ups, downs, referrals = set(), set(), set()
    with closing(Caller(line, coding)) as caller:
        walked(caller, {})
        for stand in stands:
            answers = {**stand.given.answers, "concerns": list(stand.given.concerns)}
            seen, said = walked(caller, {**answers, "organisation": stand.given.organisation or ""})
            referrals.add(said)
            ups |= {up for step, up, _ in seen if step != "begin"}
            downs |= {down for _, _, down in seen}
    assert len(referrals) > 20
    assert len({len(one) for one in referrals}) > 10, "without white space they would differ"
    assert len(downs) == 1, downs
    assert len(ups) <= 2, ups  # an answer and a look at the result are pressed with words of their own: next, result


@pytest.mark.parametrize("coding", CODINGS)
def test_on_the_line_every_answer_of_the_api_is_as_long_as_any_other(library, line, coding):
    downs, said = set(), set()
    with closing(Caller(line, coding)) as caller:
        caller.post("/api/v1/referrals", json.dumps({"situation": {}}), "application/json")
        for story in list(stories(library.rulebase.editions[-1]))[::8]:
            facts = {fact.id for fact in library.rulebase.vocabulary.facts if fact.of_organisation}
            answers = {fact: answer for fact, answer in story.answers.items() if fact not in facts}
            asked = {"situation": {**answers, "concerns": list(story.concerns)}}
            _, down, body = caller.post("/api/v1/referrals", json.dumps(asked), "application/json")
            downs.add(down)
            said.add(len(body))
    assert len(said) > 20
    assert len(downs) == 1, downs


def test_whoever_builds_on_it_is_told_how_long_answers_are():
    told = (ROOT / "docs/api.md").read_text("utf-8").split("## One size")[1]
    for length in padding.REFERRAL:
        assert f"{length // 1024} KiB" in told
