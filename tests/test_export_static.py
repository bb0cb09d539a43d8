"""The folder of files: the same answers without a service, on web servers as people have them."""

from __future__ import annotations

import functools
import http.server
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import TODAY
from folders import EXIT, built, start, written
from forms import outcome
from journeys import journeys
from looks import InTurn
from running import LANGUAGES, free_port
from walking import answers_of, hurry, loaded, press, step_of, tab, text_of

from service.rulebook.library import RULEBASE
from service.serving.static_site import files
from service.web.app import create_app
from service.web.settings import Settings

QUESTIONS = {"nl": "vragen.html", "en": "questions.html"}
LEAVING = ("verlaten.html", "leave.html")
ADVISOR = {"nl": "adviseur.html", "en": "advisor.html"}


@pytest.fixture(scope="module", params=["nginx", "apache"])
def server(request):
    """A web server as people have them, with our sample, and with nothing of ours behind it."""
    folder = Path(tempfile.mkdtemp())  # not below pytest's own: a web server reads as somebody else
    site = written(folder / "site", built())
    folder.chmod(0o755)
    running = start(request.param, folder, site)
    running.kind = request.param
    yield running
    running.stop()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def small(university_app):
    """The folder of the small rulebase: what holds of any folder is seen in it."""
    return files(university_app, Settings())


@pytest.fixture(scope="module")
def plain(small, tmp_path_factory):
    """A server that knows nothing of us, with the folder of the small rulebase somewhere below its root."""
    root = tmp_path_factory.mktemp("plain")
    written(root / "hulp" / "wegwijzer", small)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=root))
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}/hulp/wegwijzer"
    running.shutdown()
    running.server_close()


def begin(page, address, language="nl"):
    page.goto(f"{address}/{QUESTIONS[language]}")
    page.wait_for_selector('#mode[data-mode="device"]')


# ---- the same answers


def test_the_folder_gives_the_answers_that_the_service_gives(chromium, server, client):
    """On each server in a language of its own: what answers is the script that is held to the server at every one."""
    part, language = {"nginx": (0, "nl"), "apache": (1, "en")}[server.kind]
    with tab(chromium) as page, tab(chromium) as reader:
        begin(page, server.address, language)
        for stand in journeys()[part::16]:
            hurry(page, stand)
            plain = outcome(client, answers_of(stand), language)
            ours = [line.replace('href="/', 'href="') for line in text_of(reader, html=plain.main)]
            assert without_places(text_of(page)) == without_places(ours)
        assert page.wrong == []


def without_places(lines):
    """What stands on a page, without the address to which a form would go."""
    return [re.sub(r" (?:action|href)=(?:/\S*|[a-z]+\.html)(?=[ >])", "", line) for line in lines]


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_workbench_works_from_the_folder(chromium, server, site, language):
    with tab(chromium) as page:
        page.goto(f"{server.address}/{ADVISOR[language]}")
        page.wait_for_selector("#print", state="visible")
        page.requests.clear()
        before = page.locator("#doors").inner_text()
        page.check('[name="a.concerns"][value="labour_conflict"]')
        page.check('[name="a.reporter"][value="employee"]')
        assert page.locator("#doors").inner_text() != before
        page.fill("#code", "0")
        page.locator('button[value="read"]').click()
        assert page.locator("#code-wrong").inner_text()
        assert page.requests == []
        assert page.wrong == []


def test_axe_finds_nothing_in_the_folder(chromium, plain, small):
    look = InTurn(LANGUAGES[0])
    with tab(chromium) as page:
        for name in [one for one in small if one.endswith(".html") and "/" not in one and one not in LEAVING]:
            loaded(page, f"{plain}/{name}")
            assert look.faults(page) == [], name
        assert page.wrong == []


# ---- nothing leaves the device


def test_after_the_page_has_loaded_nothing_is_asked_of_any_server(chromium, server):
    with tab(chromium) as page:
        begin(page, server.address)
        page.requests.clear()
        page.context.set_offline(True)
        hurry(page, journeys()[0])
        assert page.locator(".ww-do").count()
        assert page.requests == []


