"""The questionnaire by forms alone, as a browser without JavaScript walks it."""

from __future__ import annotations

import gzip
import re
from html import unescape

import pytest
from conftest import TODAY
from forms import ADDRESS, Page, begin, outcome, send, walk
from journeys import complete, journeys, make_interview, profiles
from ours import case_code
from running import LANGUAGES

from service.web.app import create_app
from service.web.rendering import STATIC
from service.web.settings import EXIT, THEME, SettingError, Settings, read_settings

SECRET = "geheim-7f3a"
ANSWERS = {"concerns": ["conduct"], "feeling": "unsafe", "anonymity": "named", "organisation": "letters"}


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_answers_lead_to_the_same_doors_as_the_api(client, library, refer, language):
    """Every door, every rule and every own contact is reached by forms, and the pages say what the API says.

    The second language takes every third of these journeys: other words, put together by the same code. Every fifth is
    walked question by question; the page of the others is asked for as the last question does.
    """
    for number, stand in enumerate(journeys()[:: 1 if language == LANGUAGES[0] else 3]):
        answers = {**stand.given.answers, "concerns": stand.given.concerns, "organisation": stand.given.organisation}
        page = (outcome if number % 5 else walk)(client, answers, language)
        chosen = stand.given.organisation
        body = refer(
            {**stand.given.answers, "concerns": list(stand.given.concerns)},
            language=language,
            **({"organisation": chosen} if chosen else {}),
        )
        shown = re.findall(r'data-destination="(\w+)"', page.main)
        assert shown == [one["destination"] for one in body["referrals"]]
        for one in body["referrals"]:
            short = one["inShort"]
            glance = [short[key] for key in ("heading", "yourName", "hear", "doesNot")] if one["as"] == "first" else []
            line = [] if one["as"] == "first" else [short["line"], short["price"]]
            for text in (one["name"], one["why"], one["yourName"], one["whenSilent"], *one["doubts"], *glance, *line):
                assert text in page.words
            for source in one["sources"]:
                assert source["quote"] is None or source["quote"] in page.words
            for contact in [one["contact"], *one["otherContacts"]] if one["contact"] else []:
                assert contact["phone"] is None or contact["phone"] in page.words
        closed = page.main.split('data-slot="closed"')[1].split("</details>")[0].split('class="ww-closed-door"')[1:]
        assert len(closed) == len(body["closed"])
        for shown, one in zip(closed, body["closed"], strict=True):
            assert one["name"] in shown
            for condition in re.findall(r"<li>(.*?)</li>", shown):
                assert unescape(condition) in one["why"]
        codes = [case_code().read(one) for one in re.findall(r'class="ww-phone" data-slot="\w+">([^<]+)<', page.main)]
        told = (stand.given.concerns, stand.given.answers)
        assert codes == [(*told, None, None), (*told, chosen, None)][: 2 if chosen else 1]


def examples(page):
    """Each example of the first page: how a form says it -> its concern and its answers."""
    found = [one.split(" ") for one in page.options["concerns"] if " " in one]
    return {" ".join(one): (one[0], dict(pair.split("=") for pair in one[1:])) for one in found}


def test_an_example_says_what_it_is_about_and_answers_what_it_knows(client):
    page = begin(client)
    offered = examples(page)
    assert offered
    for value, (concern, answers) in offered.items():
        after = send(client, page, answers=[value])
        assert after.step not in (None, *answers)
        given = after.given()
        assert given["concerns"] == [value]
        assert value.startswith(f"{concern} ")
        assert all(given[fact] == [answer] for fact, answer in answers.items())


def test_what_two_examples_do_not_agree_on_is_asked(client):
    page = begin(client)
    (one, (concern, mine)), (other, theirs) = next(
        (one, other)
        for one in examples(page).items()
        for other in examples(page).items()
        if one[1][1].get("position") != other[1][1].get("position")
    )
    given = send(client, page, answers=[one, other]).given()
    assert set(given["concerns"]) == {one, other}
    assert {each.split(" ")[0] for each in given["concerns"]} == {concern, theirs[0]}
    assert "position" not in given
    assert mine != theirs[1]


def test_an_example_stays_chosen_until_an_answer_contradicts_it(client):
    """And what an example told is forgotten with it: nobody is taken for what they no longer chose."""
    value, (concern, answers) = next(one for one in examples(begin(client)).items() if len(one[1][1]) == 1)
    ((fact, answer),) = answers.items()
    after = send(client, begin(client), answers=[value])
    first = send(client, after, "back")
    assert first.chosen["concerns"] == [value]
    assert fact not in first.given()
    assert fact not in send(client, first, answers=[concern]).given()
    changed = send(client, after, f"change:{fact}")
    assert changed.chosen[fact] == [answer]
    other = next(one for one in changed.options[fact] if one != answer)
    assert send(client, changed, answers=[other]).given()["concerns"] == [concern]


