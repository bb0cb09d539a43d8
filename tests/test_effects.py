"""What headers do in a browser. A header that a browser cannot read does nothing, and says nothing of it."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from conftest import TODAY
from walking import loaded, tab

from service.web import headers
from service.web.app import create_app
from service.web.embedding.frame import Scripts
from service.web.settings import Settings

KINDS = {
    "page": "/",
    "questions": "/vragen",
    "workbench": "/adviseur",
    "wrong page": "/nothing",
    "way out": "/verlaten",
    "API": "/api/v1/questions",
    "API document": "/api/v1/openapi.json",
    "API error": "/api/v1/nothing",
    "health": "/health/ready",
    "file": None,
    "script to embed": f"/embed/{Scripts().newest}/wegwijzer.js",
    "frame": "/insluiten/vragen",
    "security": "/.well-known/security.txt",
}


def path_of(site, kind):
    if kind == "file":
        page = urllib.request.urlopen(site.address).read().decode()
        return "/static/" + page.split("/static/")[1].split('"')[0]
    return KINDS[kind]


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """Takes a redirect for an answer."""

    def redirect_request(self, *_):
        """Follow nothing."""


def answered(site, path):
    try:
        return urllib.request.build_opener(NoRedirect).open(site.address + path)
    except urllib.error.HTTPError as error:
        return error


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_answer_has_what_protects_it(site, kind):
    with answered(site, path_of(site, kind)) as response:
        said = response.headers
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["Referrer-Policy"] == "no-referrer"
        assert said["Permissions-Policy"] == headers.WITHOUT
        assert said["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in said["Content-Security-Policy"]
        assert said["Cross-Origin-Resource-Policy"] == (
            "cross-origin" if kind in ("file", "script to embed", "frame") else "same-origin"
        )
        if kind != "frame":
            assert said["X-Frame-Options"] == "DENY"
            assert said["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Set-Cookie" not in said


@pytest.mark.parametrize("kind", ["page", "questions", "workbench", "wrong page", "frame"])
def test_the_browser_understands_every_header(chromium, site, kind):
    """The browser reads each without a complaint, and gives the page nothing that it does not need."""
    with tab(chromium) as page:
        told = []
        page.on("console", lambda message: told.append(message.text))
        loaded(page, site.address + path_of(site, kind))
        assert [one for one in told if "404" not in one] == []
        allowed = page.evaluate("document.featurePolicy.allowedFeatures()")
        known = page.evaluate("document.featurePolicy.features()")
        assert sorted(set(headers.FEATURES) & set(allowed)) == []
        assert sorted(set(headers.FEATURES) - set(known)) == [], "a name that the browser does not know does nothing"


def test_the_camera_stays_shut_and_without_the_header_it_would_not(chromium, site):
    with tab(chromium) as page:
        page.goto(site.address)
        allowed = "document.featurePolicy.allowsFeature('camera')"
        assert page.evaluate(allowed) is False

        def without(route):
            response = route.fetch()
            kept = {name: value for name, value in response.headers.items() if name != "permissions-policy"}
            route.fulfill(response=response, headers=kept)

        page.route("**/*", without)
        page.goto(site.address)
        assert page.evaluate(allowed) is True


def test_a_window_that_opened_ours_cannot_reach_it(chromium, site, elsewhere):
    with tab(chromium) as page:
        page.goto(elsewhere.address.replace("127.0.0.1", "localhost"))
        with page.context.expect_page() as opened:
            page.evaluate(f"window.other = window.open('{site.address}/vragen')")
        opened.value.wait_for_selector("h1")
        assert opened.value.evaluate("window.opener") is None
        assert page.evaluate("window.other.closed") is True, "to whoever opened it, it is gone"


@pytest.mark.parametrize("path", ["/", "/vragen", "/api/v1/questions", "/health/ready", "/nothing", "/adviseur"])
def test_no_site_can_show_in_a_frame_what_is_not_made_for_it(chromium, site, elsewhere, path):
    with tab(chromium) as page:
        page.goto(elsewhere.address)
        page.evaluate(
            "(to) => new Promise((done) => { const one = document.createElement('iframe'); one.onload = done; "
            "one.src = to; document.body.append(one); })",
            site.address + path,
        )
        assert page.frames[1].evaluate("document.body?.innerText.includes('Wegwijzer') ?? false") is False
        assert page.frames[1].url.startswith("chrome-error:")


@pytest.mark.parametrize("path", ["/api/v1/questions", "/api/v1/referrals", "/vragen", "/health/ready"])
def test_a_page_of_another_site_can_read_nothing_that_is_not_published_for_all(chromium, site, elsewhere, path):
    with tab(chromium) as page:
        page.goto(elsewhere.address)
        reads = "(to) => fetch(to).then((one) => one.text(), () => 'refused')"
        assert page.evaluate(reads, site.address + path) == "refused"
        tags = (
            "(to) => new Promise((done) => { const one = document.createElement('script'); "
            "one.onload = () => done('ran'); one.onerror = () => done('refused'); "
            "one.src = to; document.body.append(one); })"
        )
        assert page.evaluate(tags, site.address + path) == "refused"


def test_an_answer_of_the_api_that_is_opened_as_a_page_can_do_nothing(chromium, site):
    with tab(chromium) as page:
        page.goto(site.address + "/api/v1/questions")
        page.evaluate(
            "document.body.innerHTML = '<img src=x onerror=\"window.ran = 1\"><script>window.ran = 1</script>'"
        )
        page.wait_for_timeout(200)
        assert page.evaluate("window.ran") is None


def test_a_browser_that_came_by_tls_once_comes_by_tls_for_a_year(library):
    client = create_app(library, settings=Settings(proxies=1), today=lambda: TODAY).test_client()
    for path in ("/", "/nothing", "/api/v1/questions", "/verlaten"):
        secure = client.get(path, headers={"X-Forwarded-Proto": "https"})
        assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Strict-Transport-Security" not in client.get(path).headers


def test_a_request_is_never_sent_back_as_it_came(client):
    for path in ("/", "/vragen", "/api/v1/referrals", "/nothing"):
        response = client.open(path, method="TRACE", headers={"X-Secret": "geheim-7f3a"})
        assert response.status_code in (404, 405)
        assert "geheim-7f3a" not in response.text
