"""What stands before every request: names, proxies, how often, and the place to report a weakness."""

from __future__ import annotations

import gzip
from dataclasses import astuple
from datetime import date

import pytest
from conftest import TODAY
from running import ADDRESSES

from service.web import once
from service.web.app import create_app
from service.web.rate_limit import Limit
from service.web.settings import SettingError, Settings, read_settings

FRAMES = ["/insluiten/vragen", "/embed/questions"]
API = [f"/api/v1/{one}" for one in ("rules", "questions", "organisations", "destinations", "compiled.json")]
READS_GZIP = {"Accept-Encoding": "gzip", "User-Agent": "x" * 500}  # with what else a browser says, as long as that
GRADE = {"situation": {"concerns": ["grade"], "role": "student", "review": "none"}}


def client_of(university, **settings):
    return create_app(university, settings=Settings(**settings), today=lambda: TODAY).test_client()


@pytest.fixture(scope="module")
def named(university):
    """Of a service that has one name: nothing of it changes by what is asked."""
    return client_of(university, hosts=("wegwijzer.example.nl",))


@pytest.mark.parametrize("host", ["evil.example", "wegwijzer.example.nl.evil.example", "", "a b", "[::2]", "é.example"])
def test_a_name_that_is_not_ours_is_refused_in_fixed_words(named, host):
    for path in ("/", "/api/v1/questions", "/static/x/y.css", "/health", "/health/", "/health/x", "/x/health/live"):
        response = named.get(path, headers={"Host": host})
        assert response.status_code == 421
        assert response.content_type == "application/problem+json"
        assert "evil" not in response.text


@pytest.mark.parametrize("host", ["10.0.0.5:8000", "evil.example", "", "a b", "[::2]:80", "é.example"])
def test_health_answers_by_any_name_and_repeats_none(named, host):
    """A balancer knows a pod by its address and sets no name; what health says is no secret."""
    for path in ("/health/live", "/health/ready"):
        response = named.get(path, headers={"Host": host})
        assert response.status_code == 200
        assert response.json["status"] == "ok"
        assert "evil" not in f"{response.headers}{response.text}"


OURS = ["wegwijzer.example.nl", "WEGWIJZER.example.nl:8443", "localhost:8000", "127.0.0.1", "[::1]", "[::1]:8000"]


@pytest.mark.parametrize("host", OURS)
def test_our_own_names_and_those_of_this_machine_are_answered(named, host):
    assert named.get("/", headers={"Host": host}).status_code == 200


def test_the_address_that_is_set_is_a_name_of_ours(university):
    client = client_of(university, address="https://wijzer.example.nl")
    assert client.get("/", headers={"Host": "wijzer.example.nl"}).status_code == 200


PAGES = sorted({path for addresses in ADDRESSES.values() for path in astuple(addresses)})


def asked(client, path, query="", method="GET"):
    """Ask for exactly this path, which a client of tests would read as an address of another host."""
    return client.open("/", method=method, environ_overrides={"PATH_INFO": path, "QUERY_STRING": query})


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_found_by_whoever_writes_a_slash_too_many_or_capitals(university_client, page):
    client = university_client
    written = {f"{page}/", f"{page.replace('/', '//')}//", page.upper(), page.title(), f"{page.title()}/"}
    for path in written if page != "/" else ():
        for method in ("GET", "HEAD"):
            response = asked(client, path, "vraag=geheim", method)
            assert response.status_code == 308, path
            assert response.headers["Location"] == page
            assert response.headers["Cache-Control"] == "no-store"
            assert "geheim" not in f"{response.headers}{response.text}"
    assert asked(client, page).status_code in (200, 303), "and there it is"


def test_what_a_site_chose_for_its_frame_is_kept_and_nothing_else_of_an_address_is(client):
    for frame in (addresses.frame for addresses in ADDRESSES.values()):
        response = asked(client, f"{frame}/", "organisation=ocw&theme=licht&concern=%0d%0aSet-Cookie:x&name=geheim")
        assert response.headers["Location"] == f"{frame}?organisation=ocw&theme=licht"


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/",
        "/\\evil.example/",
        "/evil.example/vragen/",
        "/vragen/\r\nLocation: //evil.example",
        "/https://evil.example/",
        "/api/v1/questions/",
        "/API/v1/questions",
        "/api/v1//questions",
    ],
)
def test_nobody_is_led_to_what_is_no_page_of_ours(client, path):
    response = asked(client, path)
    assert response.status_code == 404
    assert "Location" not in response.headers
    assert "evil" not in f"{response.headers}{response.text}"


