"""What an advisor may keep of an answer: day, edition, digest, rules, and the command that gives the same answer again.

Holds closed answers only. The browser writes the same lines (web/static/advisor.js).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from service.core.decision import Decision
from service.core.errors import WegwijzerError
from service.core.rule import As

COMMAND = ("wegwijzer", "decide")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
REFERRAL = re.compile(rf"(?:{'|'.join(one.value for one in As)}) \w+: [\w.]+(?:, [\w.]+)*")


class ReceiptError(WegwijzerError):
    """A text that is no receipt. Never says what it holds."""


@dataclass(frozen=True)
class Receipt:
    """What a receipt holds.

    Attributes:
        digest: of the edition that was followed.
        referrals: a line each: how, where to, by which rules.
        words: what the command was given: the day, the organisation, the answers.

    """

    digest: str
    referrals: tuple[str, ...]
    words: tuple[str, ...]


def of(decision: Decision, given: tuple[str, ...] = ()) -> Receipt:
    """The receipt of a decision."""
    lines = (
        f"{one.as_.value} {one.destination}: {', '.join(rule.id for rule in one.rules)}" for one in decision.referrals
    )
    return Receipt(decision.edition.digest, tuple(lines), given)


def words(on: date, organisation: str | None, answers: Mapping[str, str]) -> tuple[str, ...]:
    """What `decide` is given to answer the same again, also on another day.

    Args:
        on: the day that was asked about.
        organisation: its id, if it was named.
        answers: as they were given; several answers to one fact are joined by commas.

    """
    named = ("--organisation", organisation) if organisation else ()
    return ("--on", on.isoformat(), *named, *(f"{fact}={answer}" for fact, answer in answers.items()))


def written(
    decision: Decision, on: date, organisation: str | None, answers: Mapping[str, str], labels: Mapping[str, str]
) -> str:
    """A receipt as text.

    Args:
        decision: what was decided.
        on: as for `words`.
        organisation: likewise.
        answers: likewise.
        labels: what `day` and `edition` are called.

    """
    receipt = of(decision, words(on, organisation, answers))
    return "\n".join(
        [
            f"{labels['day']}: {on.isoformat()}",
            f"{labels['edition']}: {decision.edition.id}",
            receipt.digest,
            *receipt.referrals,
            " ".join([*COMMAND, *receipt.words]),
        ]
    )


def read(text: str) -> Receipt:
    """A receipt from its text; what was written around it is passed over.

    Raises:
        ReceiptError: there is no digest or no command in it, more than one, or another command than we write.

    """
    lines = [line.strip() for line in text.splitlines()]
    digests = [line for line in lines if DIGEST.fullmatch(line)]
    commands = [line.split() for line in lines if tuple(line.split()[:2]) == COMMAND]
    if len(digests) != 1 or len(commands) != 1:
        raise ReceiptError
    if not {"--on"} <= {word for word in commands[0] if word.startswith("-")} <= {"--on", "--organisation"}:
        raise ReceiptError
    return Receipt(digests[0], tuple(line for line in lines if REFERRAL.fullmatch(line)), tuple(commands[0][2:]))


def differences(then: Receipt, now: Receipt) -> list[str]:
    """The lines by which an answer is not what it was, each with "-" or "+"; none where it is the same."""
    gone = [f"- {line}" for line in then.referrals if line not in now.referrals]
    return [*gone, *(f"+ {line}" for line in now.referrals if line not in then.referrals)]
