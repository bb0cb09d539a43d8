"""What an author reads after a mistake in rules/ or content/: every mistake, where it stands, its mend, and no more.

Each case breaks a copy of the small rulebase of tests/university in one place, and says what is told of it in English.
Lines are not counted here but pointed at: by words that stand first in the broken file on the line that is meant (no
words: the file as a whole, so line 1).
"""

from __future__ import annotations

import os
import shutil

import pytest
from click.testing import CliRunner
from running import ROOT

from service.cli.main import main
from service.rulebook.drafts import read_folders
from service.rulebook.toml_files import AuthoringError, Memo

VOCABULARY, PROMISES, MATRIX = (f"rules/{one}.toml" for one in ("vocabulary", "promises", "competence"))
COUNSELLOR = "rules/counsellor.toml"  # what most cases break the first rule of
APPEALS = "rules/appeals_board.toml"  # one rule
COMMITTEE = "rules/complaints_committee.toml"  # with a doubt by name
ADVISER = "rules/study_adviser.toml"
TERMS, NOTICES, INTERFACE = (f"content/{one}.toml" for one in ("terms", "notices", "interface"))
CHANNEL, MISSPELT = "content/channels/counsellor.toml", "content/channels/counselor.toml"
ADVICE = "content/channels/study_adviser.toml"  # with an audience
ROLE, FEELING, ANONYMITY = (f"content/questions/{one}.toml" for one in ("role", "feeling", "anonymity"))
CHARTER, AMENDMENT = "content/sources/charter.toml", "content/sources/charter-2025"
LETTERS, SHIPS, LAW, SOCIETY, ELSEWHERE = (
    f"content/organisations/{one}.toml" for one in ("letters", "ships", "law", "society", "elsewhere")
)

NO_VALUE = (
    'What stands after = cannot be read. A text stands between quotation marks ("); a date, a number, true and false '
    "do not."
)

MEMO = Memo()  # files that stay whole are read once for all tests


def change(file, *pairs):
    """Put the second of each pair in the place of the first time that the first of it stands there."""

    def edit(root):
        text = (root / file).read_text("utf-8")
        for old, new in pairs:
            assert old in text, f"{file} no longer holds {old!r}; choose other words to break"
            text = text.replace(old, new, 1)
        write(root / file, text)

    return edit


def whole(file, text):
    """The whole text of a file, given as text or bytes."""
    return lambda root: write(root / file, text)


def more(file, text):
    """Text at the end of a file; None is all that stands in it, once more."""

    def edit(root):
        before = (root / file).read_text("utf-8")
        write(root / file, before + "\n" + (before if text is None else text))

    return edit


def delete(file):
    return lambda root: (root / file).unlink()


def rename(file, new):
    return lambda root: (root / file).rename(root / new)


def write(path, text):
    path.unlink(missing_ok=True)  # it is a hard link to the copy that all tests share
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def line(path, words):
    """The line on which words end, the first time that they stand in a file."""
    if not words:
        return 1
    text = path.read_text("utf-8")
    return text[: text.index(words) + len(words)].count("\n") + 1


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return shutil.copytree(ROOT / "tests/university", tmp_path_factory.mktemp("originals") / "university")


def copy(originals, root, edits):
    """Make a broken copy; give its two folders."""
    for name in ("rules", "content"):
        shutil.copytree(originals / name, root / name, copy_function=os.link)
    for edit in edits:
        edit(root)
    return root / "rules", root / "content"


@pytest.fixture
def broken(originals, tmp_path):
    return lambda *edits: copy(originals, tmp_path, edits)


INLINE = """
[[rule]]
id = "counsellor.3"
when = { own_counsellor = "yes", anonymity = "nameless" }
example = { "A student of Arts." = { own_counsellor = "yes", anonymity = "nameless" } }
but_not = { "Another one." = { anonymity = "nobody" } }
rests_on = ["charter.counsellor"]

[rule.why]
nl = "Later kan het ook."
en = "It can be later too."

[rule.refer]
as = "later"
concern = "conduct"
from = 2024-09-01
"""
# A rule of the study adviser made the same as the one before it.
TWIN = (
    ('as = "also"', 'as = "first"'),
    ('when = { role = "visitor" }', 'when = { role = "applicant" }'),
    ('door." = { role = "visitor" }', 'door." = { role = "applicant" }'),
)


def case(name, edits, *problems):
    """Edits; then per problem its file, words that point at its line, and the message."""
    return name, edits, problems


def slip(name, old, new, message, words=None, file=COUNSELLOR):
    """One mistake in a file; pointed at by what was written, or by other words."""
    return case(name, [change(file, (old, new))], (file, new if words is None else words, message))


ONE = "rule 'counsellor.1': "
TWICE = "The id {!r} stands in this file twice; ids are used once, so give this one another."
IDS = "The id of a rule is its destination, a dot and a number, such as huis_advice.1."
WHEN, STORY, MISS = "when = { feeling", '= { feeling = "unsafe", own', '{ own_counsellor = "no" }'

