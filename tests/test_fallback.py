"""A language may be begun with a few texts: the rest is that of another, and who reads, hears or maintains it knows."""

from __future__ import annotations

import re
import tomllib

import pytest
from click.testing import CliRunner
from conftest import TODAY
from forms import Page, send
from pseudo import CODE, FILES, PLACES, pseudo, written
from running import ROOT
from test_third_language import TOLD, copied, left_over, reads
from visible import visible
from walking import answer_all, tab

from service.cli.check import Folders, look
from service.cli.main import main
from service.rulebook.drafts import read_folders
from service.rulebook.languages import FROM, TO, marked, plain
from service.serving.static_site import files
from service.web.app import create_app
from service.web.pages.book import files as book
from service.web.passages import passages
from service.web.settings import Settings

OTHER = "nl"
KEPT = ("site.toml", "channels/counsellor.toml", "questions/role.toml", "rules/counsellor.toml")
WORDS = ("start_title", "start_lead")
PASSAGE = re.compile(f"{FROM}[^{FROM}{TO}]*{TO}")
NOTICE = "Nog niet alles is vertaald. Wat ontbreekt, leest u in een andere taal: Nederlands."


def begun(source, into, fallback=OTHER):
    """A rulebase with the first texts of a language, which falls back to another."""
    copied(source, into)
    folder = into / "content/languages" / CODE
    for path in folder.rglob("*.toml"):
        if path.relative_to(folder).as_posix() not in KEPT:
            path.unlink()
    site = tomllib.loads((folder / "site.toml").read_text("utf-8"))[CODE]
    site["words"] = {word: site["words"][word] for word in WORDS}
    said = {**site, **({"fallback": fallback} if fallback else {})}
    (folder / "site.toml").write_text(f"{CODE} = {written(said)}\n", "utf-8")
    return into


@pytest.fixture(scope="module")
def tongue(tmp_path_factory):
    return begun(ROOT / "tests/university", tmp_path_factory.mktemp("begun"))


def check(tongue, *more):
    where = ["--rules", str(tongue / "rules"), "--content", str(tongue / "content"), "--language", "en"]
    return CliRunner().invoke(main, ["check", *where, *more])


def not_said_so(html, names=()):
    """What stands on a page in another language and does not say so, but for names; and marks that are seen."""
    seen = visible(html, CODE)
    texts = [PASSAGE.sub("", PASSAGE.sub("", text)) for text in seen]  # those of attributes, which hold no element
    bare = [text for text in seen if FROM in text and f'"{text}"' not in html]
    return [one for one in left_over(texts) if not any(one in name for name in names)] + bare


def names_of(app):
    organisations = app.extensions["wegwijzer"].library.organisations.by_id.values()
    return [name.text[OTHER] for one in organisations for name in one.names]


@pytest.mark.parametrize("page", ["start", "questions", "statement", "advisor", "book", "frame", "guide", "api"])
def test_every_page_says_of_each_passage_that_is_not_translated_which_language_it_is(made, page):
    answer = made.test_client().get(PLACES[page])
    assert answer.status_code == 200
    assert NOTICE in plain(answer.text)
    assert not_said_so(answer.text, names_of(made)) == []
    assert answer.text.count('<span lang="nl">') > 10
    body = re.sub(r"<script.*?</script>|<[^>]*>", "", answer.text, flags=re.DOTALL)
    assert FROM not in body
    for whole in ("nl", "en"):
        other = made.test_client().get(getattr(made.extensions["wegwijzer"].library.site.addresses[whole], page)).text
        assert "ww-not-all" not in other
        assert FROM not in other


