"""The answer in one look: what stands open, how much of it, and that each place stands once."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from conftest import TODAY
from forms import outcome
from journeys import journeys, longest, make_interview, outcomes, referred, shapes
from looks import SIZES
from msgspec.structs import replace
from running import LANGUAGES
from visible import VOID
from walking import answers_of, arrive, hurry, tab

from service.answers.outcome import outcome as by_place
from service.core.decision import Referral
from service.core.interview import Given
from service.core.reading import Reading
from service.core.rule import As
from service.serving.static_site import files
from service.web.app import create_app
from service.web.settings import PRESSED, Settings

WORDS = 350  # in sight for one subject, at most
SCREENS = 2.5  # of 1280 by 900, for one subject; for all subjects less than twice that
PHONE = {"width": 320, "height": 640}
UNSEEN = {"ww-hidden", "ww-press"}
# What stands around the places on every page, the summaries of folded parts among it.
AROUND = (
    *("as_first", "site_seen", "choose_title", "why_title", "unsure_title", "as_closed", "keep_title"),
    *("answers_title", "outcome_mind", "back", "referral_again"),
)
SPARE = 20  # words of summaries that a page may be without


class InSight(HTMLParser):
    """The words that stand open on a page, without what only a screen reader says."""

    def __init__(self, html):
        super().__init__()
        self.words, self._open = [], [("", False, True)]
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        around, unseen, unfolded = self._open[-1]
        folded = around == "details" and tag != "summary" and not unfolded
        mine = unseen or folded or bool(UNSEEN & {*(found.get("class") or "").split()})
        if tag not in VOID:
            self._open.append((tag, mine, "open" in found))

    def handle_endtag(self, tag):
        while len(self._open) > 1 and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if not self._open[-1][1]:
            self.words += data.split()


class Counted:
    """How many words stand in sight on the page of an outcome. A place that several have in common is read once."""

    def __init__(self, app, library, language):
        self._app, self._library = app, library
        self._presenter = app.extensions["wegwijzer"].presenter(language)
        self._words = library.texts.interface[language]
        self._reading = Reading(library.rulebase.on(TODAY))
        with app.test_request_context("/"):
            self._parts = app.jinja_env.get_template("parts.html").module
        self._seen = {}

    def outcome(self, stand):
        id_ = stand.given.organisation
        organisation = self._library.organisations.on(id_, TODAY) if id_ else None
        decision = self._reading.decide(stand.situation, closed=False)
        said = self._presenter.referrals(decision, stand.situation.answers, organisation, TODAY)
        return by_place(said, self._presenter.tags())

    def places(self, outcome):
        with self._app.test_request_context("/"):
            return sum(self._place("first", one) for one in outcome.first) + sum(
                self._place("place", one) for one in outcome.near
            )

    def _place(self, macro, place):
        key = macro, repr(place)
        if key not in self._seen:
            html = getattr(self._parts, macro)(self._words, place)
            self._seen[key] = len(InSight(str(html)).words)
        return self._seen[key]

    def around(self, outcome):
        """Of the title and of what every page has: at most, for of these some pages have fewer."""
        lead, names = outcome.first[0].door.in_short, [*AROUND]
        names += ["doors_title"] * bool(outcome.also) + ["doors_more"] * bool(outcome.rest)
        names += ["as_later"] * bool(outcome.later)
        counts = bool(outcome.rest) + bool(outcome.later)
        return counts + len(" ".join([lead.heading, lead.calm, *(self._words[one] for one in names)]).split())


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_few_words_stand_open(app, client, library, language):
    """On the page of every distinct outcome; whole pages say the same, or less where nothing is closed or unsure."""
    counted = Counted(app, library, language)
    for number, (stand, _) in enumerate(outcomes()):
        told = counted.outcome(stand)
        count = counted.places(told) + counted.around(told)
        assert count <= WORDS, (stand.given, count)
        if number % 150 == 0:
            page = len(InSight(outcome(client, answers_of(stand), language).main).words)
            assert count - SPARE <= page <= count, stand.given
    everything = outcome(client, answers_of(longest()), language)
    assert len(InSight(everything.main).words) < 2 * WORDS


@pytest.mark.slow
def test_every_first_step_is_the_heading_and_says_what_to_do(client, library):
    """Its acts, or else a contact; and each place stands once, also where several subjects lead there."""
    for stand in [*journeys()[::3], longest()]:
        page = outcome(client, answers_of(stand))
        places = page.main.split('data-destination="')[1:]
        names = [one.partition('"')[0] for one in places]
        assert len({*names}) == len(names)
        assert 'class="ww-act-steps"' in places[0]
        heading = page.main.split('data-slot="heading">')[1].partition("<")[0]
        assert page.title.startswith(heading)
        assert any(heading == one.heading for one in shorts(library, names[0]))


@pytest.mark.slow
def test_a_first_step_that_is_shown_early_says_what_to_do_too(library, app):
    """Before the organisation is named, as after it was declined."""
    presenter, reading = app.extensions["wegwijzer"].presenter("nl"), Reading(library.rulebase.on(TODAY))
    journey, early = make_interview(library, TODAY), 0
    for stand in journeys()[::2]:
        answers = dict(stand.given.answers)
        for count in range(len(answers) + 1):
            here = journey.at(Given(stand.given.concerns, dict([*answers.items()][:count])))
            if here.certain and here.next:
                early += 1
                told = presenter.referrals(
                    reading.decide(here.situation, closed=False), here.situation.answers, None, TODAY
                )
                assert all(one.act for one in told if one.as_ == As.FIRST), here.given
    assert early


@pytest.mark.slow
def test_a_number_stands_below_the_steps_that_name_it_or_at_whose_it_is(client):
    """Never above the name of somebody else. Where each contact has its own subject, all are there to choose from."""
    met = set()
    for stand in [*journeys()[::3], *shapes()]:
        first = referred(client, stand)[0]
        contacts = [one for one in (first["contact"], *first["otherContacts"]) if one and one["fit"] == "fits"]
        html = outcome(client, answers_of(stand)).main.partition('<section class="ww-do"')[2].partition("</section>")[0]
        order = [*dict.fromkeys(re.findall(r'data-(?:slot|part)="(steps|call|say|handle|subjects)"', html))]
        subjects = contacts and contacts[0]["subject"]
        called = contacts and first["act"]["phone"] == contacts[0]["phone"]
        told = ["say", "call"] if called and not subjects else ["call", "say"]
        said = {first["act"]["phone"], first["act"]["url"], None}
        kept = ("hours", "email", "note", "checked")
        more = contacts and (
            (called and contacts[0]["phone"])
            or any(contacts[0][one] for one in kept)
            or {contacts[0]["phone"], contacts[0]["url"]} - said
        )
        shown = ["subjects"] if subjects else ["handle"] if more else []  # a name alone says nothing
        assert order == ["steps", *(one for one in told if one == "say" or first["act"]["phone"]), *shown]
        if subjects:
            folded = html.partition('data-slot="subjects"')[2].partition("</details>")[0]
            assert all(one["subject"] in folded for one in contacts)
        met.add((bool(first["act"]["phone"]), bool(called), bool(subjects), bool(contacts)))
    assert len(met) > 3


def shorts(library, destination):
    return [said for one, said in library.texts.channels[destination].varied("nl") if one.in_force(TODAY)]


def test_the_act_begins_on_the_first_screen_and_the_whole_is_short(chromium, site, library):
    with tab(chromium, viewport=PHONE) as phone, tab(chromium, viewport=SIZES["desktop"]) as desktop:
        for page in (phone, desktop):
            arrive(page, site)
        for stand in [*shapes()[::4], longest()]:
            for page in (phone, desktop):
                hurry(page, stand)
            top = phone.evaluate("document.querySelector('.ww-act-steps').getBoundingClientRect().top")
            assert top < PHONE["height"]
            subjects = len(stand.given.concerns)
            height = desktop.evaluate("document.documentElement.scrollHeight / innerHeight")
            assert height < SCREENS * (1 if subjects == 1 else 2)


def test_a_deadline_that_is_sure_at_one_first_step_is_told_once(app, library):
    """Whatever other subjects and places make of it."""
    presenter, edition = app.extensions["wegwijzer"].presenter("nl"), library.rulebase.on(TODAY)
    rule = next(one for one in edition.rules if one.terms)
    one = presenter.referral(Referral(rule.refer, As.FIRST, rule.concern, (rule,)), {}, None, TODAY)
    (term, *_) = presenter.terms([rule]).values()
    sure, perhaps = (replace(one, terms=(replace(term, fit=fit),)) for fit in ("fits", "unknown"))
    elsewhere = replace(perhaps, destination="elsewhere")
    told = by_place([sure, perhaps, elsewhere], {rule.concern: "subject"})
    assert [[each.id for each in (*place.sure, *place.perhaps)] for place in told.first] == [[term.id], []]


def test_a_number_can_be_pressed_where_the_deployer_says(chromium, site):
    """On a device for a finger if nobody says otherwise. It is read where it is not pressed, and says the same."""
    for touch in (False, True):
        with tab(chromium, viewport=PHONE, has_touch=touch, is_mobile=touch) as page:
            arrive(page, site)
            hurry(page, next(one for one in journeys() if one.given.organisation))
            for calls in PRESSED:
                page.evaluate(
                    "(to) => document.body.className = document.body.className.replace(/calls-\\w+/, to)",
                    f"calls-{calls}",
                )
                call = page.locator(".ww-call").first
                pressed = {"touch": touch, "never": False, "always": True}[calls]
                assert call.get_by_role("link").is_visible() is pressed, (touch, calls)
                assert call.locator(".ww-read").is_visible() is not pressed
                assert call.locator(".ww-read").text_content() == call.locator(".ww-press").text_content()


def test_what_the_deployer_says_of_calls_stands_on_every_page(university):
    settings = Settings(calls="never")
    app = create_app(university, settings=settings, today=lambda: TODAY)
    addresses = university.site.addresses["nl"]
    asked = (addresses.questions, addresses.frame, addresses.advisor, university.site.addresses["en"].questions)
    pages = [app.test_client().get(one).text for one in asked]
    pages += [body.decode() for name, body in files(app, settings).items() if name.endswith(".html")]
    assert all(" ww-calls-never" in one for one in pages)