RULES = [
    slip("not TOML", '"conduct", from', "conduct, from", NO_VALUE),
    slip(
        "a text that does not end",
        'en = "You do not feel safe: the counsellor of your faculty listens."',
        'en = "You do not',
        'A text ends on its own line, with a quotation mark (").',
    ),
    slip(
        "a list that does not end",
        '"unknown"], own_counsellor = "yes" }',
        '"unknown" }',
        "Here or above a list lacks its ], or a comma between its items.",
        "when = {",
    ),
    slip(
        "a table that does not end",
        'conduct", from',
        'conduct" from',
        "A table between braces lacks its } here, or a comma between its items.",
    ),
    slip(
        "a table between braces on two lines",
        ', own_counsellor = "yes" }',
        ',\n    own_counsellor = "yes" }',
        "A table between braces stands on one line, without a comma before its }.",
        "when = {",
    ),
    slip(
        "a sentence without an =",
        'with a counsellor." =',
        'with a counsellor."',
        "Between a name or a sentence and what it says stands an =.",
    ),
    case(
        "not UTF-8",
        [whole(COUNSELLOR, "naïef".encode("latin-1"))],
        (COUNSELLOR, "", "This file is not UTF-8; save it as UTF-8."),
    ),
    case("an empty file", [whole(COUNSELLOR, "")], (COUNSELLOR, "", "The key 'rule' is missing.")),
    slip(
        "a key twice",
        'id = "counsellor.1"\n',
        'id = "counsellor.1"\nid = "counsellor.3"\n',
        "This stands in its table twice; keep one, or write the missing [[…]] above it.",
        "counsellor.3",
    ),
    slip(
        "an unknown key, the one that is missing",
        "rests_on =",
        "rest_on =",
        f"{ONE}The key 'rest_on' is not known here. Did you mean 'rests_on'?",
    ),
    slip(
        "an unknown key in a table",
        "concern =",
        "concerns =",
        f"{ONE}The key 'concerns' is not known here. Did you mean 'concern'?",
    ),
    slip("a missing key in a table", 'as = "first", ', "", f"{ONE}The key 'as' is missing in refer.", "refer"),
    slip("a missing key", 'id = "counsellor.1"\n', "", "The key 'id' is missing in rule.", "[[rule]]"),
    slip("a missing language", 'why.en = "You', '# "You', f"{ONE}The key 'en' is missing in why.", "why.nl"),
    case(
        "a key of before",
        [change(COUNSELLOR, ("rests_on =", "source ="))],
        (COUNSELLOR, "[[rule]]", f"{ONE}The key 'rests_on' is missing."),
        (
            COUNSELLOR,
            "source",
            f"{ONE}The key 'source' is not known here. Known: id, refer, when, why, doubt, note, terms, "
            "rests_on, example, but_not.",
        ),
    ),
    slip(
        "a rule between single brackets",
        "[[rule]]",
        "[rule]",
        "There can be several of these, so write [[rule]], between double brackets.",
        file=APPEALS,
    ),
    case(
        "a table between double brackets",
        [whole(COUNSELLOR, INLINE.replace("nobody", "named").replace("[rule.why]", "[[rule.why]]"))],
        (
            COUNSELLOR,
            "[[rule.why]]",
            "rule 'counsellor.3': There is one of these, so write [rule.why], between single brackets.",
        ),
    ),
    slip(
        "a number for a text",
        '"charter.counsellor"',
        "1",
        f"{ONE}'rests_on' is a text; write it between quotation marks.",
        "rests_on",
    ),
    slip(
        "a text for a table",
        f"{MISS} }}",
        '"no" }',
        f"{ONE}'The same, in a faculty without.' is a table; give each of its keys a value.",
        "but_not",
    ),
    slip(
        "a text for a list",
        "rests_on =",
        'terms = "appeal"\nrests_on =',
        f'{ONE}\'terms\' is a list; write it between square brackets, such as ["one", "two"].',
        "terms",
    ),
    slip(
        "an empty text",
        '["charter.counsellor"]',
        '[" "]',
        f"{ONE}This text is empty; write it, or leave the key out where it may be left out.",
    ),
    slip(
        "an unknown destination",
        'id = "counsellor.1"',
        'id = "councillor.1"',
        "rule 'councillor.1': 'councillor' is not a destination. Did you mean 'counsellor'?",
    ),
    slip(
        "an unknown way to refer",
        'as = "first"',
        'as = "maybe"',
        f"{ONE}'maybe' is not a way to refer. Known: first, also, later.",
    ),
    slip(
        "an unknown concern",
        '"conduct", from',
        '"conducts", from',
        f"{ONE}'conducts' is not a concern. Did you mean 'conduct'?",
    ),
    slip(
        "an unknown fact",
        'own_counsellor = "yes" }',
        'own_councillor = "yes" }',
        f"{ONE}'own_councillor' is not a fact in vocabulary.toml. Did you mean 'own_counsellor'?",
    ),
    slip(
        "an unknown fact in a story",
        MISS,
        '{ anonymous = "named" }',
        f"{ONE}'anonymous' is not a fact in vocabulary.toml. Did you mean 'anonymity'?",
    ),
    slip(
        "an unknown answer",
        'own_counsellor = "yes" }',
        'own_counsellor = "yess" }',
        f"{ONE}'yess' is not an answer of 'own_counsellor'. Did you mean 'yes'?",
    ),
    slip(
        "an unknown quotation",
        '"charter.counsellor"',
        '"charter.counselor"',
        f"{ONE}'charter.counselor' is not the name of a quotation in content/sources/. "
        "Did you mean 'charter.counsellor'?",
    ),
    slip(
        "an unknown term, in a list with an item per line",
        "rests_on =",
        'terms = [\n    "appeal",\n\n    "appeals",\n]\nrests_on =',
        f"{ONE}Term 'appeals' is not in content/terms.toml. Did you mean 'appeal'?",
        '"appeals",',
    ),
    slip(
        "a fact of another concern",
        WHEN,
        'when = { review = "done", feeling',
        f"{ONE}'review' belongs to the concern 'grade'; name no other, or leave this out.",
    ),
    slip(
        "the concerns tested",
        WHEN,
        'when = { concerns = "conduct", feeling',
        f"{ONE}'concerns' cannot be tested: what it is about is named in `concern`.",
    ),
    slip("an empty list", '["unsafe", "unknown"]', "[]", f"{ONE}An empty list never holds; name at least one answer."),
    slip(
        "true for yes",
        'own_counsellor = "yes" }\nwhy',
        "own_counsellor = true }\nwhy",
        f'{ONE}An answer is a word between quotation marks, such as "yes".',
        "own_counsellor = true",
    ),
    slip(
        "an answer twice",
        '["unsafe", "unknown"',
        '["unsafe", "unsafe"',
        f"{ONE}The same answer stands here twice; keep one.",
    ),
    slip(
        "every answer listed",
        '"unknown"]',
        '"unknown", "annoyed"]',
        f"{ONE}'feeling' lists every answer, so it tests nothing; leave it out.",
    ),
    slip(
        "no condition",
        'when = { feeling = ["unsafe", "unknown"], own_counsellor = "yes" }',
        "when = {}",
        f"{ONE}Without a condition this says nothing; name at least one fact.",
    ),
    slip(
        "two answers in a story",
        STORY,
        '= { feeling = ["unsafe", "annoyed"], own',
        f"{ONE}A story has one answer to 'feeling'; keep one.",
    ),
    slip(
        "two stories for one",
        MISS,
        f'{MISS}, "Another one." = {MISS}',
        f'{ONE}Tell of one person: {{ "a sentence" = {{ fact = "answer" }} }}.',
    ),
    slip(
        "a date as a text",
        "2024-09-01",
        '"2024-09-01"',
        f"{ONE}Write a date as 2019-06-20, without quotation marks and without a time.",
    ),
    slip("a date that does not exist", "2024-09-01", "2024-09-31", "Write a date that exists, as 2019-06-20."),
    slip(
        "a date before the first edition",
        "2024-09-01",
        "2024-08-31",
        f"{ONE}2024-08-31 lies before the first edition, 2024-09-01; use that date.",
    ),
    slip(
        "until before from",
        "from = 2024-09-01",
        "from = 2024-09-01, until = 2024-09-01",
        f"{ONE}`until` (2024-09-01) must lie after `from` (2024-09-01).",
    ),
    case(
        "an id twice",
        [more(COUNSELLOR, INLINE.replace("counsellor.3", "counsellor.1").replace("nobody", "named"))],
        (COUNSELLOR, '}\n\n\n[[rule]]\nid = "counsellor.1"', ONE + TWICE.format("counsellor.1")),
    ),
    case(
        "a rule copied and not changed",
        [more(APPEALS, None)],
        (
            APPEALS,
            '}\n\n\n[[rule]]\nid = "appeals_board.1"',
            "rule 'appeals_board.1': " + TWICE.format("appeals_board.1"),
        ),
    ),
    slip("a wrong form of id", '"counsellor.1"', '"counsellor-1"', f"rule 'counsellor-1': {IDS}"),
    case(
        "a rule in the wrong file",
        [rename(APPEALS, "rules/appeals.toml")],
        ("rules/appeals.toml", 'id = "', "A rule that refers to 'appeals_board' belongs in appeals_board.toml."),
    ),
    slip("no source", '["charter.counsellor"]', "[]", f"{ONE}'rests_on' is empty; at least one is needed."),
    slip(
        "an example that is not caught",
        STORY,
        '= { feeling = "annoyed", own',
        f"{ONE}The example is not caught: it answers 'feeling' with 'annoyed', not with unknown or unsafe.",
    ),
    slip(
        "an example that does not answer",
        STORY,
        "= { own",
        f"{ONE}The example does not answer 'feeling', which the rule tests.",
        "example",
    ),
    slip(
        "a near miss that is caught",
        MISS,
        '{ feeling = "unknown" }',
        f"{ONE}With 'unknown' for 'feeling' the rule catches this one too; choose another answer.",
    ),
    slip(
        "a near miss that the rule cannot tell apart",
        MISS,
        '{ campus = "city" }',
        f"{ONE}The rule does not test 'campus', so it catches this one too; change an answer it tests.",
    ),
    slip(
        "a near miss that is not near",
        MISS,
        '{ own_counsellor = "no", feeling = "annoyed" }',
        f"{ONE}Who is not caught is the example but for one answer; name that one alone.",
    ),
    slip(
        "a doubt by a name that is none",
        'why.nl = "Een klacht',
        'doubt = "no-students"\nwhy.nl = "Een klacht',
        "rule 'complaints_committee.1': 'no-students' does not stand in [doubts] of this file. Did you mean "
        "'no-student'?",
        'doubt = "no-students"',
        file=COMMITTEE,
    ),
    slip(
        "a doubt that nobody has",
        "[doubts]\n",
        '[doubts]\noud.nl = "Oud."\noud.en = "Old."\n',
        "Nothing in this file names this; take it away, or name it where it belongs.",
        "oud.nl",
        file=COMMITTEE,
    ),
    slip(
        "a doubt for whom is never asked that",
        "no-student.nl",
        'no-student.for = { nobody = "yes" }\nno-student.nl',
        "'nobody' is not a fact in vocabulary.toml. Known: role, review, feeling, anonymity, campus, own_counsellor.",
        "no-student.for",
        file=COMMITTEE,
    ),
    slip(
        "a doubt for nobody",
        "no-student.nl",
        "no-student.for = []\nno-student.nl",
        "'for' is empty; at least one is needed.",
        "no-student.for",
        file=COMMITTEE,
    ),
    slip(
        "a doubt for whom another subject knows",
        "no-student.nl",
        'no-student.for = [{ role = "student" }, { review = "done" }]\nno-student.nl',
        "'review' belongs to the concern 'grade'; name no other, or leave this out.",
        "no-student.for",
        file=COMMITTEE,
    ),
    slip(
        "a doubt in one language",
        "no-student.en",
        "no-student.eng",
        "The key 'eng' is not known here. Did you mean 'en'?",
        file=COMMITTEE,
    ),
    case(
        "a doubt that stands twice",
        [
            change(
                COMMITTEE,
                *(
                    (f'why.en = "{one}', f'doubt = {{ nl = "Zo.", en = "So." }}\nwhy.en = "{one}')
                    for one in ("A complaint", "Do you")
                ),
            )
        ],
        (
            COMMITTEE,
            'Dan kan een klacht."\ndoubt',
            "rule 'complaints_committee.2': This text stands in this file already; give it a name in [doubts], and "
            "write that name in both.",
        ),
    ),
    case(
        "twins",
        [change(ADVISER, *TWIN)],
        (
            ADVISER,
            'A student does." = { role = "student" } }\n\n[[rule]]',
            "rule 'study_adviser.7': says the same as 'study_adviser.6'; keep one of them.",
        ),
    ),
    case(
        "a rule written in tables",
        [more(COUNSELLOR, INLINE)],
        (
            COUNSELLOR,
            '{ anonymity = "nobody" }',
            "rule 'counsellor.3': 'nobody' is not an answer of 'anonymity'. Known: named, nameless.",
        ),
    ),
]