def test_what_stands_alone_goes_with_no_other_answer(client, library):
    words, layout = library.texts.interface["nl"], library.texts.layouts["concerns"]
    page = begin(client)
    (alone,) = layout.alone
    assert page.options["concerns"][-1] == alone
    other = page.options["concerns"][0]
    refused = send(client, page, answers=[other, alone])
    assert refused.status == 400
    assert words["error_alone_title"] in refused.words
    assert library.texts.questions["concerns"]["nl"].answers[alone] in refused.words
    assert refused.chosen["concerns"] == [other, alone], "what was chosen stays, to be corrected"
    for one in (other, alone):
        assert send(client, refused, answers=[one]).status == 200


def test_every_subject_can_be_chosen_and_what_is_lived_comes_first(client, library):
    options = begin(client).options["concerns"]
    assert {one.split(" ")[0] for one in options} == {*library.rulebase.vocabulary.concerns.answers}
    assert {*library.rulebase.vocabulary.concerns.answers} <= {*options}
    assert " " in options[0]


def test_the_title_holds_the_question_and_where_somebody_stands(client, library):
    for language in LANGUAGES:
        words, page = library.texts.interface[language], begin(client, language)
        for number in (1, 2):
            asked = library.texts.questions[page.step][language].ask
            heading = " ".join(re.sub("<[^>]+>", " ", re.search("<h1.*?</h1>", page.main)[0]).split())
            position = heading.removesuffix(f" {asked}")
            assert position.startswith(words["position"].split("{most}")[0].replace("{number}", str(number)))
            assert page.title.startswith(f"{asked} – {position}")
            page = send(client, page, answers=[page.options[page.step][0]])


def test_nothing_stands_between_the_answers_and_the_button(client, library):
    """Help comes after it."""
    page = begin(client)
    while page.step:
        _, _, rest = page.main.partition("</fieldset>")
        before = rest.split("<button")[0]
        assert not re.sub("<[^>]+>", "", before).strip()
        why = library.texts.questions[page.step]["nl"].why if page.step != "organisation" else None
        assert why is None or (unescape(rest).index(why) > rest.index("<button"))
        page = send(client, page, answers=[page.options[page.step][0]])


@pytest.mark.parametrize("value", ["misconduct position=nobody", "misconduct reporter=employee", "misconduct x=y"])
def test_what_is_no_example_of_ours_is_refused(client, value):
    assert send(client, begin(client), answers=[value]).status == 400


def test_back_goes_one_question_back_and_keeps_the_answers(client):
    page = begin(client)
    seen = []
    while page.step:
        seen.append((page.step, page.options[page.step][0]))
        page = send(client, page, answers=[page.options[page.step][0]])
    for step, answer in reversed(seen):
        page = send(client, page, "back")
        assert page.step == step
        assert page.chosen[step] == [answer]
    assert send(client, page, "back").step is None, "before the first question stands the page that explains"


def test_every_answer_can_be_changed_from_the_page_that_shows_them(university_client):
    client = university_client
    check = walk(client, ANSWERS)
    given = check.given()
    assert set(given) == {button.split(":")[1] for button in check.buttons if button and button.startswith("change:")}
    for step, answer in given.items():
        page = send(client, check, f"change:{step}")
        assert page.step == step
        assert page.chosen[step] == answer
        assert send(client, page, answers=answer).given() == given, "choosing the same again changes nothing"


def test_a_changed_answer_says_which_questions_no_longer_count(university, university_client):
    check = walk(university_client, ANSWERS)
    page = send(university_client, send(university_client, check, "change:concerns"), answers=["grade"])
    assert university.texts.questions["feeling"]["nl"].ask in page.words
    assert "feeling" not in page.given()
    assert page.given()["organisation"] == ["letters"]


def test_no_answer_is_an_error_that_says_how_to_mend_it(client, library):
    for language, mark in (("nl", "Fout: "), ("en", "Error: ")):
        page = send(client, begin(client, language))
        assert page.status == 400
        assert page.title.startswith(mark)
        assert library.texts.interface[language]["error_choose_some"] in page.words
        assert 'href="#concerns-0"' in page.html
        assert 'id="concerns-0"' in page.html


