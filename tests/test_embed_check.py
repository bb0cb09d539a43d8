"""What breaks or leaks on a page that shows Wegwijzer is found, with its mend; and a good page passes."""

from __future__ import annotations

import re
from email.message import Message

import pytest
from click.testing import CliRunner
from conftest import TODAY, Served
from embed_check import checks
from embed_check.checks import Fetched, FetchError
from embed_check.main import WORDS, main
from hosts import Host
from ours import library

from service.web.app import create_app
from service.web.embedding.frame import Scripts
from service.web.embedding.snippets import Choice, Snippets
from service.web.settings import Settings

pytestmark = pytest.mark.slow


def check(url, *fetch):
    """What is found on a page, against what our own service knows."""
    known = {
        "organisation": library().organisations.by_id,
        "concern": library().rulebase.vocabulary.concerns.answers,
    }
    return checks.check(url, known, tuple(one.frame for one in library().site.addresses.values()), *fetch)


@pytest.fixture(scope="module")
def ours(host):
    served = Served(create_app(library(), settings=Settings(embed=(host.origin,)), today=lambda: TODAY))
    yield served
    served.stop()


def snippets(ours):
    return Snippets(ours.address, library().site.addresses, Scripts())


def element(ours):
    return snippets(ours).element(Choice("nl", "ocw", "labour_conflict"), "Wegwijzer")


def kinds(found):
    return {one.kind for one in found}


def run(address, language="nl"):
    return CliRunner().invoke(main, [address, "--language", language])


# What is changed in a good page -> what is found.
FAULTS = {
    "no_script": lambda page: re.sub(r"<script.*?</script>", "", page),
    "module": lambda page: page.replace("<script ", '<script type="module" '),
    "no_integrity": lambda page: re.sub(r' integrity="[^"]*"', "", page),
    "no_crossorigin": lambda page: page.replace(' crossorigin="anonymous"', ""),
    "wrong_integrity": lambda page: page.replace("sha384-", "sha384-x"),
    "script_gone": lambda page: page.replace("/embed/", "/embed/9").replace("/embed/91", "/embed/9.1"),
    "no_link": lambda page: re.sub(r"<p><a.*?</p>", "", page),
    "unknown_organisation": lambda page: page.replace('"ocw"', '"atlantis"'),
    "unknown_concern": lambda page: page.replace("labour_conflict", "rain"),
    "absent": lambda _: "<p>Niets",
    "tracker": lambda page: page + '<script src="https://www.googletagmanager.com/gtag/js"></script>',
}
FRAME_FAULTS = {
    "no_title": lambda page: re.sub(r' title="[^"]*"', "", page),
    "no_way_out": lambda page: page.replace("allow-top-navigation-by-user-activation", ""),
    "unknown_organisation": lambda page: page.replace("organisation=ocw", "organisation=atlantis"),
    "frame_gone": lambda page: page.replace("/insluiten/vragen", "/nergens/insluiten/vragen"),
}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_good_page_passes_and_the_service_it_shows_is_named(host, ours, language):
    policy = f"default-src 'self'; {snippets(ours).policy()}"
    for name, code in (("element", element(ours)), ("frame", snippets(ours).frame(Choice("nl", "ocw"), "Vragen"))):
        done = run(
            host.shows(f"/{name}", code, Content_Security_Policy=policy, Referrer_Policy="same-origin"), language
        )
        assert done.exit_code == 0, done.output
        assert WORDS[language]["fine"] in done.output
        assert ours.address in done.output


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_in_the_element_is_found_with_its_mend(host, ours, kind):
    changed = FAULTS[kind](element(ours))
    done = run(host.shows(f"/{kind}", changed))
    assert done.exit_code == 1
    assert WORDS["nl"][f"{kind}_mend"] in done.output
    found, _ = check(f"{host.origin}/{kind}")
    assert kinds(found) == {kind}


@pytest.mark.parametrize("kind", FRAME_FAULTS)
def test_a_fault_in_a_plain_frame_is_found_with_its_mend(host, ours, kind):
    changed = FRAME_FAULTS[kind](snippets(ours).frame(Choice("nl", "ocw"), "Vragen"))
    found, _ = check(host.shows(f"/frame-{kind}", changed))
    assert kinds(found) == {kind}


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        ("default-src 'none'", {"policy_script", "policy_frame"}),
        ("script-src 'self'; frame-src *", {"policy_script"}),
        ("script-src *; frame-src 'self'", {"policy_frame"}),
        ("script-src 'strict-dynamic' 'nonce-x' OURS; frame-src OURS", {"policy_script"}),
        ("script-src-elem 'self'; script-src OURS; child-src OURS", {"policy_script"}),
        ("default-src OURS/embed/", set()),
        ("script-src http:; frame-src http://127.0.0.1:*", {"policy_frame"}),
        ("img-src 'self'", set()),
        ("default-src OURS, frame-src 'none'", {"policy_frame"}),
    ],
)
@pytest.mark.parametrize("how", ["header", "meta"])
def test_what_the_policy_of_the_site_refuses_is_found(host, ours, policy, found, how):
    policy = policy.replace("OURS", ours.address)
    if how == "meta":
        address = host.shows(
            "/policy", f'<meta http-equiv="Content-Security-Policy" content="{policy}">' + element(ours)
        )
        expected = found if "," not in policy else set()
        if "," in policy:
            return
    else:
        address = host.shows("/policy", element(ours), Content_Security_Policy=policy)
        expected = found
    assert kinds(check(address)[0]) == expected