CELL = """
[[cell]]
body = "counsellor"
takes = { as = "cannot", concern = ["grade"], from = 2024-09-02 }
why.nl = "Nee, daar niet."
why.en = "No, not there."
rests_on = ["charter.counsellor"]
"""
CELLS = [
    case(f"in a cell: {name}", [more(MATRIX, CELL.replace(old, new))], (MATRIX, new, f"cell {body!r}: {message}"))
    for name, body, old, new, message in (
        (
            "an unknown body",
            "councillor",
            '"counsellor"',
            '"councillor"',
            "'councillor' is not a destination. Did you mean 'counsellor'?",
        ),
        *(
            (name, "counsellor", *edit)
            for name, *edit in (
                (
                    "an unknown way to take",
                    '"cannot", concern = ["grade"]',
                    '"maybe", concern = ["grade"]',
                    "'maybe' is not possible for 'as'. Known: can, cannot, only_if.",
                ),
                (
                    "an unknown concern",
                    '["grade"], from = 2024-09-02',
                    '["grades"], from = 2024-09-02',
                    "'grades' is not a concern. Did you mean 'grade'?",
                ),
                (
                    "a condition it does not say",
                    '"cannot", concern = ["grade"], from = 2024-09-02',
                    '"only_if", concern = ["grade"], from = 2024-09-02',
                    '`only_if` says the condition of `as = "only_if"`; give both or neither.',
                ),
                (
                    "an obstacle where there is none",
                    '"cannot", concern = ["grade"], from = 2024-09-02',
                    '"can", passing = true, from = 2024-09-02',
                    "`passing` says that what a body cannot take now it may take later; it goes with `cannot`.",
                ),
                (
                    "until before from",
                    "from = 2024-09-02",
                    "from = 2024-09-02, until = 2024-09-01",
                    "`until` (2024-09-01) must lie after `from` (2024-09-02).",
                ),
                (
                    "a fact of another concern",
                    '["grade"], from = 2024-09-02 }',
                    '["grade"], from = 2024-09-02 }\nwhen = { feeling = "unsafe" }',
                    "'feeling' belongs to the concern 'conduct'; name no other, or leave this out.",
                ),
                (
                    "a reason by a name that is none",
                    'why.nl = "Nee, daar niet."\nwhy.en = "No, not there."',
                    'why = "silent-on-other"',
                    "'silent-on-other' does not stand in [reasons] of this file. Did you mean 'silent-on-others'?",
                ),
            )
        ),
    )
]


def broken_word(name, old, new, message, words=None):
    """One mistake in the vocabulary."""
    return slip(name, old, new, message, words, file=VOCABULARY)


