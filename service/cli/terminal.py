"""A referral as text for a terminal. Nothing is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from textwrap import fill, indent

from service.answers import view
from service.rulebook.audience import Fit
from service.rulebook.languages import plain

WIDTH = 80
HUNG = re.compile(r"(?:-|\?|\d+\.) ")


def render(body: view.Answer, words: dict[str, str], *, closed: bool = False) -> str:
    """The answer to a situation as text.

    Args:
        body: what is said.
        words: the interface strings of the language.
        closed: whether to show the closed doors too.

    """
    lines: list[str] = []
    heading = ""
    for referral in body.referrals:
        if (wanted := words[f"as_{referral.as_}"]) != heading:
            heading = wanted
            lines += ["", heading.upper()]
        lines += ["", _referral(referral, words)]
    if any(contact.checked is None for referral in body.referrals for contact in referral.contacts):
        lines += ["", wrap(words["contact_never_checked"])]
    if body.next_question:
        asked = body.next_question
        lines += ["", wrap(f"? {asked.text}")]
        lines += [numbered((asked.labels[one], asked.notes.get(one, "")) for one in asked.answers)]
    if body.organisation_matters and body.organisation is None:
        lines += ["", wrap(words["cli_organisation"])]
    if closed and body.closed:
        lines += ["", words["as_closed"].upper(), ""]
        lines += [wrap(f"- {door.name}: {door.why}") for door in body.closed]
    lines += ["", words["heading_notices"].upper(), ""]
    lines += [wrap(f"- {notice.text}") for notice in body.notices]
    lines += ["", f"{body.edition.id}  {body.edition.digest}"]
    return plain("\n".join(lines).strip()) + "\n"


def _referral(referral: view.Referral, words: dict[str, str]) -> str:
    lines = [referral.name, wrap(referral.action, "  "), ""]
    if referral.act:
        lines += [*_act(referral.act, words), ""]
    lines += [wrap(referral.why, "  ")]
    lines += [wrap(f"{words['doubt_label']}: {doubt}", "  ") for doubt in referral.doubts]
    for key, items in (("heading_expect", referral.expect), ("heading_limits", referral.limits)):
        lines += [f"  {words[key]}"] + [wrap(f"- {item}", "    ") for item in items]
    if referral.terms:
        lines += [f"  {words['heading_terms']}"]
        lines += [wrap(f"- {term.text} ({term.basis})", "    ") for term in referral.terms]
    lines += [f"  {words['heading_your_name']}", wrap(referral.your_name, "    ")]
    lines += [f"  {words['heading_when_silent']}", wrap(referral.when_silent, "    ")]
    if referral.contacts or not referral.act:
        lines += [f"  {words['heading_contact']}", _contacts(referral, words)]
    lines += [f"  {words['heading_sources']}"]
    for source in referral.sources:
        quote = f" “{source.quote}”" if source.quote else ""
        lines.append(wrap(f"- {source.short}, {source.locator}.{quote} {source.url or ''}", "    "))
    return "\n".join(lines)


def _act(act: view.Act, words: dict[str, str]) -> list[str]:
    steps = [wrap(f"{number}. {step}", "    ") for number, step in enumerate(act.steps, 1)]
    said = [wrap(f"{words[key]} “{text}”", "    ") for key, text in (("act_say", act.say), ("act_ask", act.ask))]
    more = [wrap(text, "    ") for text in (act.url, act.otherwise) if text]
    return [f"  {words['heading_act']}", *steps, *said, *more]


def _contacts(referral: view.Referral, words: dict[str, str]) -> str:
    contacts = referral.contacts
    perhaps = [one for one in contacts if one.fit == Fit.UNKNOWN]
    lines = [_contact(one, words) for one in contacts if one not in perhaps] or [wrap(words["contact_none"], "    ")]
    if perhaps:
        lines += [wrap(words["contact_perhaps"], "    "), *(_contact(one, words) for one in perhaps)]
    return "\n".join(lines)


def _contact(contact: view.Contact, words: dict[str, str]) -> str:
    said = (contact.name, contact.for_whom, contact.subject, contact.phone, contact.email, contact.url, contact.note)
    parts = list(filter(None, said))
    if contact.checked:
        parts.append(words["contact_checked_on"].replace("{date}", contact.checked.isoformat()))
    return wrap("- " + " · ".join(parts), "    ")


def numbered(answers: Iterable[tuple[str, str]]) -> str:
    """Answers with their numbers, each with what there is to know of it below."""
    lines = []
    for number, (label, note) in enumerate(answers, 1):
        lines.append(wrap(f"{number}. {label}", "  "))
        lines += [wrap(note, "     ")] if note else []
    return "\n".join(lines)


def wrap(text: str, before: str = "") -> str:
    """Text in lines of a terminal, behind an indent; an item of a list hangs under its dash or number."""
    hung = HUNG.match(text)
    hang = " " * len(hung[0]) if hung else ""
    wrapped = fill(text, WIDTH - len(before), subsequent_indent=hang, break_long_words=False, break_on_hyphens=False)
    return indent(wrapped, before)