def test_a_site_that_is_not_listed_is_told_which_address_to_ask_for(ours):
    other = Host()
    done = run(other.shows("/", element(ours)))
    assert done.exit_code == 1
    assert other.origin in done.output
    assert WORDS["nl"]["not_listed_mend"] in done.output
    other.stop()


@pytest.mark.parametrize(
    ("referrer", "bad"),
    [("unsafe-url", True), ("no-referrer, origin", True), ("strict-origin", False), ("no-referrer", False)],
)
def test_a_site_that_tells_where_somebody_comes_from_is_told_so(host, ours, referrer, bad):
    found, _ = check(host.shows("/referrer", element(ours), Referrer_Policy=referrer))
    assert kinds(found) == ({"referrer"} if bad else set())
    found, _ = check(host.shows("/meta", f'<meta name="referrer" content="{referrer}">' + element(ours)))
    assert kinds(found) == ({"referrer"} if bad and "," not in referrer else set())


@pytest.mark.parametrize(
    "code",
    [
        '<script>window.dataLayer = []; gtag("js")</script>',
        "<script>var _paq = window._paq</script>",
        '<img src="https://stats.matomo.cloud/x.gif">',
        '<script src="https://x.containers.piwik.pro/a.js"></script>',
    ],
)
def test_programs_that_measure_visits_are_named(host, ours, code):
    found, _ = check(host.shows("/tracker", element(ours) + code))
    assert kinds(found) == {"tracker"}
    assert found[0].line


def answering(pages):
    """Pages of sites that we cannot stand up here: on https, and on http at a name of their own."""

    def get(url):
        if url not in pages:
            raise FetchError("it does not answer")
        headers = Message()
        for name, value in pages[url][1].items():
            headers[name] = value
        return Fetched(url, headers, pages[url][0])

    return get


def test_what_is_not_secure_or_only_partly_is_found():
    home = "https://wegwijzer.example.nl"
    scripts = Scripts()
    code = Snippets(home, library().site.addresses, scripts).element(Choice("nl"), "Wegwijzer")
    ours = {
        f"{home}/embed/{scripts.newest}/wegwijzer.js": (scripts.by_version[scripts.newest], {}),
        f"{home}/insluiten/vragen": (
            b"",
            {"Content-Security-Policy": "frame-ancestors 'self' https://a.example.nl http://a.example.nl"},
        ),
    }
    mixed = f'{code}<img src="http://pictures.example.nl/x.png">'.encode()
    secure = answering({**ours, "https://a.example.nl/": (mixed, {})})
    assert kinds(check("https://a.example.nl/", secure)[0]) == {"mixed"}
    insecure = answering({**ours, "http://a.example.nl/": (code.encode(), {})})
    assert kinds(check("http://a.example.nl/", insecure)[0]) == {"not_secure"}


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "intranet", "http://127.0.0.1:1/", "https://", "http://[", "ftp://x/"]
)
def test_an_address_that_cannot_be_fetched_is_said_in_one_line(address):
    done = run(address)
    assert done.exit_code == 2
    assert "cannot be fetched" in done.output
    assert "Traceback" not in done.output


def test_a_page_that_is_no_page_is_no_crash(host, ours):
    body = "<wegwijzer-vragenlijst><script src><iframe src=x><meta http-equiv=content-security-policy>"
    host.pages["/odd"] = (f"{body}<img src='http://['><iframe src='http://[/wegwijzer.js'><a b", ())
    found, _ = check(f"{host.origin}/odd")
    assert kinds(found) == {"no_script", "no_link"} | (kinds(found) & {"absent"})


def test_every_kind_that_has_words_can_be_found_here():
    tested = {*FAULTS, *FRAME_FAULTS, "policy_script", "policy_frame", "not_listed", "referrer", "mixed", "not_secure"}
    assert {one.removesuffix("_mend") for one in WORDS["nl"] if one.endswith("_mend")} == tested