VOCABULARIES = [
    case("no vocabulary", [delete(VOCABULARY)], (VOCABULARY, "", "This file is missing; add it.")),
    broken_word(
        "two facts with several answers",
        'id = "role"\n',
        'id = "role"\nseveral = true\n',
        "fact 'role': Only one fact has `several = true`: the concerns. Take it away here.",
        'id = "role"\nseveral = true',
    ),
    broken_word(
        "no fact with several answers",
        "several = true\n",
        "",
        "One fact has `several = true`: the concerns. Here no fact has it.",
        "[[fact]]",
    ),
    broken_word(
        "several as a text",
        "several = true",
        'several = "yes"',
        "fact 'concerns': 'several' is true or false, without quotation marks.",
    ),
    broken_word(
        "a fact twice",
        'id = "campus"\n',
        'id = "role"\n',
        "fact 'role': " + TWICE.format("role"),
        '"nameless"]\n\n[[fact]]\nid = "role"',
    ),
    broken_word(
        "an answer of a fact twice",
        '"unsafe", "annoyed"',
        '"unsafe", "unsafe"',
        "fact 'feeling': 'unsafe' stands here twice; keep one.",
    ),
    broken_word("one answer only", '["none", "done"]', '["none"]', "fact 'review': A fact needs at least two answers."),
    broken_word(
        "a concern nobody has",
        'concern = "grade"',
        'concern = "grades"',
        "fact 'review': 'grades' is not a concern. Did you mean 'grade'?",
    ),
    broken_word(
        "an organisation that is never unknown",
        '["city", "harbour", "unknown"]',
        '["city", "harbour"]',
        "fact 'campus': A fact of the organisation needs the answer 'unknown'.",
    ),
    broken_word(
        "of something else",
        'of = "organisation"\nanswers = ["city"',
        'of = "organization"\nanswers = ["city"',
        "fact 'campus': 'organization' is not possible for 'of'. Did you mean 'organisation'?",
        'of = "organization"',
    ),
    broken_word(
        "a nature that is none",
        'nature = "who"',
        'nature = "whoo"',
        "fact 'role': 'whoo' is not possible for 'nature'. Did you mean 'who'?",
    ),
    broken_word(
        "a fact without a nature",
        'nature = "who"\n',
        "",
        "fact 'role': The key 'nature' is missing.",
        '"building"]\n\n[[fact]]',
    ),
    broken_word(
        "an organisation that is not a place",
        'id = "campus"\nnature = "where"',
        'id = "campus"\nnature = "wish"',
        "fact 'campus': A fact of the organisation says where somebody is; write `nature = \"where\"`.",
    ),
    broken_word(
        "an unknown safety net",
        '"student_desk"\n',
        '"student_desc"\n',
        "'student_desc' is not a destination. Did you mean 'student_desk'?",
        "safety_net",
    ),
    broken_word(
        "a destination twice",
        '"study_adviser", ',
        '"student_desk", ',
        "'student_desk' stands here twice; keep one.",
        "destinations",
    ),
    case(
        "a new destination without a channel",
        [change(VOCABULARY, ('"study_adviser", ', '"study_adviser", "new_place", '))],
        (
            "content/channels/new_place.toml",
            "",
            "This file is missing; write it, or take 'new_place' out of the vocabulary.",
        ),
    ),
    case(
        "a new answer without labels",
        [change(VOCABULARY, ('"unsafe", "annoyed"', '"unsafe", "often", "annoyed"'))],
        *(
            (FEELING, words, f"{part} has no text for the answer 'often'; write it.")
            for words, part in (
                ("answers", "nl.answers"),
                ("clauses", "nl.clauses"),
                ('about it?"\nanswers', "en.answers"),
                ('"I do not know" }\nclauses', "en.clauses"),
            )
        ),
    ),
    case(
        "a denial in one language",
        [change(ANONYMITY, ('denials = { named = "people may not know your name" }\n', ""))],
        (
            ANONYMITY,
            "[en]",
            "en.denials has no text for the answer 'named', the other language has; write it.",
        ),
    ),
    case(
        "a note in one language",
        [change(ANONYMITY, ('notes = { nameless = "Then not every place can help you." }\n', ""))],
        (ANONYMITY, "[en]", "en.notes has no text for the answer 'nameless'; write it."),
    ),
    case(
        "an answer that stands alone, and is none",
        [change(ANONYMITY, ('look = "ladder"\n', 'look = "ladder"\nalone = ["nobody"]\n'))],
        (ANONYMITY, "alone", "'nobody' is not an answer of 'anonymity'. Known: named, nameless."),
    ),
    case(
        "a choice that is to be seen at once, and is none",
        [change(ANONYMITY, ('look = "ladder"\n', 'look = "ladder"\nshown = ["nameles"]\n'))],
        (ANONYMITY, "shown", "'nameles' is not an answer of 'anonymity'. Did you mean 'nameless'?"),
    ),
    case(
        "a look that there is not",
        [change(ANONYMITY, ("ladder", "stairs"))],
        (ANONYMITY, "look", "'stairs' is not possible for 'look'. Known: ladder."),
    ),
    case(
        "a denial of no answer",
        [change(ANONYMITY, ('denials = { named = "people', 'denials = { nobody = "people'))],
        *(
            (ANONYMITY, 'your name" }\ndenials', message)
            for message in (
                "'nobody' is not an answer of 'anonymity'. Known: named, nameless.",
                "en.denials has no text for the answer 'named', the other language has; write it.",
            )
        ),
    ),
]


def promised(name, old, new, message, words=None, of="nameless_first"):
    """One mistake in a promise."""
    return slip(name, old, new, f"promise {of!r}: {message}", words, file=PROMISES)


AFTER = "appeal_after_review"
SAID = [
    case("no promises", [delete(PROMISES)], (PROMISES, "", "This file is missing; add it.")),
    promised(
        "a promise about neither",
        'name_needed = ["required"]\n',
        "",
        "Give either `refer` or `name_needed`, and only one of them.",
        'before a review." }\n\n[[promise]]',
    ),
    promised(
        "a promise about both",
        'name_needed = ["required"]\n',
        'name_needed = ["required"]\nrefer = ["exam_board"]\n',
        "Give either `refer` or `name_needed`, and only one of them.",
        'refer = ["exam_board"]',
    ),
    promised(
        "a promise about an unknown destination",
        'refer = ["appeals_board"]',
        'refer = ["appeal_board"]',
        "'appeal_board' is not a destination. Did you mean 'appeals_board'?",
        of=AFTER,
    ),
    promised(
        "a promise about an unknown way to refer",
        'as = ["first", "also"]',
        'as = ["frist", "also"]',
        "'frist' is not a way to refer. Did you mean 'first'?",
    ),
    promised(
        "a promise about no referral at all",
        'as = ["first", "also"]',
        "as = []",
        "It is about no referral; name at least one way to refer.",
    ),
    promised(
        "a promise about an unknown concern",
        'concern = "conduct"',
        'concern = "conducts"',
        "'conducts' is not a concern. Did you mean 'conduct'?",
    ),
    promised(
        "a promise with an unknown fact",
        "only = { review =",
        "only = { revue =",
        "'revue' is not a fact in vocabulary.toml. Did you mean 'review'?",
        of=AFTER,
    ),
    promised(
        "a promise with an unknown answer",
        '["done"]',
        '["dome"]',
        "'dome' is not an answer of 'review'. Did you mean 'done'?",
        of=AFTER,
    ),
    promised(
        "a promise that tests the concerns",
        '{ anonymity = ["nameless"] }',
        '{ concerns = ["conduct"] }',
        "'concerns' cannot be tested: what it is about is named in `concern`.",
    ),
    promised(
        "a promise with a fact of another concern",
        '{ anonymity = ["nameless"] }',
        '{ review = "done" }',
        "'review' belongs to the concern 'grade'; name no other, or leave this out.",
    ),
    promised(
        "a promise without a condition",
        '{ anonymity = ["nameless"] }',
        "{}",
        "Without a condition this says nothing; name at least one fact.",
    ),
    promised(
        "a promise twice",
        'id = "nameless_first"',
        f'id = "{AFTER}"',
        TWICE.format(AFTER),
        f'before a review." }}\n\n[[promise]]\nid = "{AFTER}"',
        of=AFTER,
    ),
]

