"""For web teams: what they copy from the guide works on their site as it stands there; and oEmbed."""

from __future__ import annotations

import re
import subprocess
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from cms import FILTERS, Filtered
from conftest import TODAY, Served
from embed_check.main import main as embed_check
from hosts import inside
from looks import faults
from walking import hurry, press, tab

from service.cli.main import main
from service.rulebook.library import RULEBASE, load_library
from service.web.app import create_app
from service.web.embedding import guide
from service.web.embedding.frame import Scripts
from service.web.embedding.snippets import Choice, Snippets
from service.web.settings import Settings, read_settings

GUIDES = {"nl": "/insluiten", "en": "/embed-guide"}
SHORT = {"concerns": ["labour_conflict"], "reporter": "employee", "organisation": ""}


@pytest.fixture(scope="module")
def ours(library, host, elsewhere):
    settings = Settings(exit=f"{elsewhere.address}/", embed=(host.origin,))
    served = Served(create_app(library, settings=settings, today=lambda: TODAY))
    yield served
    served.stop()


def copied(page, name):
    return page.locator(f"#code-{name}").inner_text()


def test_axe_finds_nothing_on_the_guide_nor_in_what_it_shows_live(chromium, ours):
    """The languages take turns: words differ by language, what puts them together does not."""
    with tab(chromium) as page:
        for language, whole in (("nl", True), ("en", False)):
            page.goto(ours.address + GUIDES[language])
            frame = inside(page)
            assert faults(page, language, None if whole else frame) == []
        assert page.wrong == []


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("name", ["link", "element", "frame"])
def test_what_a_web_team_chooses_and_copies_works_on_its_site(chromium, host, ours, name, javascript):
    with tab(chromium, java_script_enabled=javascript) as page:
        page.goto(ours.address + GUIDES["nl"])
        page.select_option("#language", "en")
        page.select_option("#organisation", "szw")
        page.select_option("#concern", "labour_conflict")
        with page.expect_navigation():
            page.locator("main form button").click()
        code, policy = copied(page, name), copied(page, "policy")
        assert page.locator("#organisation").input_value() == "szw"
        assert "--organisation szw" in copied(page, "static")
    with tab(chromium) as page:
        page.goto(host.shows(f"/{name}", code, Content_Security_Policy=f"default-src 'none'; {policy}"))
        if name == "link":
            page.locator("main a").click()
            page.wait_for_url(f"{ours.address}/en")
            return
        frame = inside(page) if name == "element" else page.frames[1]
        frame.scripted = True
        frame.wait_for_selector('#mode[data-mode="device"]')
        press(frame)
        assert frame.locator("main .ww-control:checked").get_attribute("value") == "labour_conflict"
        assert frame.evaluate("document.documentElement.lang") == "en"
        press(frame, "back")
        hurry(frame, SHORT)
        assert frame.locator(".ww-do").count() == 1
        assert page.wrong == []