def test_the_organisation_is_found_by_a_former_name_and_may_be_declined(university_client, university):
    client, library, page = university_client, university, begin(university_client)
    while page.step != "organisation":
        page = send(client, page, answers=[page.options[page.step][-1]])
    found = send(client, page, "search", q="scheepskunde instituut")
    assert "ships" in found.options["organisation"]
    assert len(found.options["organisation"]) < len(page.options["organisation"])
    assert found.options["organisation"][0] == "", "declining is always possible"
    nothing = send(client, page, "search", q=SECRET)
    other = library.organisations.catch_all
    assert nothing.options["organisation"] == ["", other.id], "who is not in the list has an answer, always"
    assert found.options["organisation"][-1] == other.id
    said = library.texts.interface["nl"]["organisation_none_other"]
    assert said.replace("{name}", other.names[0].text["nl"]) in nothing.words
    assert SECRET not in nothing.html
    assert send(client, nothing, answers=[other.id]).step is None
    assert send(client, nothing, answers=[""]).step is None


@pytest.mark.parametrize(
    "form",
    [
        {SECRET: "x"},
        {"concerns": SECRET},
        {"concerns": ["grade", "grade"]},
        {"concerns": "grade", "role": SECRET},
        {"concerns": "grade", "role": ["student", "applicant"]},
        {"concerns": "grade", "organisation": SECRET},
        {"concerns": "grade", "at": SECRET},
        {"concerns": "grade", "to": SECRET},
        {"concerns": "grade", "to": f"change:{SECRET}"},
        {"concerns": "grade", "to": ["next", "back"]},
        {"concerns": "grade", "campus": "city"},
        {"at": "organisation", "to": "search", "q": f"{SECRET} " * 6},
    ],
    ids=str,
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_wrong_or_stale_form_gets_a_page_that_helps_and_repeats_nothing(
    university_client, university, language, form
):
    page = Page(university_client.post(ADDRESS[language], data=form))
    assert page.status == 400
    assert university.texts.interface[language]["wrong_400"] in page.words
    assert SECRET not in page.html
    assert "grade" not in page.main


def test_the_first_question_comes_from_any_form_that_is_empty(client):
    assert Page(client.post("/vragen", data={})).step == "concerns"
    assert Page(client.post("/vragen", data={"to": "next"})).step == "concerns"


@pytest.mark.parametrize(
    ("method", "path", "status", "language"),
    [
        ("get", f"/{SECRET}", 404, "nl"),
        ("get", f"/de/{SECRET}", 404, "nl"),
        ("get", f"/en/{SECRET}", 404, "en"),
        ("post", "/", 405, "nl"),
        ("put", "/en/questions", 405, "en"),
    ],
)
def test_an_address_that_is_not_ours_gets_a_page_that_helps(client, library, method, path, status, language):
    response = getattr(client, method)(path)
    assert response.status_code == status
    assert response.headers["Content-Language"] == language
    assert SECRET not in response.text
    assert "/en" in response.text
    assert response.content_type == "text/html; charset=utf-8"


def test_too_much_is_refused_in_our_own_words(client):
    assert client.post("/vragen", data={"q": "x" * 300_000}).status_code == 413


def test_a_fault_of_ours_is_a_page_that_says_so(university):
    def broken():
        raise RuntimeError(SECRET)

    client = create_app(university, settings=Settings(), today=broken).test_client()
    response = client.get("/en")
    assert response.status_code == 500
    assert university.texts.interface["en"]["wrong_500_title"] in response.text
    assert SECRET not in response.text


def test_when_the_readings_differ_the_page_sends_the_person_to_a_human(university, monkeypatch):
    app = create_app(university, settings=Settings(), today=lambda: TODAY)
    for engine in app.extensions["wegwijzer"].decider.engines.values():
        monkeypatch.setattr(engine, "fire", lambda asked: dict.fromkeys(asked.concerns, ()))
    client = app.test_client()
    page = walk(client, ANSWERS)
    net = university.rulebase.vocabulary.safety_net
    assert university.texts.interface["nl"]["safety_net"] in page.words
    assert re.findall(r'data-destination="(\w+)"', page.main) == [net]
    assert university.texts.channels[net].contacts[0].phone in page.words


def test_pages_are_not_stored_and_files_are(client):
    for path in ("/", "/vragen", "/en/questions", "/verlaten", "/niets"):
        assert client.get(path).headers["Cache-Control"] == "no-store"
    style = re.search(r'href="(/static/\w+/style\.css)"', client.get("/").text)[1]
    response = client.get(style)
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert client.get("/static/0/style.css").status_code == 404


def test_what_holds_nothing_of_anybody_is_sent_small(client):
    for path in ("/", "/vragen", re.search(r'href="(/static/\w+/style\.css)"', client.get("/").text)[1]):
        plain, small = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert gzip.decompress(small.data) == plain.data
        assert "Accept-Encoding" in small.headers["Vary"]
        assert len(small.data) < len(plain.data) / 2
        assert len(small.data) < 150_000, "it takes more than a second on a slow phone (1.2 Mbit/s)"


def test_leaving_leads_where_the_deployer_says_and_clears_the_cache(university):
    client = create_app(university, settings=Settings(exit="https://example.org/"), today=lambda: TODAY).test_client()
    for path in ("/verlaten", "/en/leave"):
        response = client.get(path)
        assert response.status_code == 303
        assert response.headers["Location"] == "https://example.org/"
        assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "example.org" in client.get("/vragen").text


def test_settings_are_refused_with_their_name_and_the_mend(tmp_path):
    assert read_settings({}).exit is None
    for wrong in ("", "javascript:alert(1)", "knmi.nl", "https://", "https://user@example.org/"):
        with pytest.raises(SettingError, match=EXIT):
            read_settings({EXIT: wrong})
    with pytest.raises(SettingError, match=THEME):
        read_settings({THEME: str(tmp_path / "none.css")})


def test_a_ministry_drops_its_look_in_one_folder(university, tmp_path):
    (tmp_path / "theme.css").write_text(":root { --ww-accent: #154273 }")
    (tmp_path / "own.woff2").write_bytes(b"a font")
    settings = read_settings({THEME: str(tmp_path)})
    client = create_app(university, settings=settings, today=lambda: TODAY).test_client()
    html = client.get("/").text
    own = re.search(r'href="(/static/\w+/theme\.css)"', html)[1]
    assert html.index("style.css") < html.index("theme.css")
    assert client.get(own).text == (tmp_path / "theme.css").read_text()
    assert client.get(own.replace("theme.css", "own.woff2")).data == b"a font"
    assert 'class="ww-theme-external"' in html
    (tmp_path / "style.css").write_text("")
    with pytest.raises(SettingError, match=r"style\.css"):
        create_app(university, settings=settings, today=lambda: TODAY)


def loaded(script):
    """A script and all that it imports, by name."""
    imported = re.findall(r'from "\./([\w.]+)"|import "\./([\w.]+)"', script.read_text("utf-8"))
    return {script.name}.union(*(loaded(script.with_name(one or other)) for one, other in imported))


def test_the_first_page_is_light_and_the_scripts_are_small(client, app):
    html = client.get("/").text
    files = dict(re.findall(r'(?:href|src)="(/static/\w+/([\w.]+))"', html))
    style = next(path for path in files if path.endswith("style.css"))
    parts = [html.encode(), *(client.get(path).data for path in files)]
    folder = style.rpartition("/")[0]
    fonts = re.findall(r"url\(([^)]+?\.woff2)\)", client.get(style).text.replace('"', "").replace("'", ""))
    assert fonts, "a page with no font of ours is not what is measured here"
    parts += [client.get(f"{folder}/{one.removeprefix('./')}").data for one in set(fonts)]
    assert sum(map(len, parts)) < 170_000
    scripts = loaded(STATIC / "questionnaire.js") | {"waiting.js"}
    assert sum(len(gzip.compress(client.get(f"{folder}/{one}").data)) for one in scripts) < 23_000


@pytest.mark.parametrize("address", ADDRESS.values())
def test_what_is_brought_before_the_first_question_is_light(client, address):
    """All of it but the look and the scripts: questions, rules, words and every place, packed."""
    assert len(client.get(address, headers={"Accept-Encoding": "gzip"}).data) < 120_000


def test_the_first_step_is_shown_as_soon_as_it_is_certain_and_the_rest_may_be_answered_after_it(
    university_client, university
):
    """On the way to every outcome: what was shown early is the first step in the end, and nothing is called closed."""
    words, early = university.texts.interface["nl"], 0
    journey = make_interview(university, TODAY)
    for stand in complete(journey, "conduct", profiles(university, TODAY)):
        page, shown = begin(university_client), None
        answers = {"concerns": list(stand.given.concerns), "organisation": stand.given.organisation}
        while page.step:
            if "show" in page.buttons:
                shown = send(university_client, page, "show")
                early += 1
                assert shown.status == 200
                assert words["more_title"] in shown.words
                assert words["as_closed"] not in shown.words
                assert send(university_client, shown).step == page.step
            wanted = (answers | stand.given.answers)[page.step]
            page = send(university_client, page, answers=wanted if isinstance(wanted, list) else [wanted])
        assert words["more_title"] not in page.words
        if shown:
            assert page.title == shown.title
    assert early


def test_who_asks_for_a_first_step_that_is_not_certain_is_asked_on(university_client):
    assert Page(university_client.post("/vragen", data={"concerns": "grade", "to": "show"})).step