NO_CHANNEL = "This file is missing; write it, or take 'counsellor' out of the vocabulary."
LENGTH = "Term 'appeal' needs one of days, weeks or months, and only one."
CONTENT = [
    case("no channel", [delete(CHANNEL)], (CHANNEL, "", NO_CHANNEL)),
    case(
        "a channel nobody names",
        [rename(CHANNEL, MISSPELT), change(MISSPELT, ('id = "counsellor"', 'id = "counselor"'))],
        (CHANNEL, "", NO_CHANNEL),
        (
            MISSPELT,
            "",
            "This file is called 'counselor', which the vocabulary does not name. Did you mean 'counsellor'?",
        ),
    ),
    slip(
        "a channel with another id than its file",
        'id = "counsellor"',
        'id = "listener"',
        "This file is called counsellor.toml, so its id is 'counsellor', not 'listener'.",
        "",
        file=CHANNEL,
    ),
    slip(
        "an unknown source of a channel",
        '["charter"]',
        '["charter", "chartre"]',
        "Source 'chartre' is not in content/sources/. Did you mean 'charter'?",
        file=CHANNEL,
    ),
    slip(
        "a contact with a name in one language",
        'name.en = "Counsellor"\n',
        "",
        "The key 'en' is missing in contact.name.",
        "name.nl",
        file=CHANNEL,
    ),
    slip(
        "a contact that ends before it begins",
        "from = 2025-09-01",
        "from = 2025-09-01\nuntil = 2024-09-01",
        "`until` (2024-09-01) must lie after `from` (2025-09-01).",
        "until",
        file=CHANNEL,
    ),
    slip(
        "a word that is not possible",
        'name_needed = "confidential"',
        'name_needed = "maybe"',
        "'maybe' is not possible for 'name_needed'. Known: required, confidential, not_needed, unknown.",
        file=CHANNEL,
    ),
    slip(
        "lists of different length",
        '["De raadgever luistert."]',
        '["De raadgever luistert.", "Nog iets."]',
        "expect has 2 items in nl and 1 in en; say the same in both.",
        'the counsellor."\nexpect',
        file=CHANNEL,
    ),
    slip(
        "an empty item of a list",
        'limits = ["De raadgever onderzoekt niets."]',
        'limits = [\n    "",\n]',
        "This text is empty; write it, or leave the key out where it may be left out.",
        'limits = [\n    "",',
        file=CHANNEL,
    ),
    case(
        "no question",
        [delete(FEELING)],
        (FEELING, "", "This file is missing; write it, or take 'feeling' out of the vocabulary."),
    ),
    slip(
        "an answer without a label",
        'annoyed = "Boos", ',
        "",
        "nl.answers has no text for the answer 'annoyed'; write it.",
        "answers",
        file=FEELING,
    ),
    slip(
        "a label for an unknown answer",
        'annoyed = "Boos", ',
        'annoyed = "Boos", unknwon = "Misschien", ',
        "'unknwon' is not an answer of 'feeling'. Did you mean 'unknown'?",
        file=FEELING,
    ),
    slip(
        "an empty label",
        'annoyed = "Boos"',
        'annoyed = ""',
        "This text is empty; write it, or leave the key out where it may be left out.",
        file=FEELING,
    ),
    slip(
        "a question about another fact than its file",
        'fact = "feeling"',
        'fact = "feelings"',
        "This file is called feeling.toml, so its fact is 'feeling', not 'feelings'.",
        "",
        file=FEELING,
    ),
    slip(
        "a word of the interface in one language",
        "[en]",
        '[en]\nor = "or else"',
        "'or' stands in en only; write it in nl too.",
        'or = "or else"',
        file=INTERFACE,
    ),
    slip(
        "a word of the interface as a list",
        "[nl]",
        '[nl]\nor = ["of"]',
        "'or' is a text; write it between quotation marks.",
        'or = ["of"]',
        file=INTERFACE,
    ),
    case(
        "another word to fill in per language",
        [
            change(
                INTERFACE,
                ("[nl]", '[nl]\nwhy_because = "Dit volgt, omdat {clause}."'),
                ("[en]", '[en]\nwhy_because = "This follows, because {clauses}."'),
            )
        ],
        *(
            (
                INTERFACE,
                f'why_because = "{word}',
                f"'why_because' has {{{filled}}} in {language} only; what the service fills in is the same in both.",
            )
            for word, filled, language in (("Dit", "clause", "nl"), ("This", "clauses", "en"))
        ),
    ),
    slip(
        "a source with another id than its file",
        'id = "charter-2025"',
        'id = "charter-2024"',
        "This file is called charter-2025.toml, so its id is 'charter-2025', not 'charter-2024'.",
        "",
        file=f"{AMENDMENT}.toml",
    ),
    slip(
        "a source with a mistake, cited by many",
        'sure = "archived_copy"',
        'sure = "very archived_copy"',
        "'very archived_copy' is not possible for 'sure'. Did you mean 'archived_copy'?",
        file=CHARTER,
    ),
    slip(
        "a passage without its place",
        'locator = "preamble"\n',
        "",
        "The key 'locator' is missing in passage.",
        "[[passage]]",
        file=CHARTER,
    ),
    slip(
        "a quotation that does not stand in its passage",
        'quotes.counsellor = "The counsellor',
        'quotes.counsellor = "Our counsellor',
        "At ‘section 3’ this passage does not say “Our” but “The”. Copy the words from there.",
        file=CHARTER,
    ),
    slip(
        "a long quotation",
        "quotes.counsellor",
        f'quotes.long = "{"very " * 60}long"\nquotes.counsellor',
        "The quotation is longer than 60 words; keep what carries the rule.",
        "very long",
        file=CHARTER,
    ),
    slip(
        "a name of two quotations",
        "quotes.exam-board",
        "quotes.desk",
        "The name 'desk' stands in this file twice; give this one another.",
        'the appeals board"\nquotes.desk',
        file=CHARTER,
    ),
    slip(
        "a name of a quotation that is none",
        "quotes.counsellor",
        "quotes.counsellor-",
        "Name it in letters, digits and hyphens, such as 'zes-weken', not 'counsellor-'.",
        file=CHARTER,
    ),
    case(
        "a source without its text",
        [delete(f"{AMENDMENT}.txt")],
        (
            f"{AMENDMENT}.toml",
            'text = "charter-2025.txt"',
            "The file 'charter-2025.txt' does not stand beside this one; add it there.",
        ),
    ),
    case("no terms", [delete(TERMS)], (TERMS, "", "This file is missing; add it.")),
    slip("a term without a length", "weeks = 6\n", "", LENGTH, "[[term]]", file=TERMS),
    slip("a term with two lengths", "weeks = 6\n", "days = 42\nweeks = 6\n", LENGTH, "[[term]]", file=TERMS),
    slip(
        "a length as a text",
        "weeks = 6",
        'weeks = "6"',
        "'weeks' is a whole number, without quotation marks.",
        file=TERMS,
    ),
    slip(
        "a term twice",
        'id = "hearing"',
        'id = "appeal"',
        TWICE.format("appeal"),
        'still appeal."\n\n[[term]]\nid = "appeal"',
        file=TERMS,
    ),
    slip(
        "a term with an unknown source",
        'basis = "charter"',
        'basis = "chartre"',
        "Source 'chartre' is not in content/sources/. Did you mean 'charter'?",
        file=TERMS,
    ),
    case("no notices", [delete(NOTICES)], (NOTICES, "", "This file is missing; add it.")),
    slip(
        "a notice twice",
        'id = "shared_screen"',
        'id = "fire"',
        TWICE.format("fire"),
        '0112."\n\n[[notice]]\nid = "fire"',
        file=NOTICES,
    ),
    slip(
        "a notice with an unknown source",
        'source = "charter"',
        'source = "chartre"',
        "Source 'chartre' is not in content/sources/. Did you mean 'charter'?",
        file=NOTICES,
    ),
]