def test_what_is_translated_stands_there_and_is_no_passage(made):
    text = made.test_client().get(PLACES["start"]).text
    (title,) = re.findall(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    assert title.strip() == pseudo("Whom can you turn to?")


def test_a_program_gets_the_same_answer_with_marks_around_what_is_not_translated(made):
    def asked(language):
        body = {"situation": TOLD, "organisation": "letters", "language": language}
        answer = made.test_client().post("/api/v1/referrals", json=body)
        assert answer.status_code == 200
        return answer.json

    begun_, whole = asked(CODE), asked(OTHER)
    first, usual = begun_["referrals"][0], whole["referrals"][0]
    assert first["name"] == pseudo("Counsellor")
    assert first["rules"] == usual["rules"]
    assert first["act"]["ask"] == marked(usual["act"]["ask"])
    assert begun_["notices"][0]["text"] == marked(whole["notices"][0]["text"])
    assert begun_["organisation"]["name"] == whole["organisation"]["name"], "a name is of no language"
    for path in ("questions", "destinations", "organisations"):
        assert made.test_client().get(f"/api/v1/{path}?language={CODE}").status_code == 200


def test_a_form_without_javascript_leads_to_an_outcome(made):
    client = made.test_client()
    page = Page(client.post(PLACES["questions"], data={"to": "next"}))
    while page.step:
        assert not_said_so(page.html, names_of(made)) == []
        wanted = TOLD.get(page.step, page.options[page.step][-1])
        page = send(client, page, answers=wanted if isinstance(wanted, list) else [wanted])
    assert pseudo("Counsellor") in page.words
    assert not_said_so(page.html, names_of(made)) == []


@pytest.mark.parametrize("page", ["questions", "frame", "advisor"])
def test_what_a_script_puts_on_a_page_says_its_language_too(chromium, served, made, page):
    with tab(chromium) as one:
        one.goto(served.address + PLACES[page])
        if page == "advisor":
            one.wait_for_selector("#print", state="visible")
            one.locator("[name='a.concerns'][value='conduct']").evaluate("(box) => box.click()")
            one.locator("[name='a.feeling']:visible").first.wait_for()
        else:
            one.wait_for_selector('#mode[data-mode="device"]')
            answer_all(one, {**TOLD, "organisation": "letters"})
            one.locator("main .ww-do").first.wait_for()
        said = one.evaluate("document.querySelector('main').innerText")
        assert FROM not in said
        assert TO not in said
        assert one.locator("main span[lang=nl]").count() > 10
        assert not_said_so(one.content(), names_of(made)) == []
        assert one.wrong == []


def test_folders_of_files_have_its_pages_and_files_of_its_own(made):
    found = files(made, Settings())
    assert set(FILES.values()) <= found.keys()
    assert "passages.js" in " ".join(found)
    for name in FILES.values():
        assert not_said_so(found[name].decode(), names_of(made)) == []
    assert {f"regels-{CODE}.html", "regels.html"} <= book(made, TODAY).keys()


def test_the_command_line_answers_in_it_and_says_what_it_lacks(tongue, monkeypatch):
    reads(monkeypatch, tongue)
    words = ["concerns=conduct", "role=student", "feeling=unsafe", "anonymity=named", "--language", CODE]
    ran = CliRunner().invoke(main, ["decide", *words])
    assert ran.exit_code == 0, ran.output
    assert ran.stderr.startswith(NOTICE)
    assert "Bel de balie" in ran.stdout
    assert FROM not in ran.output
    for command in (["questions"], ["organisations"], ["page"], ["doubts"], ["why", "study_adviser", *words[:4]]):
        assert CliRunner().invoke(main, [*command, "--language", CODE]).exit_code in (0, 1)


def test_check_counts_what_is_missing_by_file_and_finds_nothing_wrong(tongue):
    ran = check(tongue)
    assert ran.exit_code == 0, ran.output
    count, all_ = map(
        int, re.search(rf"{CODE}: (\d+) of (\d+) texts are not translated, and stand in nl", ran.output).groups()
    )
    assert 0 < count < all_
    listed = check(tongue, "--untranslated").output
    by_file = {file: int(number) for number, file in re.findall(r"^ +(\d+) (\S+\.toml)$", listed, re.MULTILINE)}
    assert sum(by_file.values()) == count
    assert by_file["content/terms.toml"] == 3
    assert "content/questions/role.toml" not in by_file
    (lacks,) = look(Folders(tongue / "rules", tongue / "content", None), "en").untranslated
    assert (lacks.count, lacks.all, lacks.files) == (count, all_, by_file)


def test_a_language_that_falls_back_to_nothing_must_be_whole(tmp_path):
    ran = check(begun(ROOT / "tests/university", tmp_path, fallback=None))
    assert ran.exit_code == 1
    assert "content/languages/qps/terms.toml:1: The key" in ran.output


@pytest.mark.parametrize("other", ["fr", CODE])
def test_a_language_falls_back_to_one_that_is_whole(tmp_path, other):
    ran = check(begun(ROOT / "tests/university", tmp_path, fallback=other))
    assert ran.exit_code == 1
    assert f"content/languages/qps/site.toml:1: {other!r} is no language that stands side by side" in ran.output


def test_pages_stand_at_addresses_of_the_language_itself(tmp_path):
    site = begun(ROOT / "tests/university", tmp_path) / "content/languages/qps/site.toml"
    site.write_text(site.read_text("utf-8").replace('"addresses" = ', '"addressses" = '), "utf-8")
    assert check(tmp_path).exit_code == 1


PASSAGES = {
    f"<p>{FROM}een{TO} two</p>": '<p><span lang="nl">een</span> two</p>',
    f"<p>{FROM}een {FROM}twee{TO} drie{TO}</p>": '<p><span lang="nl">een twee drie</span></p>',
    f"<p>{FROM}een <a>term</a> drie{TO}</p>": '<p><span lang="nl">een </span><a>term</a> drie</p>',
    f"<title>{FROM}een{TO}</title><script>{FROM}</script>": f'<title lang="nl">een</title><script>{FROM}</script>',
    f'<a title="{FROM}een{TO}">x</a>': f'<a title="{FROM}een{TO}">x</a>',
}


@pytest.mark.parametrize("page", PASSAGES)
def test_a_passage_never_reaches_beyond_the_element_it_stands_in(page):
    assert passages(page, "nl") == PASSAGES[page]
    assert passages(page, "") == page


@pytest.mark.slow
def test_our_own_rulebase_can_have_a_language_that_is_begun(tmp_path):
    here = begun(ROOT, tmp_path)
    app = create_app(read_folders(here / "rules", here / "content"), settings=Settings(), today=lambda: TODAY)
    for page in ("start", "questions", "advisor", "book"):
        answer = app.test_client().get(PLACES[page])
        assert answer.status_code == 200
        assert NOTICE in plain(answer.text)
        assert answer.text.count('<span lang="nl">') > 20
