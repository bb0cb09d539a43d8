"""The way in for another domain: a whole small rulebase of examples, and the guide from there to a site of its own."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import TODAY
from test_another_domain import of_ours

from service.cli.main import main
from service.rulebook.drafts import read_folders
from service.rulebook.library import RULEBASE, decode
from service.rulebook.skeletons import SkeletonError, rulebase
from service.rulebook.style import texts
from service.serving.compiling import findings, read
from service.web.app import create_app
from service.web.settings import read_settings

GUIDE = (Path(__file__).parent.parent / "docs/another-domain.md").read_text("utf-8")
EXAMPLE = {"nl": re.compile("voorbeeld", re.IGNORECASE), "en": re.compile("example", re.IGNORECASE)}
BOTH = ("nl", "en")


def command(*words):
    return CliRunner().invoke(main, [str(one) for one in words])


def begun(folder, *codes):
    for name, text in rulebase(codes, TODAY).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("codes", [("nl",), ("en",), BOTH, ("en", "nl")], ids="-".join)
def test_it_is_proved_in_the_languages_that_were_asked_and_says_nothing_in_another(tmp_path, codes):
    begun(tmp_path, *codes)
    draft, held = read(tmp_path / "rules", tmp_path / "content")
    assert [problem for found in findings(draft, held) for problem in found.broken] == []
    assert set(draft.site.locales) == set(codes)
    assert draft.site.usual == codes[0]
    assert {len(channel.contacts) for channel in draft.texts.channels.values()} == {1}


def test_every_text_says_that_it_is_an_example(tmp_path):
    draft = read_folders(begun(tmp_path, *BOTH) / "rules", tmp_path / "content")
    said = [one for one in texts(draft.files, BOTH) if one.key != "name" or one.file.part != "site.toml"]
    assert len(said) > 150
    assert [one for one in said if not EXAMPLE[one.language].search(one.words)] == []


def test_no_file_or_page_of_it_says_a_word_of_ours(tmp_path):
    begun(tmp_path, *BOTH)
    for path in tmp_path.rglob("*.toml"):
        assert of_ours(path.read_text("utf-8")) == [], path
    app = create_app(
        read_folders(tmp_path / "rules", tmp_path / "content"), settings=read_settings({}), today=lambda: TODAY
    )
    for addresses in app.extensions["wegwijzer"].library.site.addresses.values():
        for page in ("start", "questions", "statement", "advisor", "book", "frame", "guide"):
            answer = app.test_client().get(getattr(addresses, page))
            assert answer.status_code == 200
            assert of_ours(answer.text) == [], page


def test_nothing_is_written_over_or_begun_in_a_language_whose_words_did_not_come_along(tmp_path):
    (tmp_path / "mine").write_text("", "utf-8")
    done = command("new", "rulebase", tmp_path)
    assert done.exit_code == 2
    assert "not empty" in done.output
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
    for codes in (("fy",), (), ("nl", "fy")):
        with pytest.raises(SkeletonError, match="nl and en"):
            rulebase(codes, TODAY)


def test_the_guide_does_what_it_says(tmp_path, monkeypatch):
    """Its lines one after the other; what serves is asked for its first page."""
    monkeypatch.chdir(tmp_path)
    began, left, put, read_, look = re.findall(r"```sh\n(.*?)```", GUIDE, re.S)
    (one_more,) = re.findall(r"`wegwijzer (new destination [^`]*)`", GUIDE)
    served = []

    def run(line):
        settings = dict(re.findall(r"(WEGWIJZER_\w+)=(\S+) ", line))
        words = shlex.split(line)[len(settings) :]
        if words[0] != "wegwijzer":
            return subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=True).stdout
        if words[1:] == ["serve"]:
            library = decode(Path(settings[RULEBASE]).read_bytes())
            served.append(create_app(library, settings=read_settings(settings)).test_client())
            return served[-1].get("/").text
        with pytest.MonkeyPatch.context() as patch:
            for name, value in settings.items():
                patch.setenv(name, value)
            done = command(*words[1:])
        assert done.exit_code == 0, (line, done.output)
        return done.output

    for block in (began, left, put, read_, look):
        for line in block.splitlines():
            run(line)
    assert "Voorbeeldsite" in served[0].get("/").text
    assert Path("site/vragen.html").is_file()
    assert Path("book").is_dir()
    frame = served[1].get("/insluiten/vragen")
    assert "https://www.university.example" in frame.headers["Content-Security-Policy"]
    assert "/theme.css" in served[1].get("/").text
    more = command(*shlex.split(one_more))
    assert more.output.endswith("wegwijzer check --rules campus/rules --content campus/content\n")
    assert len(list(Path("campus").rglob("ombuds.toml"))) == 3