TOGETHER = "hold on the same day; end one before the other."
ORGANISATIONS = [
    slip(
        "an unknown successor",
        'id = "society"',
        'id = "sociaty"',
        "There is no organisation 'sociaty'. Did you mean 'society'?",
        file=LAW,
    ),
    slip(
        "names that overlap",
        "\nfrom = 2025-09-01",
        "\nfrom = 2025-08-01",
        f"Two [[name]] {TOGETHER}",
        "until = 2025-09-01\n\n[[name]]",
        file=SHIPS,
    ),
    slip(
        "provisions that overlap",
        "[[channel]]",
        '[[provision]]\nfact = "own_counsellor"\nanswer = "no"\nsource = "charter"\nlocator = "section 3"\n'
        'sure = "archived_copy"\nfrom = 2025-09-01\n\n[[channel]]',
        f"Two [[provision]] {TOGETHER}",
        'this week."\n\n[[provision]]',
        file=LETTERS,
    ),
    slip(
        "a provision that ends before it begins",
        'answer = "yes"',
        'answer = "yes"\nfrom = 2024-09-01\nuntil = 2024-01-01',
        "`until` (2024-01-01) must lie after `from` (2024-09-01).",
        "until = 2024",
        file=LETTERS,
    ),
    slip(
        "a provision of an unknown fact",
        'fact = "own_counsellor"',
        'fact = "own_councillor"',
        "'own_councillor' is not a fact a provision can give. Did you mean 'own_counsellor'?",
        file=LETTERS,
    ),
    slip(
        "a provision of a fact that people are asked",
        'fact = "own_counsellor"',
        'fact = "role"',
        "'role' is not a fact a provision can give. Known: own_counsellor.",
        file=LETTERS,
    ),
    slip(
        "a provision with an unknown answer",
        'answer = "yes"',
        'answer = "oui"',
        "'oui' is not an answer of 'own_counsellor'. Known: yes, no, unknown.",
        file=LETTERS,
    ),
    slip(
        "a provision with a note in one language",
        'note.en = "Ask',
        '# "Ask',
        "The key 'en' is missing in provision.note.",
        "note.nl",
        file=LETTERS,
    ),
    case(
        "a provision that nobody read, without a note",
        [change(LETTERS, ('note.nl = "Vraag', '# "'), ('note.en = "Ask', '# "'))],
        (
            LETTERS,
            'sure = "inference',
            "This decides where people are sent and was not read: say so to them in note.nl, note.en.",
        ),
    ),
    slip(
        "an audience of an unknown fact",
        "audience = { role",
        "audience = { roles",
        "'roles' is nothing an audience can name here. Did you mean 'role'?",
        file=ADVICE,
    ),
    slip(
        "an audience with an unknown answer",
        'perhaps = { role = ["applicant"',
        'perhaps = { role = ["aplicant"',
        "'aplicant' is not possible for 'role'. Did you mean 'applicant'?",
        file=ADVICE,
    ),
    slip(
        "an answer in both halves of an audience",
        'perhaps = { role = ["applicant"',
        'perhaps = { role = ["student"',
        "'student' stands in `audience` and in `perhaps`; say it once.",
        file=ADVICE,
    ),
    slip(
        "a channel for an organisation that is not part of this one",
        'destination = "counsellor"\n',
        'destination = "counsellor"\naudience = { organisation = ["law"] }\n',
        "'law' is not possible for 'organisation'. Known: letters, ships.",
        'organisation = ["law"',
        file=LETTERS,
    ),
    slip(
        "a term that ends before it begins",
        "weeks = 6\n",
        "weeks = 6\nfrom = 2025-09-01\nuntil = 2024-09-01\n",
        "`until` (2024-09-01) must lie after `from` (2025-09-01).",
        "until",
        file=TERMS,
    ),
    slip(
        "an organisation that does not say what others always say",
        'campus = "city"',
        "",
        "Other organisations say in [facts] what 'campus' is; say it here too, if only 'unknown'.",
        "facts",
        file=LETTERS,
    ),
    slip(
        "a fact of no organisation",
        'campus = "city"',
        'campus = "city", own_councillor = "yes"',
        "'own_councillor' is not a fact of an organisation. Did you mean 'own_counsellor'?",
        file=LETTERS,
    ),
    slip(
        "an unknown kind of organisation",
        'kind = "faculty"',
        'kind = "facility"',
        "'facility' is not possible for 'kind'. Did you mean 'faculty'?",
        file=LETTERS,
    ),
    slip(
        "an unknown answer of an organisation",
        'campus = "city"',
        'campus = "citty"',
        "'citty' is not an answer of 'campus'. Did you mean 'city'?",
        file=LETTERS,
    ),
    slip(
        "an organisation with another id than its file",
        'id = "letters"',
        'id = "letter"',
        "This file is called letters.toml, so its id is 'letters', not 'letter'.",
        "",
        file=LETTERS,
    ),
    case(
        "two organisations that are for every other body",
        [change(SHIPS, ('kind = "institute"', 'kind = "institute"\ncatch_all = true'))],
        (
            SHIPS,
            "catch_all",
            "'elsewhere' is for every other body already, and only one can be; take this line away.",
        ),
    ),
    slip(
        "an organisation that is for every other body in a word",
        'kind = "faculty"',
        'kind = "faculty"\ncatch_all = "yes"',
        "'catch_all' is true or false, without quotation marks.",
        "catch_all",
        file=LETTERS,
    ),
    slip(
        "an organisation that is its own parent",
        'id = "letters"',
        'id = "ships"',
        "The parents of 'ships' lead back to 'ships'; take one of them away.",
        '[[parent]]\nid = "ships"',
        file=SHIPS,
    ),
    slip(
        "a contact of an unknown destination",
        'destination = "counsellor"',
        'destination = "counsellors"',
        "'counsellors' is not a destination. Did you mean 'counsellor'?",
        file=LETTERS,
    ),
    slip(
        "a parent with a mistake",
        'kind = "',
        'kind = "great ',
        "'great faculty' is not possible for 'kind'. Did you mean 'faculty'?",
        file=LETTERS,
    ),
    case(
        "two that lead to each other",
        [change(SOCIETY, ('[[predecessor]]\nid = "law"\nuntil = 2025-09-01\n', '[[predecessor]]\nid = "law"\n'))],
        (LAW, "[[successor]]", "'law' and 'society' lead to each other on the same day; end one of the two."),
        (SOCIETY, "[[predecessor]]", "'society' and 'law' lead to each other on the same day; end one of the two."),
    ),
    case(
        "a predecessor and a successor at once",
        [more(SOCIETY, '[[successor]]\nid = "letters"')],
        (
            SOCIETY,
            "[[predecessor]]",
            f"A [[predecessor]] and a [[successor]] {TOGETHER}",
        ),
    ),
]