def test_without_any_header_the_pages_still_keep_answers_in(chromium, plain, elsewhere):
    with tab(chromium) as page:
        begin(page, plain)
        before = len(elsewhere.asked)
        page.evaluate(
            """(there) => {
                fetch(there).catch(() => {});
                new Image().src = there;
                const form = document.createElement("form");
                form.action = there;
                document.body.append(form);
                form.submit();
            }""",
            f"{elsewhere.address}/leak",
        )
        page.wait_for_timeout(300)
        assert len(elsewhere.asked) == before


def test_leaving_goes_straight_there(chromium, server, elsewhere):
    with tab(chromium) as page:
        page.goto(f"{elsewhere.address}/before")
        begin(page, server.address)
        hurry(page, journeys()[0])
        page.route(EXIT, lambda route: route.fulfill(body="<!doctype html><title>Sunny</title>"))
        page.locator("#exit").click()
        page.wait_for_url(EXIT)
        page.evaluate("setTimeout(() => history.back())")  # it has answered before it is gone
        page.wait_for_url(f"{elsewhere.address}/before", wait_until="commit")


# ---- without JavaScript


@pytest.mark.parametrize("language", ["nl", "en"])
def test_without_javascript_nobody_is_stuck_and_the_full_table_is_a_link_away(chromium, plain, language, university):
    with tab(chromium, java_script_enabled=False) as page:
        for name in (QUESTIONS[language], ADVISOR[language]):
            page.goto(f"{plain}/{name}")
            assert page.locator("main button[value=next]").count() == 0 or page.locator("main button").is_disabled()
            words = university.texts.interface[language]
            page.get_by_text(words["alone_link"]).click()
            page.wait_for_load_state()
            # Folded away, and opened without any script.
            rules = page.locator(".ww-subject tbody th[scope=row]").all_text_contents()
            assert {one.strip() for one in rules} == {rule.id for rule in university.rulebase.on(TODAY).rules}


def test_a_script_that_does_not_come_is_said(chromium, plain):
    with tab(chromium) as page:
        page.route("**/graph.js", lambda route: route.abort())
        page.goto(f"{plain}/vragen.html")
        page.wait_for_selector('#mode[data-mode="server"]')
        assert page.locator("main button").is_disabled()
        assert page.locator("#alone a").is_visible()


# ---- the folder itself


def test_two_builds_are_the_same_byte_for_byte(small, university_file, tmp_path):
    """Also by another process, that puts sets in another order."""
    command = ["-c", "from service.cli.main import main; main()", "export", "static", str(tmp_path)]
    subprocess.run(
        [sys.executable, *command, "--on", TODAY.isoformat()],
        env={**os.environ, "PYTHONHASHSEED": "1", RULEBASE: str(university_file)},
        check=True,
        capture_output=True,
    )
    made = {str(path.relative_to(tmp_path)): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == small


@pytest.mark.slow
def test_every_page_says_which_rules_it_holds_and_from_which_day(library):
    digest = library.rulebase.on(TODAY).digest
    pages = {name: body.decode() for name, body in built().items() if name.endswith(".html")}
    assert len([name for name in pages if "/" not in name]) == 12
    for name, text in pages.items():
        assert digest in text, name
        assert ("23 november 2026" if 'lang="nl"' in text[:40] else "23 November 2026") in text, name


@pytest.mark.slow
def test_every_link_in_the_folder_leads_to_a_file_in_it():
    class Links(HTMLParser):
        def handle_starttag(self, tag, attributes):
            given = dict(attributes)
            found.extend(given[name] for name in ("href", "src") if given.get(name))

    made = built()
    for name in [one for one in made if one.endswith(".html")]:
        found = []
        Links().feed(made[name].decode())
        for target in found:
            if not re.match(r"https?:|data:|tel:|#", target):
                file = posixpath.normpath(posixpath.join(posixpath.dirname(name), target.partition("#")[0]))
                assert file in made, (name, target)


def test_the_sums_are_those_of_the_files(small, tmp_path):
    folder = written(tmp_path, small)
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("OK") == len(small) - 1


def test_a_ministry_has_its_own_organisation_look_and_way_out(chromium, tmp_path, university, small):
    (tmp_path / "look").mkdir()
    (tmp_path / "look" / "theme.css").write_text(":root { --ww-accent: #5c2d91 }")
    settings = Settings(exit="https://example.org/", theme=tmp_path / "look")
    made = files(create_app(university, settings=settings, today=lambda: TODAY), settings, "letters")
    assert made != small
    site = written(tmp_path / "site", made)
    with tab(chromium) as page:
        page.route(
            "http://folder.example/**", lambda route: route.fulfill(path=site / route.request.url.split("/", 3)[3])
        )
        begin(page, "http://folder.example")
        colour = page.evaluate("getComputedStyle(document.querySelector('main button')).backgroundColor")
        assert colour == "rgb(92, 45, 145)"
        assert page.locator("#exit").get_attribute("data-exit") == "https://example.org/"
        press(page)
        while step_of(page) != "organisation":
            page.locator("main .ww-control").first.check()
            press(page)
        assert page.locator("main .ww-control:checked").get_attribute("value") == "letters"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--organisation", "atlantis"], "no organisation"),
        (["--exit", "knmi"], "WEGWIJZER_EXIT"),
        (["--theme", "/nowhere"], "WEGWIJZER_THEME"),
        (["--on", "2001-01-01"], "2024-09-01"),
    ],
)
def test_a_wrong_option_is_refused_and_nothing_is_written(university_command, tmp_path, options, says):
    done = university_command("export", "static", str(tmp_path / "out"), *options)
    assert done.exit_code == 2
    assert says in done.output
    assert not (tmp_path / "out").exists()


