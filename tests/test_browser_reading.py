"""What the browser decides is what the server decides: over the whole space, and wherever a person can stand."""

from __future__ import annotations

import hashlib
import json
import subprocess
from itertools import product
from pathlib import Path

import pytest
from conftest import TODAY
from journeys import answered, make_journey, options, profiles
from ours import some_situations

from service.answers import view
from service.answers.explain import explain, weigh
from service.answers.presenter import table
from service.core.case_code import CaseCode
from service.core.interview import DECLINED, Given
from service.core.reading import Reading
from service.core.situation import Situation
from service.core.vocabulary import UNKNOWN
from service.rulebook.library import load_library
from service.web.rendering import STATIC

LIBRARY = load_library()
VOCABULARY = LIBRARY.rulebase.vocabulary
EDITIONS = {edition.id: edition for edition in LIBRARY.rulebase.editions}
CONCERNS = VOCABULARY.concerns.answers
BLOCK = 5000


class Browser:
    """Our scripts under Node.js, which must be told that they are modules."""

    def __init__(self, folder):
        for path in STATIC.glob("*.js"):
            if not (folder / path.name).exists():
                (folder / path.name).write_bytes(path.read_bytes())
        (folder / "package.json").write_text('{"type": "module"}')
        command = ["node", str(Path(__file__).with_name("browser_reading.mjs")), str(folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, job, **more):
        self._process.stdin.write(json.dumps({"job": job, **more}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def load(self, edition, organisations=None):
        given = view.as_json(table(edition))
        assert self.ask("table", table=given, organisations=organisations or {}) == len(edition.rules)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@pytest.fixture
def browser(tmp_path):
    running = Browser(tmp_path)
    yield running
    running.close()


def whole(edition, concern):
    """The digests of what the server says of every situation of a concern, a block each."""
    reading = Reading(edition)
    roots, nodes = reading.graph.roots[concern].values(), reading.graph.nodes
    places = dict(enumerate(edition.vocabulary.facts))
    said, found, hashed, count = {}, [], hashlib.sha256(), 0
    for answers in every_situation(reading.facts_of(concern)):
        chosen = {n: fact.answers.index(answers[fact.id]) + 1 for n, fact in places.items() if fact.id in answers}
        leaves = []
        for number in roots:
            while nodes[number][0] >= 0:
                number = nodes[number][chosen[nodes[number][0]]]
            leaves.append(number)
        text = said.get(tuple(leaves))
        if text is None:
            unasked = {fact.id: UNKNOWN for fact in edition.vocabulary.of_organisation}
            decision = reading.decide(Situation((concern,), unasked | answers))
            referrals, doors = decision.referrals, decision.possible
            line = " ".join(
                f"{one.destination}:{one.as_}:{'+'.join(rule.id for rule in one.rules)}" for one in referrals
            )
            text = said[tuple(leaves)] = (
                f"{line} | {' '.join(one for one in VOCABULARY.destinations if one in doors)}\n"
            )
        hashed.update(text.encode())
        count += 1
        if count % BLOCK == 0:
            found.append(hashed.hexdigest())
            hashed = hashlib.sha256()
    return {"count": count, "digests": [*found, hashed.hexdigest()]}


def every_situation(facts):
    for combination in product(*(VOCABULARY.by_id[fact].answers for fact in facts)):
        yield dict(zip(facts, combination, strict=True))


@pytest.mark.parametrize("concern", CONCERNS)
@pytest.mark.parametrize("edition", EDITIONS)
def test_the_browser_refers_as_the_server_does_in_every_situation(browser, edition, concern):
    browser.load(EDITIONS[edition])
    facts = Reading(EDITIONS[edition]).facts_of(concern)
    theirs = browser.ask("whole", concern=concern, facts=facts, block=BLOCK)
    ours = whole(EDITIONS[edition], concern)
    assert theirs["count"] == ours["count"]
    different = [
        number for number, pair in enumerate(zip(ours["digests"], theirs["digests"], strict=True)) if len(set(pair)) > 1
    ]
    assert different == [], (
        f"the first differing situation is among number {different[0] * BLOCK} and the {BLOCK} after it"
    )


def test_a_wrong_comparison_in_the_script_would_be_seen(tmp_path):
    text = (STATIC / "reading.js").read_text("utf-8")
    broken = text.replace("other.strength < rule.strength", "other.strength <= rule.strength")
    assert broken != text
    (tmp_path / "reading.js").write_text(broken, "utf-8")
    running = Browser(tmp_path)
    edition = next(reversed(EDITIONS.values()))
    running.load(edition)
    facts = Reading(edition).facts_of("unsure")
    assert running.ask("whole", concern="unsure", facts=facts, block=BLOCK) != whole(edition, "unsure")
    running.close()


def same_way(way):
    conditions = [{"fact": one.fact, "answers": list(one.answers)} for one in way.conditions]
    return {"conditions": conditions, "later": way.later, "elsewhere": way.elsewhere}


def same_decision(browser, reading, situation):
    ours = reading.decide(situation)
    theirs = browser.ask("decide", concerns=situation.concerns, answers=situation.answers)
    assert theirs == {
        "referrals": [
            {
                "destination": one.destination,
                "as": one.as_,
                "concern": one.concern,
                "rules": [rule.id for rule in one.rules],
            }
            for one in ours.referrals
        ],
        "next": ours.next_fact,
        "complete": ours.complete,
        "possible": list(ours.possible),
        "closed": [
            {
                "destination": one.destination,
                "way": one.way and same_way(one.way),
                "leads": one.leads,
            }
            for one in ours.closed
        ],
        "ignored": list(ours.ignored),
        "organisationMatters": ours.organisation_matters,
    }, situation


def stands(journey, starts, organisations):
    """Every place where a person can stand, from these starts on."""
    todo, seen = list(starts), set()
    while todo:
        given = todo.pop()
        stand = journey.at(given)
        key = (stand.given.concerns, frozenset((stand.given.answers or {}).items()), stand.given.organisation)
        if key in seen:
            continue
        seen.add(key)
        yield given, stand
        if stand.next:
            todo += [answered(stand.given, stand.next, one) for one in options(VOCABULARY, stand.next, organisations)]


def same_stand(browser, given, stand):
    organisation = {} if given.organisation is None else {"organisation": given.organisation}
    theirs = browser.ask("at", given={"concerns": given.concerns, "answers": given.answers or {}, **organisation})
    assert theirs["next"] == stand.next, given
    assert theirs["most"] == stand.most
    assert theirs["path"] == list(stand.path)
    assert theirs["dropped"] == list(stand.dropped)
    assert theirs["given"]["answers"] == (stand.given.answers or {})
    assert theirs["given"].get("organisation") == stand.given.organisation
    assert theirs["situation"]["answers"] == stand.situation.answers


@pytest.mark.parametrize("concern", CONCERNS)
def test_the_browser_asks_and_explains_as_the_server_does_wherever_a_person_can_stand(browser, concern):
    journey = make_journey(LIBRARY, TODAY)
    chosen = [DECLINED, *profiles(LIBRARY, TODAY)]
    browser.load(
        LIBRARY.rulebase.on(TODAY), {one: LIBRARY.organisations.on(one, TODAY).facts(TODAY) for one in chosen if one}
    )
    for number, (given, stand) in enumerate(stands(journey, [Given((concern,))], profiles(LIBRARY, TODAY))):
        same_stand(browser, given, stand)
        if number % 3 == 0:
            same_decision(browser, journey._reading, stand.situation)


def test_the_browser_agrees_on_several_subjects_at_once_and_on_answers_left_over(browser):
    """A walk through pairs and triples of subjects, with an answer of another route still there."""
    journey = make_journey(LIBRARY, TODAY)
    browser.load(
        LIBRARY.rulebase.on(TODAY),
        {one: LIBRARY.organisations.on(one, TODAY).facts(TODAY) for one in profiles(LIBRARY, TODAY)},
    )
    leftover = {"handled": "complaint", "behaviour_pattern": "incident", "misconduct_kind": "unknown"}
    walked = 0
    for size in (0, 2, 3, 5):
        for start in range(len(CONCERNS)):
            concerns = tuple(one for one in CONCERNS if one in [CONCERNS[(start + step) % 5] for step in range(size)])
            for turn in range(12):
                given = Given(concerns, leftover)
                while True:
                    stand = journey.at(given)
                    same_stand(browser, given, stand)
                    same_decision(
                        browser,
                        journey._reading,
                        Situation(given.concerns, {**stand.situation.answers, **(given.answers or {})}),
                    )
                    walked += 1
                    if stand.next is None or not concerns:
                        break
                    possible = options(VOCABULARY, stand.next, profiles(LIBRARY, TODAY))
                    given = answered(stand.given, stand.next, possible[(turn * 7 + walked) % len(possible)])
    assert walked > 1000


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2026-01-31", {"months": 1}, "2026-02-28"),
        ("2028-01-31", {"months": 1}, "2028-02-29"),
        ("2026-11-30", {"months": 3}, "2027-02-28"),
        ("2026-03-28", {"days": 7}, "2026-04-04"),
        ("2026-10-20", {"weeks": 6}, "2026-12-01"),
        ("2026-12-31", {"days": 1}, "2027-01-01"),
        ("2028-02-29", {"months": 12}, "2029-02-28"),
    ],
)
def test_a_term_ends_on_the_right_day(browser, start, term, end):
    assert browser.ask("due", start=start, term=term) == end


def test_the_calendar_file_reads_back_as_what_was_said(browser):
    text = "Één; twee, drie\\vier\nvijf — " + "ë" * 90
    events = [{"id": "x", "text": text, "start": "2026-01-31", "days": None, "weeks": None, "months": 1}]
    made = browser.ask("calendar", events=events, name="Termijn", stamp="2026-11-24T12:00:00.123Z")
    assert made.endswith("END:VCALENDAR\r\n")
    assert all(len(line.encode()) <= 75 for line in made.split("\r\n"))
    lines = made.replace("\r\n ", "").split("\r\n")
    said = next(line for line in lines if line.startswith("DESCRIPTION:")).removeprefix("DESCRIPTION:")
    read = said.replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\")
    assert read == text
    assert "DTSTART;VALUE=DATE:20260228" in lines
    assert "UID:20261124T120000Z-0@wegwijzer.invalid" in lines


def explained(reading, asked, destination):
    """What the server says of every rule for a destination, in the form of the script."""
    conditions = lambda found: [{"fact": one.fact, "answers": list(one.answers)} for one in found]  # noqa: E731
    return [
        {
            "rule": one.rule.id,
            "as": one.rule.as_,
            "unmet": conditions(one.unmet),
            "unanswered": conditions(one.unanswered),
            "elsewhere": one.of_other_concern,
            "givesWay": one.gives_way,
            "fires": one.fires,
        }
        for one in explain(reading, asked, destination).rules
    ]


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_browser_explains_weighs_and_codes_as_the_server_does(browser, edition):
    """In situations of every kind, incomplete ones and several subjects at once among them."""
    browser.load(EDITIONS[edition])
    reading = Reading(EDITIONS[edition])
    organisations = sorted(LIBRARY.organisations.by_id)
    codes = CaseCode(VOCABULARY, organisations)
    made = {"seed": codes.seed, "length": codes.length, "organisations": organisations}
    unknown = {fact.id: "unknown" for fact in VOCABULARY.of_organisation}
    for told, organisation in some_situations(150):
        asked = Situation(told.concerns, {**unknown, **told.answers})
        plain = {"concerns": asked.concerns, "answers": asked.answers}
        weight = weigh(reading, asked)
        assert browser.ask("weigh", situation=plain) == {
            "decided": list(weight.decided),
            "settles": weight.settles,
            "left": None if weight.left is None else pytest.approx(float(weight.left)),
            "now": weight.now,
        }
        for destination in VOCABULARY.destinations:
            theirs = browser.ask("explain", situation=plain, destination=destination)
            assert theirs == explained(reading, asked, destination)
            way = reading.ways.way(reading.accept(asked)[0], destination)
            assert browser.ask("way", situation=plain, destination=destination) == (way and same_way(way))
        code = codes.write(told, organisation)
        given = {"concerns": told.concerns, "answers": told.answers}
        named = {"organisation": organisation} if organisation else {}
        assert browser.ask("write", code=made, situation=given, **named) == code
        read = browser.ask("read", code=made, text=code.lower())
        assert (tuple(read["concerns"]), read["answers"], read.get("organisation")) == codes.read(code)
        assert browser.ask("read", code=made, text=code[:-1] + ("0" if code[-1] != "0" else "1")) is None
