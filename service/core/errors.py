"""Errors of the core.

WegwijzerError
 ├─ NoEditionError       a date before the first edition
 └─ VocabularyError      a fact or an answer that does not exist, at a place in the request
"""

from __future__ import annotations

from datetime import date


class WegwijzerError(Exception):
    """Base of all errors of ours."""


class NoEditionError(WegwijzerError):
    """There is no edition for a date before the first one."""

    def __init__(self, first: date) -> None:
        self.first = first
        super().__init__(f"There are no rules before {first.isoformat()}, the date of the first edition.")


class VocabularyError(WegwijzerError):
    """A fact or answer that the vocabulary does not have. Says where and what is possible, never what was given."""

    def __init__(self, pointer: str, message: str) -> None:
        self.pointer = pointer
        super().__init__(message)