WHOLE = (
    "is not a link that may be shown. Write it whole, from https://, such as https://www.example.nl/contact; without a "
    "space, a name or a port before the path."
)
DIGITS = (
    "is not a telephone number. Write one number, in digits, spaces and hyphens, such as 070 - 123 45 67, "
    "(070) 123 45 67 or +31 70 123 45 67."
)
ALONE = "is not an e-mail address. Write one alone, such as desk@example.nl."
NOT_TO_SHOW = {
    "url": (
        WHOLE,
        "http://www.igk.nl",
        "htps://www.igk.nl",
        "javascript:alert(1)",
        "data:text/html,x",
        "//igk.nl",
        "www.igk.nl",
        "https://igk",
        "https://igk.nl@evil.example/",
        "https://igk.nl:8443/",
        "https://igk.nl/een pagina",
        "https://аpple.nl/",  # its first letter is Cyrillic
    ),
    "phone": (
        DIGITS,
        "070 - 31A 58 2",
        "12",
        "070 318 75 99 of 98",
        "070/3187599",
        "(070 318 75 99",
        "٠٧٠٣١٨٧٥٩٩",
        "1" * 16,
        "1 " * 30 + "x",
    ),
    "phone_abroad": (DIGITS, "00 31 (0", "+31"),
    "email": (
        ALONE,
        "igk at mindef.nl",
        "a@b.nl?bcc=x@evil.example",
        "mailto:a@b.nl",
        "a@b.nl, c@d.nl",
        "a@b",
        "é@b.nl",
    ),
}
UNSEEN = {"u202E": "RIGHT-TO-LEFT OVERRIDE", "u200B": "ZERO WIDTH SPACE", "u001B": "a control character"}
MARKUP = ("<b>", "</i>", "<br/>", "<!--", "&nbsp;", "&#8217;", "<a href='x'>")


ENDINGS = [f"content/organisations/{one}" for one in ("law.toml.bak", "law.toml~", "no-ending", "notes.docx")]
PLACES = ["content/organisaties/law.toml", "content/law.toml", "rules/extra/huis.toml"]
DOCUMENTS = ["content/organisations/law.toml.txt", "content/sources/notes.txt"]
LINKS = ["content/sources/zz.txt", "content/elsewhere"]


def contacts(key, values):
    """A contact for each value, at the end of a channel."""
    tables = (f'[[contact]]\n{key} = "{one}"\nsource = "charter"\nsure = "notes"\n' for one in values)
    return more(CHANNEL, "\n".join(tables))


def link(path, target):
    return lambda root: (root / path).symlink_to(target)


HOURS = 'hours.en = "9"\nhours.nl'  # a text that a contact has, and what it must stand with

EDITORS = [
    *(
        case(
            f"what is not to be shown as {key}",
            [contacts(key, values)],
            *((CHANNEL, f'{key} = "{value}"', f"{value!r} {why}") for value in values),
        )
        for key, (why, *values) in NOT_TO_SHOW.items()
    ),
    case(
        "what is not to be shown of an organisation, a notice and a source",
        [
            more(
                SHIPS,
                '[[channel]]\ndestination = "exam_board"\nphone = "x"\nsource = "charter"\nsure = "notes"\n',
            ),
            change(NOTICES, ('phone = "0800 555 0112"', 'phone = "112!"')),
            change(CHARTER, ('url = "https://', 'url = "ftp://')),
        ],
        (NOTICES, 'phone = "112!"', f"'112!' {DIGITS}"),
        (SHIPS, 'phone = "x"', f"'x' {DIGITS}"),
        (CHARTER, "url = ", f"'ftp://charter.university.example/2024' {WHOLE}"),
    ),
    case(
        "characters that nobody sees",
        [contacts(HOURS, [f"Van \\{code}9 uur" for code in UNSEEN])],
        *(
            (
                CHANNEL,
                f"Van \\{code}",
                f"This text holds a character that nobody sees ({code.replace('u', 'U+')}, {name}).",
            )
            for code, name in UNSEEN.items()
        ),
    ),
    case(
        "HTML",
        [contacts(HOURS, [f"Van {one} 9 uur" for one in MARKUP])],
        *(
            (CHANNEL, f"Van {one}", f"Texts hold no HTML: readers would see {one!r} as it stands. Take it out.")
            for one in MARKUP
        ),
    ),
    case(
        "a name in capitals, as some systems write it",
        [rename(LAW, "content/organisations/law.TOML"), delete(SOCIETY)],
        (
            "content/organisations/law.TOML",
            "",
            "This file is not read: its name must end in .toml, in small letters. Rename it to law.toml.",
        ),
    ),
    case(
        "files that nothing reads",
        [
            *(lambda root, name=name: (root / name).mkdir() for name in ("content/organisaties", "rules/extra")),
            *(whole(name, "Woorden.") for name in (*ENDINGS, *PLACES, *DOCUMENTS)),
            link("content/sources/zz.txt", "/etc/passwd"),
            link("content/elsewhere", "/etc"),
        ],
        *sorted(
            (name, "", message)
            for names, message in (
                (
                    ENDINGS,
                    "This file is not read: its name must end in .toml, in small letters. Rename it, or take it away.",
                ),
                (PLACES, "Nothing reads a file of this name in this place; rename it, move it, or take it away."),
                (DOCUMENTS, "No source has this file as its `text`; name it there, or take it away."),
                (LINKS, "This is a link out of the folder; put the file itself here."),
            )
            for name in names
        ),
    ),
    case(
        "the document of a source elsewhere",
        [change(f"{AMENDMENT}.toml", ('text = "charter-2025.txt"', 'text = "../sources/charter-2025.txt"'))],
        (f"{AMENDMENT}.toml", "../sources", "Write the name of a file beside this one, such as charter-2025.txt."),
    ),
]