def test_code_is_copied_with_a_button(chromium, ours):
    with tab(chromium, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto(ours.address + GUIDES["nl"])
        page.locator('[data-copies="code-element"]').click()
        page.get_by_text("Gekopieerd.").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == copied(page, "element").strip()


def test_an_unknown_choice_is_refused_with_a_page_that_repeats_nothing(client):
    for option in ("language=fr", "organisation=atlantis", "concern=%3Cscript%3E", "theme=../x"):
        response = client.get(f"/insluiten?{option}")
        assert response.status_code == 400
        assert unescape(option.partition("=")[2]) not in response.text


def test_the_guide_names_the_address_that_the_deployer_set(library):
    settings = Settings(address="https://wegwijzer.example.nl")
    client = create_app(library, settings=settings, today=lambda: TODAY).test_client()
    for path in ("/insluiten", "/embed-guide", "/"):
        text = client.get(path).text
        assert "https://wegwijzer.example.nl" in text
        assert "http://localhost" not in text


# ---- oEmbed


def oembed(client, url="http://localhost/", **more):
    asked = "".join(f"&{name}={value}" for name, value in more.items())
    return client.get(f"/oembed?url={quote(url, safe='')}{asked}")


@pytest.mark.parametrize("path", ["/", "/en", "/vragen", "/en/questions", "/embed/questions"])
def test_oembed_gives_a_frame_in_the_language_of_the_page(client, path):
    response = oembed(client, f"http://localhost{path}", maxwidth=500, maxheight=9000)
    assert response.content_type == "application/json"
    assert response.json["version"] == "1.0"
    assert response.json["type"] == "rich"
    assert (response.json["width"], response.json["height"]) == (500, 800)
    address = unescape(re.search(r'src="([^"]+)"', response.json["html"])[1])
    assert urlsplit(address).path == ("/insluiten/vragen" if path in ("/", "/vragen") else "/embed/questions")
    assert client.get(urlsplit(address).path).status_code == 200
    assert 'width="500"' in response.json["html"]


def test_oembed_in_xml_says_the_same(client):
    body = oembed(client, format="json").json
    root = ElementTree.fromstring(oembed(client, format="xml").text)
    assert root.tag == "oembed"
    assert {one.tag: one.text for one in root} == {name: str(value) for name, value in body.items()}


@pytest.mark.parametrize(
    ("url", "more", "status"),
    [
        ("http://localhost/niets", {}, 404),
        ("https://other.example.nl/", {}, 404),
        ("http://[", {}, 404),
        ("", {}, 404),
        ("http://localhost/", {"format": "yaml"}, 501),
        ("http://localhost/", {"maxwidth": "wide"}, 400),
        ("http://localhost/", {"maxwidth": "0"}, 400),
        ("http://localhost/", {"maxheight": "-5"}, 400),
        ("http://localhost/", {"maxheight": "9" * 5000}, 400),
    ],
)
def test_oembed_refuses_in_our_own_words(client, url, more, status):
    response = oembed(client, url, **more)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/", "/en"])
def test_a_page_says_where_its_oembed_is_and_what_a_shared_link_shows(client, path):
    html = client.get(path).text
    for kind in ("application/json+oembed", "text/xml+oembed"):
        address = unescape(re.search(rf'type="{re.escape(kind)}" href="([^"]+)"', html)[1])
        assert client.get(address.removeprefix("http://localhost")).status_code == 200
    for name in ("title", "description", "type", "url", "site_name", "locale"):
        assert re.search(rf'<meta property="og:{name}" content="[^"]+">', html), name


# ---- the guides in docs/

DOCS = {"nl": "insluiten.md", "en": "embedding.md"}
EXAMPLE = "https://wegwijzer.example.nl"


def doc(name):
    return (Path(__file__).parent.parent / "docs" / name).read_text("utf-8")


def blocks(language, kind, text=None):
    return re.findall(rf"```{kind}\n(.*?)```", text or doc(DOCS[language]), re.S)


@pytest.mark.parametrize("language", DOCS)
def test_every_snippet_of_the_guide_works(chromium, host, ours, language):
    policy = blocks(language, "http")[0].partition(": ")[2].strip().replace(EXAMPLE, ours.address)
    link, element_, frame_, shut = (one.replace(EXAMPLE, ours.address) for one in blocks(language, "html"))
    script_ = element_.splitlines()[0]
    with tab(chromium) as page:
        page.goto(host.shows("/doc-link", link, Content_Security_Policy=policy))
        page.locator("main a").click()
        page.wait_for_selector(".ww-start")
        assert page.evaluate("document.documentElement.lang") == language
        page.goto(host.shows("/doc-element", element_, Content_Security_Policy=policy))
        assert inside(page).evaluate("document.documentElement.lang") == language
        page.goto(host.shows("/doc-script", script_, Content_Security_Policy=policy))
        page.evaluate(f"() => {{ {blocks(language, 'js')[0].replace(EXAMPLE, ours.address)} }}")
        assert inside(page).evaluate("document.documentElement.lang") == language
        page.goto(host.shows("/doc-frame", frame_, Content_Security_Policy=policy))
        page.locator("iframe").wait_for(state="attached")
        page.frames[1].wait_for_selector('#mode[data-mode="device"]')
        page.goto(host.shows("/doc-shut", script_ + shut, Content_Security_Policy=policy))
        page.locator("summary").click()
        assert inside(page).evaluate("document.documentElement.lang") == language
        assert page.wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("language", DOCS)
def test_every_command_of_the_guide_works(
    host, ours, language, tmp_path, monkeypatch, library, university, university_command
):
    """On the small rulebase, at an organisation of it."""
    serve, export, framed, check = (one.strip() for one in blocks(language, "sh"))
    setting, command = serve.rsplit(" wegwijzer ", 1)
    name, _, value = setting.partition("=")
    assert read_settings({name: value.strip('"')}).embed == ("https://intranet.example.nl",)
    assert command in main.commands
    monkeypatch.chdir(tmp_path)
    *export, organisation = export.split()[1:]
    assert organisation in library.organisations.by_id
    done = university_command(*export, "letters")
    assert done.exit_code == 0, done.output
    given, command = framed.split(" wegwijzer ", 1)
    for name, value in re.findall(r'(\w+)="([^"]+)"', given):
        monkeypatch.setenv(name, value)
    done = university_command(*command.split()[:2], "wegwijzer-frame")
    assert done.exit_code == 0, done.output
    frame = university.site.addresses[language].frame.strip("/")
    assert (tmp_path / "wegwijzer-frame" / frame / "index.html").exists()
    element_ = blocks(language, "html")[1].replace(EXAMPLE, ours.address)
    address = host.shows("/hulp", element_)
    assert check.split()[0] == "wegwijzer-embed-check"
    done = CliRunner().invoke(embed_check, [address], env={RULEBASE: None})
    assert done.exit_code == 0, done.output
    server = blocks(language, "nginx")[0].replace("/srv/", f"{tmp_path}/")
    config = f"pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}} http {{ {server} }}"
    (tmp_path / "nginx.conf").write_text(config)
    tried = ["/usr/sbin/nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    done = subprocess.run(tried, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("language", DOCS)
def test_the_guide_has_the_code_that_the_page_gives(language):
    library = load_library()
    snippets, words = Snippets(EXAMPLE, library.site.addresses, Scripts()), library.texts.interface[language]
    link, element_, frame_, _ = (one.strip() for one in blocks(language, "html"))
    assert link == snippets.link(language, words["guide_link_text"])
    assert element_ == snippets.element(Choice(language, "ocw"), words["guide_link_text"])
    assert frame_ == snippets.frame(Choice(language), words["guide_frame_title"])


# ---- the recipes for content management systems

CMS = doc("insluiten-cms.md")
CODES = dict(zip("AB", blocks("nl", "html", CMS), strict=True))
RECIPES = dict(re.findall(r"^\| (\w+) \| code ([AB]) \|", CMS, re.M))
LET_THROUGH = re.findall(r"<(\w+) ([a-z ]+)>", *blocks("nl", "text", CMS))


def test_the_recipes_have_the_codes_of_the_guide():
    _, element_, frame_, _ = blocks("nl", "html")
    assert {"A": element_.replace(' organisatie="ocw"', ""), "B": frame_} == CODES
    assert sorted(RECIPES) == sorted(one["recipe"] for one in FILTERS.values() if "recipe" in one)
    assert all(f"\n## {one}\n" in CMS for one in RECIPES)


def test_the_page_names_the_same_code_as_the_recipe_of_a_product():
    assert {name: {"A": "element", "B": "frame"}[code] for name, code in RECIPES.items()} == guide.RECIPES


@pytest.mark.parametrize("name", [*(name for name, one in FILTERS.items() if "recipe" in one), "drupal_basic"])
def test_a_recipe_shows_the_questions_after_the_filter_of_its_product(chromium, host, ours, name):
    """And "Basic HTML" of Drupal, with what the recipe says to let through."""
    code = CODES[RECIPES.get(FILTERS[name].get("recipe"), "B")].replace(EXAMPLE, ours.address)
    also = {tag: names.split() for tag, names in LET_THROUGH} if name == "drupal_basic" else None
    with tab(chromium) as page:
        page.goto(host.shows(f"/{name}", Filtered(code, name, also, ("127.0.0.1",)).made))
        page.locator("iframe").wait_for(state="attached")
        frame = page.frames[1]
        frame.scripted = True
        frame.wait_for_selector('#mode[data-mode="device"]')
        assert frame.evaluate("self.origin") == "null"
        hurry(frame, SHORT)
        assert frame.locator(".ww-do").count() == 1
        assert page.wrong == []


@pytest.mark.parametrize("name", ["drupal_basic", "wordpress_post", "plone"])
def test_where_a_filter_takes_the_script_away_the_link_stays(name):
    made = Filtered(CODES["A"], name).made
    assert f'<a href="{EXAMPLE}/">' in made
    assert not re.search("<(script|iframe|wegwijzer)", made)


@pytest.mark.parametrize("name", ["drupal_basic", "wordpress_post", "sharepoint"])
def test_where_a_filter_takes_the_frame_away_nothing_stays(name):
    """So the page says to put a link below it."""
    assert not Filtered(CODES["B"], name, sites=("example.org",)).made.strip()


def test_where_a_filter_shows_code_it_shows_all_of_it():
    """So the page says not to paste there."""
    assert unescape(Filtered(CODES["A"], "typo3_text").made) == CODES["A"]
