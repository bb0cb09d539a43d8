"""What an editor sees before anything is in service: both sides, and what changes for whom."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from conftest import TODAY, Served
from small import UNIVERSITY, copied
from walking import answer_all, tab

from service.cli.main import main
from service.serving.preview import CHANGES, Preview
from service.web.settings import Settings

WAS, IS = "Een klacht onder uw naam kan altijd.", "Een klacht met uw naam kan altijd."


@pytest.fixture
def folder(tmp_path):
    """A copy of the small rulebase."""
    return copied(tmp_path)


@pytest.fixture
def preview(folder):
    return Preview(folder, str(UNIVERSITY), Settings(), lambda: TODAY)


@pytest.fixture
def get(preview):
    """A page of what is being changed: its status, and its words."""

    def asked(path):
        told = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "HTTP_HOST": "localhost", "wsgi.url_scheme": "http"}
        environ |= {"SERVER_NAME": "localhost", "SERVER_PORT": "80", "HTTP_ACCEPT_ENCODING": "gzip"}
        body = b"".join(preview.answer(environ, lambda status, headers: told.append((status, dict(headers)))))
        ((status, headers),) = told
        assert int(headers["Content-Length"]) == len(body)
        return status[:3], body.decode()

    return asked


def save(folder, old, new):
    path = folder / "rules" / "complaints_committee.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


RULE = "/regels/complaints_committee.1"


@pytest.mark.slow
def test_what_is_saved_is_seen_with_the_next_page_and_beside_it_stands_what_was(folder, preview, get):
    assert WAS in get(RULE)[1]
    save(folder, WAS, IS)
    status, said = get(RULE)
    assert status == "200"
    assert IS in said
    assert WAS not in said
    assert preview.words["preview_mark"] in said
    before = preview.before.test_client().get(RULE).text
    assert WAS in before
    assert preview.words["preview_mark"] not in before
    changes = get(CHANGES)[1]
    assert f"“{WAS}” → “{IS}”" in changes
    save(folder, IS, WAS)
    assert "→" not in get(CHANGES)[1]


def test_a_mistake_is_told_with_its_place_until_it_is_mended(folder, get):
    assert get(RULE)[0] == "200"
    save(folder, 'as = "also"', 'as = "alsoo"')
    status, said = get(RULE)
    assert status == "503"
    assert re.search(r"rules/complaints_committee\.toml:\d+: ", said)
    assert "Bedoelt u" in said, "in the language of the rulebase"
    save(folder, 'as = "alsoo"', 'as = "also"')
    assert get(RULE)[0] == "200"


def test_both_sides_can_be_written_as_a_folder(folder, tmp_path):
    save(folder, WAS, IS)
    into = tmp_path / "shown"
    words = ["preview", str(folder), "--before", str(UNIVERSITY), "--into", str(into), "--on", TODAY.isoformat()]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    index = (into / "index.html").read_text("utf-8")
    assert IS in index
    for side, words_of in (("before", WAS), ("after", IS)):
        assert f'href="{side}/index.html"' in index
        assert (into / side / "index.html").exists()
        assert words_of in "".join(path.read_text("utf-8") for path in (into / side).rglob("complaints_committee.1*"))


def test_a_revision_that_is_none_is_told(folder):
    done = CliRunner().invoke(main, ["preview", str(folder), "--before", "no-such-revision"])
    assert done.exit_code == 2
    assert "no git revision 'no-such-revision'" in done.output


@pytest.mark.browser
def test_the_questionnaire_works_in_it(chromium, preview):
    """Its scripts and its one page that changes are those of the service."""
    served = Served(preview.answer)
    try:
        with tab(chromium) as page:
            page.goto(served.address + preview.before.extensions["wegwijzer"].library.site.addresses["nl"].questions)
            page.wait_for_selector('#mode[data-mode="device"]')
            answer_all(page, {})
            assert page.locator(".ww-do").count()
            assert page.get_by_text(preview.words["preview_mark"]).count() == 1
            assert not page.wrong
    finally:
        served.stop()