def test_a_form_is_not_sent_on(client):
    assert asked(client, "/vragen/", method="POST").status_code == 404


def test_what_a_caller_says_of_itself_is_ignored_unless_a_proxy_is_named(university):
    forged = {"X-Forwarded-Host": "wegwijzer.example.nl", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
    alone = client_of(university, hosts=("wegwijzer.example.nl",)).get("/insluiten", headers=forged)
    assert "wegwijzer.example.nl" not in alone.text
    assert "Strict-Transport-Security" not in alone.headers
    behind = client_of(university, hosts=("wegwijzer.example.nl",), proxies=1).get("/insluiten", headers=forged)
    assert "https://wegwijzer.example.nl" in behind.text
    assert behind.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_a_forged_name_is_refused_behind_a_proxy_too(university):
    client = client_of(university, proxies=1)
    assert client.get("/", headers={"X-Forwarded-Host": "evil.example"}).status_code == 421


def test_who_asks_too_often_is_told_when_to_come_back_and_nobody_else_is(university):
    client = client_of(university, rate=3)
    for _ in range(3):
        assert client.post("/api/v1/referrals", json=GRADE, headers=READS_GZIP).status_code == 200
    refused = client.post("/api/v1/referrals", json=GRADE, headers=READS_GZIP)
    assert refused.status_code == 429
    assert refused.content_type == "application/problem+json"
    assert 0 < int(refused.headers["Retry-After"]) <= 60
    page = client.get("/vragen")
    assert page.status_code == 429
    assert university.texts.interface["nl"]["wrong_429"] in page.text
    assert client.get("/health/ready").status_code == 200
    assert client.get("/api/v1/editions", environ_overrides={"REMOTE_ADDR": "192.0.2.8"}).status_code == 200


@pytest.mark.parametrize(
    ("requests", "status"), [([GRADE] * 60, 200), ([{}] * 60, 400), ([GRADE] * 59 + [{"on": 1}], 400)]
)
def test_a_batch_counts_for_what_is_in_it(university, requests, status):
    """Before it is answered, and also when it is refused."""
    client = client_of(university, rate=100)
    assert [
        client.post("/api/v1/referrals/batch", json={"requests": requests}, headers=READS_GZIP).status_code
        for _ in range(2)
    ] == [status, 429]


def test_whoever_asks_too_often_by_a_batch_is_told_so_before_anything_looks_into_it(university):
    client = client_of(university, rate=50)
    wrong = client.post("/api/v1/referrals/batch", json={"requests": [{}] * 60}, headers=READS_GZIP)
    assert wrong.status_code == 429


def test_what_is_long_counts_for_more_than_one(university):
    client = client_of(university, rate=30)
    long = b'{"other": ["' + b"x" * 200_000 + b'"]}'
    kind = {"content_type": "application/json", "headers": READS_GZIP}
    assert [client.post("/api/v1/referrals/batch", data=long, **kind).status_code for _ in range(2)] == [400, 429]


@pytest.mark.parametrize("path", ["/vragen", "/en/questions", "/adviseur", "/advisor"])
def test_a_form_longer_than_any_of_ours_is_refused_before_it_is_read(client, path):
    form = {"content_type": "application/x-www-form-urlencoded"}
    refused = client.post(path, data="a=&" * 60_000, **form)
    assert refused.status_code == 413
    assert refused.content_type == "text/html; charset=utf-8"
    assert client.post(path, data="a=&" * 5_000, **form).status_code == 400, "short enough to be read"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/en",
        "/vragen",
        "/en/questions",
        "/toegankelijkheid",
        "/adviseur",
        "/advisor",
        "/regels",
        "/rules",
        "/insluiten",
        *API,
        *FRAMES,
    ],
)
def test_what_is_the_same_for_all_is_made_once_by_whatever_name_a_caller_calls_us(university, path, monkeypatch):
    """A port in the name, and what stands behind a question mark, are the caller's to make up."""
    packed, pack = [], once._packed
    monkeypatch.setattr(once, "_packed", lambda piece: packed.append(piece) or pack(piece))
    client = client_of(university, proxies=1)

    def asks(name):
        answer = client.get(path, headers={"Host": name, **READS_GZIP})
        assert answer.status_code == 200
        assert len({*answer.headers.keys()}) == len(answer.headers), "no header twice"
        return answer.data

    first = gzip.decompress(asks("localhost:1"))
    made = len(packed)
    assert made > 0
    second = gzip.decompress(asks("localhost:2"))
    assert first == second.replace(b"localhost:2", b"localhost:1")
    assert b"stands-in" not in first, "in whatever way an address is written"
    assert asks("localhost")
    assert len(packed) == made