# ---- the samples for web servers


def headers_of(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.headers


def test_the_samples_send_what_they_promise(server):
    static = next(name for name in built() if name.endswith("style.css"))
    deep = next(one for one in built() if re.fullmatch(r"regels/[^/]+/[^/]+\.html", one))
    for path in ("/", "/index.html", "/vragen.html", "/advisor.html", f"/{deep}"):
        headers = headers_of(server.address + path)
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "charset=utf-8" in headers["Content-Type"].lower()
    headers = headers_of(f"{server.address}/{static}")
    assert "immutable" in headers["Cache-Control"]
    assert headers["Content-Type"].startswith("text/css")
    for path in ("/_headers", "/servers/nginx.conf", "/servers/apache.conf"):
        with pytest.raises(urllib.error.HTTPError, match=r"40[34]"):
            headers_of(server.address + path)


@pytest.mark.slow
def test_the_samples_let_a_frame_be_shown_where_the_folder_says_it_stands(university, university_app):
    """And nowhere else; what it loads may be loaded by a page without an origin, as it is."""
    port = free_port()
    shown = "https://intranet.example.nl"
    made = files(university_app, Settings(address=f"http://127.0.0.1:{port}", embed=(shown,)))
    for kind in ("nginx", "apache"):
        folder = Path(tempfile.mkdtemp())
        folder.chmod(0o755)
        running = start(kind, folder, written(folder / "site", made), port)
        for language, addresses in university.site.addresses.items():
            headers = headers_of(running.address + addresses.frame)
            policy = headers["Content-Security-Policy"]
            assert f"frame-ancestors 'self' {running.address} {shown};" in policy, language
            assert "; sandbox allow-scripts" in policy
            assert "X-Frame-Options" not in headers
        for name in [one for one in made if one.endswith(".js")]:
            assert headers_of(f"{running.address}/{name}")["Access-Control-Allow-Origin"] == "*"
        assert "frame-ancestors 'none'" in headers_of(running.address)["Content-Security-Policy"]
        running.stop()
        shutil.rmtree(folder)


def test_without_an_address_there_is_no_frame(small, university, university_app):
    """WebKit loads nothing into a page without an origin unless it is told from where."""
    frames = tuple(one.frame.strip("/") for one in university.site.addresses.values())
    some, with_one = (
        [one for one in made if one.startswith(frames) or one.endswith("framed.js")]
        for made in (small, files(university_app, Settings(address="https://kompas.example")))
    )
    assert some == []
    assert len(with_one) == len(frames) + 1


def test_the_sample_for_other_hosts_names_every_page_once(small):
    """Hosts of the kind that read `_headers` add up what several lines say of one page, so no page may match two."""
    paths = re.findall(r"^/(\S*)$", small["_headers"].decode(), re.M)
    pages = {f"{one.partition('/')[0]}/*" if "/" in one else one for one in small if one.endswith(".html")}
    assert sorted(paths) == sorted(["", *pages, paths[-1]])
    assert paths[-1].startswith("static-")


def test_the_tools_that_the_tests_need_are_here():
    assert shutil.which("nginx", path="/usr/sbin")
    assert shutil.which("apache2", path="/usr/sbin")