SEVERAL = (
    whole(MISSPELT, "id = 1"),
    change(COUNSELLOR, ('as = "first"', 'as = "maybe"'), ("own_counsellor = ", "own_councillor = ")),
    change(PROMISES, ("only = { review =", "only = { revue =")),
    change(FEELING, ('fact = "feeling"', "fact = ")),
    change(CHARTER, ('sure = "', 'sure = "very ')),
    change(LETTERS, ('destination = "counsellor"', 'destination = "counsellors"')),
    delete(TERMS),
)
ALL_OF_THEM = [
    (MISSPELT, "", "'id' is a text; write it between quotation marks."),
    (MISSPELT, "", "The key 'en' is missing."),
    (MISSPELT, "", "The key 'name_needed' is missing."),
    (MISSPELT, "", "The key 'nl' is missing."),
    (MISSPELT, "", "The key 'sources' is missing."),
    (LETTERS, "destination", "'counsellors' is not a destination. Did you mean 'counsellor'?"),
    (FEELING, "", NO_VALUE),
    (CHARTER, 'sure = "very', "'very archived_copy' is not possible for 'sure'. Did you mean 'archived_copy'?"),
    (TERMS, "", "This file is missing; add it."),
    (COUNSELLOR, 'as = "maybe"', f"{ONE}'maybe' is not a way to refer. Known: first, also, later."),
    (
        COUNSELLOR,
        "own_councillor",
        f"{ONE}'own_councillor' is not a fact in vocabulary.toml. Did you mean 'own_counsellor'?",
    ),
    (
        PROMISES,
        "only = { revue",
        f"promise {AFTER!r}: 'revue' is not a fact in vocabulary.toml. Did you mean 'review'?",
    ),
]


def written(root, problems):
    """The problems as an author reads them."""
    return [f"{file}:{line(root / file, words)}: {message}" for file, words, message in problems]


def test_a_mistake_is_told_with_its_place_and_its_mend_and_nothing_else_is(originals, tmp_path, subtests):
    for name, edits, problems in [*RULES, *CELLS, *VOCABULARIES, *SAID, *CONTENT, *ORGANISATIONS, *EDITORS]:
        root = tmp_path / name.replace("/", " ")
        with subtests.test(name):
            with pytest.raises(AuthoringError) as caught:
                read_folders(*copy(originals, root, edits), MEMO)
            assert str(caught.value).splitlines() == written(root, problems)


def test_a_copy_without_a_mistake_is_read(broken):
    read_folders(*broken(), MEMO)


TO_SHOW = {
    "url": ["https://www.igk.nl", "https://www.igk.nl/een/pagina?vraag=1#plek"],
    "phone": [
        "070 - 318 75 99",
        "(070) 318 75 99",
        "0703187599",
        "088-318 75 99",
        "14 070",
        "+31 (0)70 318 75 99",
        "+31703187599",
        "112",
    ],
    "email": ["Integriteit.IGK-meldpunt@mindef.nl", "desk+advice@sub.example.nl"],
}


def test_what_people_may_be_shown_is_read(broken):
    read_folders(*broken(*(contacts(key, values) for key, values in TO_SHOW.items())), MEMO)


def test_links_within_the_folder_and_what_begins_with_a_dot_are_read_and_passed_over(broken):
    """So does a cluster give files to a pod: each is a link to a folder whose name begins with dots."""

    def edit(root):
        (root / "content/organisations/..data").mkdir()
        (root / LAW).rename(root / "content/organisations/..data/law.toml")
        (root / LAW).symlink_to("..data/law.toml")
        write(root / "content/.DS_Store", "")

    rules, content = broken(edit)
    assert "law" in read_folders(rules, content, MEMO).organisations.by_id


@pytest.mark.parametrize(
    ("edit", "file", "words"),
    [
        (change(CHARTER, ("read = 20", "read = 9999-01-01 # ")), CHARTER, "read = "),
        (change(CHANNEL, ('source = "', 'checked = 9999-01-01\nsource = "')), CHANNEL, "checked"),
        (change(LETTERS, ("[[channel]]", "[[channel]]\nchecked = 9999-01-01")), LETTERS, "checked"),
    ],
)
def test_check_believes_nobody_who_read_or_checked_something_tomorrow(broken, tmp_path, edit, file, words):
    rules, content = broken(edit)
    result = CliRunner().invoke(main, ["check", "--rules", str(rules), "--content", str(content), "--language", "en"])
    assert result.exit_code == 1
    place = f"{file}:{line(tmp_path / file, words)}: "
    (told,) = [one for one in result.stderr.splitlines() if one.startswith(place)]
    assert "lies in the future" in told
    assert "Traceback" not in result.output


def test_mistakes_in_several_files_are_told_at_once_sorted_by_file_and_line(broken, tmp_path):
    with pytest.raises(AuthoringError) as caught:
        read_folders(*broken(*SEVERAL), MEMO)
    assert str(caught.value).splitlines() == written(tmp_path, ALL_OF_THEM)


def test_check_prints_every_mistake_and_their_number_and_exits_with_1(broken, tmp_path):
    rules, content = broken(*SEVERAL)
    result = CliRunner().invoke(main, ["check", "--rules", str(rules), "--content", str(content), "--language", "en"])
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)
    *mistakes, count = result.stderr.splitlines()
    assert mistakes == written(tmp_path, ALL_OF_THEM)
    assert count == f"{len(ALL_OF_THEM)} mistakes."
    assert result.stdout == ""


def test_the_folder_one_stands_in_has_its_name_in_the_message(broken, monkeypatch):
    rules, content = broken(delete(PROMISES))
    monkeypatch.chdir(rules)
    result = CliRunner().invoke(main, ["check", "--rules", ".", "--content", str(content), "--language", "en"])
    assert f"{PROMISES}:1: This file is missing; add it." in result.stderr.splitlines()


def test_a_file_with_the_mark_that_windows_editors_put_before_it_is_read(broken):
    read_folders(
        *broken(lambda root: write(root / COUNSELLOR, b"\xef\xbb\xbf" + (root / COUNSELLOR).read_bytes())), MEMO
    )