@pytest.mark.parametrize("path", FRAMES)
def test_a_choice_of_a_site_that_nobody_made_today_counts_for_what_it_costs_to_make(university, path):
    organisations, concerns = [*university.organisations.by_id], university.rulebase.vocabulary.concerns.answers
    client = client_of(university, rate=2 * len(organisations) * len(concerns))
    long = {**READS_GZIP, "x": "x" * 900}  # its bytes cost no more than the one request

    def asks():
        for one in organisations:
            for concern in concerns:
                yield client.get(path, query_string={"organisation": one, "concern": concern}, headers=long).status_code

    assert set(asks()) == {200, 429}, "each is made, and counts for it"


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("[2001:db8::1]:443", "2001:db8::2", True),
        ("192.0.2.1:5000", "192.0.2.1:6000", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("unknown", "unknown", True),
        ("", "192.0.2.1", False),
    ],
)
def test_whoever_has_a_whole_network_of_addresses_is_counted_as_one(one, other, together):
    limit = Limit(1, lambda: 0.0)
    assert limit.takes(one) == 0
    assert (limit.takes(other) > 0) == together


def test_without_a_limit_anybody_may_ask_as_often_as_they_want(university):
    client = client_of(university, rate=0)
    assert {client.get("/api/v1/editions").status_code for _ in range(1300)} == {200}


def test_a_caller_behind_a_proxy_is_not_held_to_what_another_asks(university):
    client = client_of(university, rate=1, proxies=1)
    answers = [
        client.get("/api/v1/editions", headers={"X-Forwarded-For": f"192.0.2.{one}"}).status_code for one in (1, 2, 1)
    ]
    assert answers == [200, 200, 429]


def test_the_limit_keeps_no_address_and_forgets_its_secret_with_the_minute():
    now = [1000.0]
    limit = Limit(2, lambda: now[0])
    address = "192.0.2.77"
    assert [limit.takes(address) for _ in range(3)] == [0, 0, 60 - 1000 % 60]
    kept = bytes(limit._shared)
    assert address.encode() not in kept
    assert bytes([192, 0, 2, 77]) not in kept
    now[0] += 60
    assert limit.takes(address) == 0
    after = bytes(limit._shared)
    assert kept[8:40] not in after
    assert sum(after[40:]) == 1, "nothing of the minute before is left"


def test_the_limit_holds_when_it_has_counted_all_it_can():
    limit = Limit(60_000, lambda: 0.0)
    assert [limit.takes("192.0.2.1") > 0 for _ in range(65_600)].count(False) == 60_000


def test_where_to_report_a_weakness_stands_where_it_is_looked_for(university):
    said = client_of(university, security="mailto:security@example.nl", address="https://wegwijzer.example.nl")
    response = said.get("/.well-known/security.txt", headers={"Host": "wegwijzer.example.nl"})
    assert response.content_type == "text/plain; charset=utf-8"
    fields = dict(line.split(": ", 1) for line in response.text.splitlines())
    assert fields["Contact"] == "mailto:security@example.nl"
    assert fields["Canonical"] == "https://wegwijzer.example.nl/.well-known/security.txt"
    assert TODAY < date.fromisoformat(fields["Expires"][:10]) < date(TODAY.year + 1, TODAY.month, TODAY.day)


def test_where_nobody_says_where_to_report_nothing_is_made_up(university):
    assert client_of(university).get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEGWIJZER_HOSTS", "https://x.example"),
        ("WEGWIJZER_HOSTS", "x.example:80"),
        ("WEGWIJZER_HOSTS", "*"),
        ("WEGWIJZER_PROXIES", "yes"),
        ("WEGWIJZER_PROXIES", "-1"),
        ("WEGWIJZER_PROXIES", "²"),
        ("WEGWIJZER_RATE", "60001"),
        ("WEGWIJZER_RATE", "99"),
        ("WEGWIJZER_SECURITY", "security@example.nl"),
        ("WEGWIJZER_SECURITY", "https://x.example/\nContact: mailto:evil@example"),
        ("WEGWIJZER_METRICS", "9100"),
        ("WEGWIJZER_METRICS", "127.0.0.1:0"),
        ("WEGWIJZER_METRICS", "::1:9100"),
        ("WEGWIJZER_EXIT", "http://["),
        ("WEGWIJZER_THEME", "x" * 5000),
        ("WEGWIJZER_THEMES", "x" * 5000),
        ("WEGWIJZER_LOG", "debug"),
        ("WEGWIJZER_CALLS", "sometimes"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_its_name(name, value):
    with pytest.raises(SettingError, match=name):
        read_settings({name: value})
