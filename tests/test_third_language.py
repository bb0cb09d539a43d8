"""A third language is a folder of texts: every face speaks it, and what it lacks is named. The language is made up."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import TODAY
from pseudo import CODE, FILES, PLACES, pseudo, write
from running import ROOT
from visible import visible
from walking import answer_all, settled, tab, unfold

from service.cli import directory, options
from service.cli import main as cli
from service.rulebook.drafts import read_folders
from service.rulebook.toml_files import AuthoringError
from service.serving.static_site import files
from service.web.app import create_app
from service.web.settings import Settings

ENGLISH_OR_DUTCH = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,]+){2,}[A-Za-z]{2,}")
UNTOUCHED = re.compile("[aceinouy]")  # letters that the made-up language writes with an accent
IN_ITS_OWN_LANGUAGE = ("title", "short", "locator", "quote", "basis", "months")  # of a source; and a list of words
TOLD = {"concerns": ["conduct"], "role": "student", "feeling": "unsafe", "anonymity": "named"}


def copied(source, into):
    """A rulebase in another place, with the made-up language added."""
    for name in ("rules", "content", "tests/cases"):
        shutil.copytree(source / name, into / name)
    shutil.copy(source / "tests/neighbourhoods.toml", into / "tests")
    write(into / "rules", into / "content", ROOT / "content")
    return into


@pytest.fixture(scope="module")
def tongue(tmp_path_factory):
    return copied(ROOT / "tests/university", tmp_path_factory.mktemp("university"))


def reads(monkeypatch, tongue):
    """Let the command line read another rulebase than the one that came along."""
    for module in (cli, options, directory):
        monkeypatch.setattr(module, "folder", lambda name: tongue / name)
        monkeypatch.setattr(module, "load_library", lambda: read_folders(tongue / "rules", tongue / "content"))


def left_over(texts):
    """What stands there in another language: words in a row, none of which has an accent."""
    runs = [run[0] for text in texts for run in ENGLISH_OR_DUTCH.finditer(text)]
    return [run for run in runs if UNTOUCHED.search(run)]


def said_in(answer):
    """Every text of an answer, without what it says of sources."""
    if isinstance(answer, dict):
        for key, value in answer.items():
            if key not in IN_ITS_OWN_LANGUAGE:
                yield from said_in(value)
    elif isinstance(answer, list):
        for one in answer:
            yield from said_in(one)
    elif isinstance(answer, str):
        yield answer


@pytest.mark.parametrize("page", ["start", "questions", "statement", "advisor", "book", "frame", "guide", "api"])
def test_every_page_stands_in_the_language_and_leads_to_the_others(made, page):
    answer = made.test_client().get(PLACES[page])
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == CODE
    texts = visible(answer.text, CODE)
    assert sum("~" in text for text in texts) > 20
    assert left_over(texts) == []
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', answer.text, re.DOTALL)
    brought = json.loads(data[1]) if data else {}
    brought.pop("finding", None)  # names are found in every language
    assert left_over(said_in(brought)) == []
    if page != "frame":
        assert {f'hreflang="{one}"' for one in ("nl", "en")} <= set(re.findall(r'hreflang="\w+"', answer.text))


def test_a_site_that_shows_it_gets_a_plain_frame_for_a_language_the_script_does_not_know(made):
    code = made.test_client().get(f"{PLACES['guide']}?language={CODE}").text
    assert f'src="{PLACES["frame"]}"' in code
    assert "<wegwijzer-vragenlijst" not in code


@pytest.mark.slow
def test_our_own_rulebase_can_have_the_language_too(tmp_path):
    """A body that only the register knows has one name, in whatever language."""
    here = copied(ROOT, tmp_path)
    draft = read_folders(here / "rules", here / "content")
    app = create_app(draft, settings=Settings(), today=lambda: TODAY)
    organisations = draft.organisations.by_id.values()
    named = [name for one in organisations for name in one.names]
    names = [*(text for name in named for text in name.text.values()), *(name.abbreviation or "" for name in named)]
    for page in ("start", "questions", "advisor", "book"):
        texts = visible(app.test_client().get(PLACES[page]).text, CODE)
        assert sum("~" in text for text in texts) > 20
        assert [run for run in left_over(texts) if not any(run in name for name in names)] == []


def test_the_service_answers_a_program_in_the_language(made):
    client = made.test_client()
    body = {"situation": TOLD, "organisation": "letters", "language": CODE}
    answer = client.post("/api/v1/referrals", json=body).json
    assert answer["complete"]
    assert answer["referrals"][0]["name"] == pseudo("Counsellor")
    assert left_over(said_in(answer)) == []
    for path in ("questions", "destinations", "organisations"):
        assert left_over(said_in(client.get(f"/api/v1/{path}?language={CODE}").json)) == []
    document = client.get("/api/v1/openapi.json").json
    assert document["components"]["schemas"]["ReferralRequest"]["properties"]["language"]["enum"] == ["nl", "en", CODE]


def test_an_address_nobody_has_is_answered_in_the_language_of_its_beginning(made):
    answer = made.test_client().get(f"{PLACES['start']}/nowhere")
    assert answer.status_code == 404
    assert left_over(visible(answer.text, CODE)) == []


def test_a_form_without_javascript_is_answered_in_the_language(made):
    from forms import Page, send

    client = made.test_client()
    page = Page(client.post(PLACES["questions"], data={"to": "next"}))
    while page.step:
        assert left_over(visible(page.html, CODE)) == []
        wanted = TOLD.get(page.step, page.options[page.step][-1])
        page = send(client, page, answers=wanted if isinstance(wanted, list) else [wanted])
    assert pseudo("Talk it over with the study adviser.").split(" ~")[0] not in page.words
    assert left_over(visible(page.html, CODE)) == []


@pytest.mark.parametrize("page", ["questions", "frame"])
def test_a_browser_asks_decides_and_makes_the_calendar_in_the_language(chromium, served, page):
    with tab(chromium, accept_downloads=True) as one:
        one.goto(served.address + PLACES[page])
        one.wait_for_selector('#mode[data-mode="device"]')
        answer_all(one, {**TOLD, "organisation": "letters"})
        one.wait_for_selector("[data-part=calendar]")
        assert left_over(visible(one.content(), CODE)) == []
        if page == "questions":
            unfold(one)
            one.locator("[data-terms]").first.fill(TODAY.isoformat())
            with one.expect_download() as download:
                settled(one).locator("[data-part=calendar] button").click()
            body = Path(download.value.path()).read_text("utf-8").replace("\n ", "")
            assert pseudo("The committee hears you within fourteen days.") in body
            assert left_over(re.findall(r"^(?:SUMMARY|DESCRIPTION):(.*)$", body, re.MULTILINE)) == []
        assert one.wrong == []


def test_the_folder_of_files_has_its_pages(made):
    found = files(made, Settings())
    assert set(FILES.values()) <= found.keys()
    for name in FILES.values():
        assert left_over(visible(found[name].decode(), CODE)) == []


@pytest.mark.parametrize(
    "command",
    [
        ["decide", "concerns=conduct", "role=student", "feeling=unsafe", "anonymity=named", "--closed"],
        ["why", "study_adviser", "concerns=conduct", "role=student", "feeling=annoyed"],
        ["why-not", "exam_board", "concerns=conduct", "role=student", "feeling=annoyed"],
        ["questions"],
        ["organisations"],
        ["page"],
        ["doubts"],
    ],
)
def test_the_command_line_speaks_the_language(tongue, monkeypatch, command):
    reads(monkeypatch, tongue)
    # On a terminal so wide that a quotation, which keeps its language, stands on the line of its source.
    ran = CliRunner().invoke(cli.main, [*command, "--language", CODE], env={"COLUMNS": "1000"})
    assert ran.exit_code in (0, 1), ran.output
    assert "~" in ran.output
    # A quotation keeps its language, and a command has none.
    kept = ("Charter", "“", "wegwijzer decide")
    lines = [line for line in ran.output.splitlines() if not any(one in line for one in kept)]
    assert left_over(lines) == []


def test_the_proof_is_told_in_the_language(tongue):
    where = ["--rules", str(tongue / "rules"), "--content", str(tongue / "content")]
    ran = CliRunner().invoke(cli.main, ["check", *where, "--language", CODE])
    assert ran.exit_code == 0, ran.output
    assert ran.output.count("~") > 100
    assert left_over(ran.output.splitlines()) == []


def test_a_language_that_there_is_not_is_refused_with_those_that_there_are(tongue, monkeypatch):
    reads(monkeypatch, tongue)
    ran = CliRunner().invoke(cli.main, ["questions", "--language", "fr"])
    assert ran.exit_code == 2
    assert "'fr' is not one of 'nl', 'en', 'qps'." in ran.output


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "terms.toml",
            '"past" = { "qps" = ',
            '"past" = { "qqs" = ',
            "content/languages/qps/terms.toml:1: 'qqs' is no text of the language 'qps', "
            "and does not stand so in content/terms.toml.",
        ),
        (
            "questions/role.toml",
            '"ask" = ',
            '"aks" = ',
            "content/languages/qps/questions/role.toml:1: The key 'aks' is not known here. Did you mean 'ask'?",
        ),
        (
            "notices.toml",
            '"id" = "fire"',
            '"id" = "water"',
            "content/languages/qps/notices.toml:1: This belongs to nothing in content/notices.toml: "
            "what it repeats of it does not stand so there.",
        ),
        (
            "rules/counsellor.toml",
            '"id" = "counsellor.2", ',
            '"id" = "counsellor.1", ',
            "content/languages/qps/rules/counsellor.toml:1: rule 'counsellor.2': The key 'qps' is missing. "
            "It goes with what stands at rules/counsellor.toml:",
        ),
        (
            "interface.toml",
            '"next" = ',
            '"nxt" = ',
            "content/languages/qps/interface.toml:1: The word 'next' is missing, which pages need; "
            "add it in every language.",
        ),
    ],
)
def test_a_text_that_is_missing_or_belongs_to_nothing_is_named_with_its_file(tmp_path, file, old, new, says):
    here = copied(ROOT / "tests/university", tmp_path)
    path = here / "content/languages/qps" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(AuthoringError) as caught:
        read_folders(here / "rules", here / "content")
    assert says in str(caught.value)


def test_a_file_that_the_language_lacks_is_named_with_every_text_it_should_hold(tmp_path):
    here = copied(ROOT / "tests/university", tmp_path)
    (here / "content/languages/qps/terms.toml").unlink()
    with pytest.raises(AuthoringError) as caught:
        read_folders(here / "rules", here / "content")
    lines = str(caught.value).splitlines()
    assert len(lines) == 3, lines  # two terms, of which one says what can still be done when it is over
    assert all(line.startswith("content/languages/qps/terms.toml:1: The key '") for line in lines)
    assert all("It goes with what stands at content/terms.toml:" in line for line in lines)
