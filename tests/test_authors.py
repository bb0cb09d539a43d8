"""What an author reads after a mistake in rules/ or content/: every mistake, where it stands, its mend, and no more.

Each case breaks a copy of our own rules and content in one place. Lines are not counted here but pointed at: by words
that stand once in the broken file, on the line that is meant (no words: the file as a whole, so line 1).
"""

from __future__ import annotations

import os
import shutil

import pytest
from click.testing import CliRunner

from service.cli.main import main
from service.rulebook.drafts import read_folders
from service.rulebook.locate import folder
from service.rulebook.toml_files import AuthoringError, Memo

VOCABULARY = "rules/vocabulary.toml"
PROMISES = "rules/promises.toml"
IGK = "rules/defence_inspector.toml"  # one rule
INSTITUTE = "rules/human_rights_institute.toml"  # four rules
TERMS = "content/terms.toml"
TERM = (
    '[[term]]\nid = "awb_complaint"\nbasis = "awb"\nlocator = "artikel 9:12"\nweeks = 6\n'
    'starts = "complaint_received"\nnl = "U hoort het."\nen = "You hear it."\nsure = "law_2017"\n\n'
)
NOTICES = "content/notices.toml"
INTERFACE = "content/interface.toml"
CHANNEL = "content/channels/defence_inspector.toml"
MISSPELT = "content/channels/defence_inspectr.toml"
QUESTION = "content/questions/discrimination.toml"
SOURCE = "content/sources/igj-klokkenluiders.toml"
CITED = "content/sources/cao-rijk-16.toml"  # by many
QUOTED = "content/sources/defensie-igk.toml"  # by one rule, and cells
LETTER = "content/sources/kst-28844-183"
EZK = "content/organisations/ezk.toml"
VRO = "content/organisations/vro.toml"
LVVN = "content/organisations/lvvn.toml"
DEF = "content/organisations/def.toml"
MIVD = "content/organisations/mivd.toml"
OCW = "content/organisations/ocw.toml"

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
    """The line on which words end that stand once in a file."""
    if not words:
        return 1
    text = path.read_text("utf-8")
    assert text.count(words) == 1, f"{path.name} holds {words!r} {text.count(words)} times; point with other words"
    return text[: text.index(words) + len(words)].count("\n") + 1


@pytest.fixture(scope="session")
def originals(tmp_path_factory):
    root = tmp_path_factory.mktemp("originals")
    for name in ("rules", "content"):
        shutil.copytree(folder(name), root / name, ignore=shutil.ignore_patterns("__pycache__"))
    (root / IGK).write_text(SPECIMEN, "utf-8")
    return root


@pytest.fixture
def broken(originals, tmp_path):
    """Make a broken copy; give its two folders."""

    def make(*edits):
        for name in ("rules", "content"):
            shutil.copytree(originals / name, tmp_path / name, copy_function=os.link)
        for edit in edits:
            edit(tmp_path)
        return tmp_path / "rules", tmp_path / "content"

    return make


# The rule that most tests break: here, so that nobody who edits ours has to choose other words to break.
SPECIMEN = """# Inspecteur-Generaal der Krijgsmacht (IGK)

[[rule]]
id = "defence_inspector.1"
refer = { as = "also", concern = "undesirable_behaviour", from = 2019-06-20 }
when = { reporter = ["employee", "former_employee", "confidential_advisor"], regime = "defence", \
privacy = ["none", "colleagues", "outside_organisation"] }
why.nl = "Bij Defensie kan de Inspecteur-Generaal der Krijgsmacht bemiddelen als u er niet uitkomt. Dat kan altijd."
why.en = "At Defence the Inspector-General of the Armed Forces can mediate if you cannot work it out. That is \
possible too for people who used to work there."
doubt.nl = "Wij vonden niet wat er met uw naam gebeurt."
doubt.en = "We did not find what happens with your name."
rests_on = ["defensie-igk.wie"]
example = { "Een burgermedewerker vecht tegen een overplaatsing." = { \
reporter = "employee", regime = "defence", privacy = "none" } }
but_not = { "Een medewerker van een ministerie vertelt hetzelfde; de inspecteur-generaal bemiddelt alleen bij \
Defensie." = { regime = "rijk" } }
"""
INLINE = """
[[rule]]
id = "defence_inspector.2"
when = { regime = "defence", privacy = "anonymous" }
example = { "Een commandant." = { regime = "defence", privacy = "anonymous" } }
but_not = { "Een ander." = { privacy = "nobody" } }
rests_on = ["defensie-igk.wie"]

[rule.why]
nl = "Later kan het ook."
en = "It can be later too."

[rule.refer]
as = "later"
concern = "undesirable_behaviour"
from = 2019-06-20
"""
# Rule 4 of the institute made the same as rule 3.
TWIN = (
    ('discrimination = "unknown" }', 'discrimination = "yes" }'),
    ('discrimination = "unknown" }', 'discrimination = "yes" }'),
    ('as = "later"', 'as = "also"'),
    ('"applicant", "confidential_advisor", "office_holder"]', '"confidential_advisor", "office_holder"]'),
)


def case(name, edits, *problems):
    """Edits; then per problem its file, words that point at its line, and the message."""
    return pytest.param(edits, problems, id=name)


def slip(name, old, new, message, words=None, file=IGK):
    """One mistake in a rule of a file; pointed at by what was written, or by other words."""
    return case(name, [change(file, (old, new))], (file, new if words is None else words, message))


ONE, FIRST = "rule 'defence_inspector.1': ", "rule 'human_rights_institute.1': "
TWICE = f"{ONE}The id 'defence_inspector.1' stands in this file twice; ids are used once, so give this one another."
IDS = "The id of a rule is its destination, a dot and a number, such as huis_advice.1."
DEFENCE, THREE = 'regime = "defence", privacy = [', '["none", "colleagues", "outside_organisation"]'

RULES = [
    slip(
        "not TOML",
        '"undesirable_behaviour"',
        "undesirable_behaviour",
        NO_VALUE,
    ),
    slip(
        "a text that does not end",
        'en = "At Defence the Inspector-General of the Armed Forces can mediate if you cannot work it out. That is '
        'possible too for people who used to work there."',
        'en = "At Defence the',
        'A text ends on its own line, with a quotation mark (").',
    ),
    slip(
        "a list that does not end",
        '"outside_organisation"]',
        '"outside_organisation"',
        "Here or above a list lacks its ], or a comma between its items.",
        "when = {",
    ),
    slip(
        "a table that does not end",
        'undesirable_behaviour", from',
        'undesirable_behaviour" from',
        "A table between braces lacks its } here, or a comma between its items.",
    ),
    slip(
        "a table between braces on two lines",
        'regime = "defence", privacy = [',
        '\n    regime = "defence", privacy = [',
        "A table between braces stands on one line, without a comma before its }.",
        "when = {",
    ),
    slip(
        "a sentence without an =",
        'overplaatsing." =',
        'overplaatsing."',
        "Between a name or a sentence and what it says stands an =.",
    ),
    case("not UTF-8", [whole(IGK, "naïef".encode("latin-1"))], (IGK, "", "This file is not UTF-8; save it as UTF-8.")),
    case("an empty file", [whole(IGK, "")], (IGK, "", "The key 'rule' is missing.")),
    slip(
        "a key twice",
        'id = "defence_inspector.1"\n',
        'id = "defence_inspector.1"\nid = "defence_inspector.2"\n',
        "This stands in its table twice; keep one, or write the missing [[…]] above it.",
        "inspector.2",
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
    slip("a missing key in a table", 'as = "also", ', "", f"{ONE}The key 'as' is missing in refer.", "refer"),
    slip("a missing key", 'id = "defence_inspector.1"\n', "", "The key 'id' is missing in rule.", "[[rule]]"),
    slip("a missing language", 'why.en = "At', '# "At', f"{ONE}The key 'en' is missing in why.", "why.nl"),
    case(
        "a key of before",
        [change(IGK, ("rests_on =", "source ="))],
        (IGK, "[[rule]]", f"{ONE}The key 'rests_on' is missing."),
        (
            IGK,
            "source",
            f"{ONE}The key 'source' is not known here. Known: id, refer, when, why, doubt, terms, rests_on, example, "
            "but_not.",
        ),
    ),
    slip(
        "a rule between single brackets",
        "[[rule]]",
        "[rule]",
        "There can be several of these, so write [[rule]], between double brackets.",
    ),
    case(
        "a table between double brackets",
        [whole(IGK, INLINE.replace("nobody", "none").replace("[rule.why]", "[[rule.why]]"))],
        (
            IGK,
            "[[rule.why]]",
            "rule 'defence_inspector.2': There is one of these, so write [rule.why], between single brackets.",
        ),
    ),
    slip(
        "a number for a text",
        '"defensie-igk.wie"',
        "1",
        f"{ONE}'rests_on' is a text; write it between quotation marks.",
        "rests_on",
    ),
    slip(
        "a text for a table",
        '{ regime = "rijk" } }',
        '"rijk" }',
        f"{ONE}'Een medewerker van een ministerie vertelt hetzelfde; de inspecteur-generaal bemiddelt alleen bij "
        "Defensie.' is a table; give each of its keys a value.",
        "but_not",
    ),
    slip(
        "a text for a list",
        "rests_on =",
        'terms = "awb_complaint"\nrests_on =',
        f'{ONE}\'terms\' is a list; write it between square brackets, such as ["one", "two"].',
        "terms",
    ),
    slip(
        "an empty text",
        '["defensie-igk.wie"]',
        '[" "]',
        f"{ONE}This text is empty; write it, or leave the key out where it may be left out.",
    ),
    slip(
        "an unknown destination",
        'id = "defence_inspector.1"',
        'id = "defense_inspector.1"',
        "rule 'defense_inspector.1': 'defense_inspector' is not a destination. Did you mean 'defence_inspector'?",
    ),
    slip(
        "an unknown way to refer",
        'as = "also"',
        'as = "maybe"',
        f"{ONE}'maybe' is not a way to refer. Known: first, also, later.",
    ),
    slip(
        "an unknown concern",
        '"undesirable_behaviour", from = 2019-06-20 }\nwhen = { reporter = "applicant"',
        '"undesirable_behavior", from = 2019-06-20 }\nwhen = { reporter = "applicant"',
        f"{FIRST}'undesirable_behavior' is not a concern. Did you mean 'undesirable_behaviour'?",
        'undesirable_behavior"',
        file=INSTITUTE,
    ),
    slip(
        "an unknown fact",
        'regime = "defence", privacy = [',
        'regimes = "defence", privacy = [',
        f"{ONE}'regimes' is not a fact in vocabulary.toml. Did you mean 'regime'?",
    ),
    slip(
        "an unknown fact in a story",
        '{ regime = "rijk" }',
        '{ private = "none" }',
        f"{ONE}'private' is not a fact in vocabulary.toml. Did you mean 'privacy'?",
    ),
    slip(
        "an unknown answer",
        DEFENCE,
        'regime = "defense", privacy = [',
        f"{ONE}'defense' is not an answer of 'regime'. Did you mean 'defence'?",
    ),
    slip(
        "an unknown quotation",
        '"defensie-igk.wie"',
        '"defensie-igk.wei"',
        f"{ONE}'defensie-igk.wei' is not the name of a quotation in content/sources/. Did you mean 'defensie-igk.wie'?",
    ),
    slip(
        "an unknown term, in a list with an item per line",
        "rests_on =",
        'terms = [\n    "awb_complaint",\n\n    "awb_complaints",\n]\nrests_on =',
        f"{ONE}Term 'awb_complaints' is not in content/terms.toml. Did you mean 'awb_complaint'?",
        '"awb_complaints",',
    ),
    slip(
        "a fact of another concern",
        DEFENCE,
        f'handled = "report", {DEFENCE}',
        f"{ONE}'handled' belongs to the concern 'handling'; name no other, or leave this out.",
    ),
    slip(
        "the concerns tested",
        DEFENCE,
        f'concerns = "unsure", {DEFENCE}',
        f"{ONE}'concerns' cannot be tested: what it is about is named in `concern`.",
    ),
    slip("an empty list", THREE, "[]", f"{ONE}An empty list never holds; name at least one answer."),
    slip(
        "true for yes",
        'discrimination = "yes" }\nwhy',
        "discrimination = true }\nwhy",
        f'{FIRST}An answer is a word between quotation marks, such as "yes".',
        "discrimination = true",
        file=INSTITUTE,
    ),
    slip(
        "an answer twice",
        '["none", "colleagues"',
        '["none", "none"',
        f"{ONE}The same answer stands here twice; keep one.",
    ),
    slip(
        "every answer listed",
        '"outside_organisation"]',
        '"outside_organisation", "anonymous"]',
        f"{ONE}'privacy' lists every answer, so it tests nothing; leave it out.",
    ),
    slip(
        "no condition",
        'when = { reporter = "applicant", discrimination = "yes" }',
        "when = {}",
        f"{FIRST}Without a condition this says nothing; name at least one fact.",
        file=INSTITUTE,
    ),
    slip(
        "two answers in a story",
        '"employee", regime = "defence"',
        '["employee", "contractor"], regime = "defence"',
        f"{ONE}A story has one answer to 'reporter'; keep one.",
    ),
    slip(
        "two stories for one",
        '{ regime = "rijk" }',
        '{ regime = "rijk" }, "Een ander." = { regime = "rijk" }',
        f'{ONE}Tell of one person: {{ "a sentence" = {{ fact = "answer" }} }}.',
    ),
    slip(
        "a date as a text",
        "2019-06-20",
        '"2019-06-20"',
        f"{ONE}Write a date as 2019-06-20, without quotation marks and without a time.",
    ),
    slip(
        "a date that does not exist",
        "2019-06-20",
        "2019-06-31",
        "Write a date that exists, as 2019-06-20.",
    ),
    slip(
        "a date before the first edition",
        "2019-06-20",
        "2019-06-19",
        f"{ONE}2019-06-19 lies before the first edition, 2019-06-20; use that date.",
    ),
    slip(
        "until before from",
        "from = 2019-06-20",
        "from = 2019-06-20, until = 2019-06-20",
        f"{ONE}`until` (2019-06-20) must lie after `from` (2019-06-20).",
    ),
    case(
        "an id twice",
        [more(IGK, INLINE.replace("inspector.2", "inspector.1").replace("nobody", "colleagues"))],
        (
            IGK,
            '}\n\n\n[[rule]]\nid = "defence_inspector.1"',
            TWICE,
        ),
    ),
    case(
        "a rule copied and not changed",
        [more(IGK, None)],
        (
            IGK,
            '\n# Inspecteur-Generaal der Krijgsmacht (IGK)\n\n[[rule]]\nid = "defence_inspector.1"',
            TWICE,
        ),
    ),
    slip("a wrong form of id", '"defence_inspector.1"', '"defence_inspector-1"', f"rule 'defence_inspector-1': {IDS}"),
    case(
        "a rule in the wrong file",
        [rename(IGK, "rules/inspector.toml")],
        (
            "rules/inspector.toml",
            'id = "',
            "A rule that refers to 'defence_inspector' belongs in defence_inspector.toml.",
        ),
    ),
    slip("no source", '["defensie-igk.wie"]', "[]", f"{ONE}'rests_on' is empty; at least one is needed."),
    slip(
        "an example that is not caught",
        '"employee", regime = "defence"',
        '"contractor", regime = "defence"',
        f"{ONE}The example is not caught: it answers 'reporter' with 'contractor', not with confidential_advisor or "
        "employee or former_employee.",
    ),
    slip(
        "an example that does not answer",
        '{ reporter = "employee", regime',
        "{ regime",
        f"{ONE}The example does not answer 'reporter', which the rule tests.",
        "example",
    ),
    slip(
        "a near miss that is caught",
        '{ regime = "rijk" }',
        '{ privacy = "colleagues" }',
        f"{ONE}With 'colleagues' for 'privacy' the rule catches this one too; choose another answer.",
    ),
    slip(
        "a near miss that the rule cannot tell apart",
        '{ regime = "rijk" }',
        '{ manager_involved = "yes" }',
        f"{ONE}The rule does not test 'manager_involved', so it catches this one too; change an answer it tests.",
    ),
    slip(
        "a near miss that is not near",
        '{ regime = "rijk" }',
        '{ regime = "rijk", privacy = "anonymous" }',
        f"{ONE}Who is not caught is the example but for one answer; name that one alone.",
    ),
    slip(
        "a doubt by a name that is none",
        'doubt = "overheid-onze-lezing"\nrests_on = ["college-rm.melding',
        'doubt = "onze-lezing"\nrests_on = ["college-rm.melding',
        "rule 'human_rights_institute.2': 'onze-lezing' does not stand in [doubts] of this file. Did you mean "
        "'overheid-onze-lezing'?",
        'doubt = "onze-lezing"',
        file=INSTITUTE,
    ),
    slip(
        "a doubt that nobody has",
        "[doubts]\n",
        '[doubts]\noud.nl = "Oud."\noud.en = "Old."\n',
        "Nothing in this file names this; take it away, or name it where it belongs.",
        "oud.nl",
        file=INSTITUTE,
    ),
    slip(
        "a doubt in one language",
        "overheid-onze-lezing.en",
        "overheid-onze-lezing.eng",
        "The key 'eng' is not known here. Did you mean 'en'?",
        file=INSTITUTE,
    ),
    case(
        "a doubt that stands twice",
        [change(INSTITUTE, *2 * [('doubt = "overheid-onze-lezing"', 'doubt = { nl = "Zo.", en = "So." }')])],
        (
            INSTITUTE,
            "outside the organisation too. A report can be made without a name; asking for an opinion cannot be "
            'anonymous."\ndoubt',
            "rule 'human_rights_institute.3': This text stands in this file already; give it a name in [doubts], and "
            "write that name in both.",
        ),
    ),
    case(
        "twins",
        [change(INSTITUTE, *TWIN)],
        (
            INSTITUTE,
            'te maken." = { discrimination = "no" } }\n\n[[rule]]',
            "rule 'human_rights_institute.4': says the same as 'human_rights_institute.3'; keep one of them.",
        ),
    ),
    case(
        "a rule written in tables",
        [more(IGK, INLINE)],
        (
            IGK,
            '{ privacy = "nobody" }',
            "rule 'defence_inspector.2': 'nobody' is not an answer of 'privacy'. Known: none, colleagues, "
            "outside_organisation, anonymous.",
        ),
    ),
]

MATRIX = "rules/competence.toml"
CELL = """
[[cell]]
body = "defence_inspector"
takes = { as = "cannot", concern = ["unsure"], from = 2019-06-21 }
why.nl = "Nee, daar niet."
why.en = "No, not there."
rests_on = ["defensie-igk.wie"]
"""
CELLS = [
    case(f"in a cell: {name}", [more(MATRIX, CELL.replace(old, new))], (MATRIX, new, f"cell {body!r}: {message}"))
    for name, body, old, new, message in (
        (
            "an unknown body",
            "defense_inspector",
            '"defence_inspector"',
            '"defense_inspector"',
            "'defense_inspector' is not a destination. Did you mean 'defence_inspector'?",
        ),
        *(
            (name, "defence_inspector", *edit)
            for name, *edit in (
                (
                    "an unknown way to take",
                    '"cannot", concern = ["unsure"]',
                    '"maybe", concern = ["unsure"]',
                    "'maybe' is not possible for 'as'. Known: can, cannot, only_if.",
                ),
                (
                    "an unknown concern",
                    '["unsure"], from = 2019-06-21',
                    '["unsafe"], from = 2019-06-21',
                    "'unsafe' is not a concern. Did you mean 'unsure'?",
                ),
                (
                    "a condition it does not say",
                    '"cannot", concern = ["unsure"], from = 2019-06-21',
                    '"only_if", concern = ["unsure"], from = 2019-06-21',
                    '`only_if` says the condition of `as = "only_if"`; give both or neither.',
                ),
                (
                    "an obstacle where there is none",
                    '"cannot", concern = ["unsure"], from = 2019-06-21',
                    '"can", passing = true, from = 2019-06-21',
                    "`passing` says that what a body cannot take now it may take later; it goes with `cannot`.",
                ),
                (
                    "until before from",
                    "from = 2019-06-21",
                    "from = 2019-06-21, until = 2019-06-20",
                    "`until` (2019-06-20) must lie after `from` (2019-06-21).",
                ),
                (
                    "a fact of another concern",
                    '["unsure"], from = 2019-06-21 }',
                    '["unsure"], from = 2019-06-21 }\nwhen = { handled = "report" }',
                    "'handled' belongs to the concern 'handling'; name no other, or leave this out.",
                ),
                (
                    "a reason by a name that is none",
                    'why.nl = "Nee, daar niet."\nwhy.en = "No, not there."',
                    'why = "geheim-werkje"',
                    "'geheim-werkje' does not stand in [reasons] of this file. Did you mean 'geheim-werk'?",
                ),
            )
        ),
    )
]

VOCABULARY_AND_PROMISES = [
    case(
        "no vocabulary",
        [delete(VOCABULARY)],
        (VOCABULARY, "", "This file is missing; add it."),
    ),
    case(
        "two facts with several answers",
        [change(VOCABULARY, ('id = "reporter"\n', 'id = "reporter"\nseveral = true\n'))],
        (
            VOCABULARY,
            '"reporter"\nseveral = true',
            "fact 'reporter': Only one fact has `several = true`: the concerns. Take it away here.",
        ),
    ),
    case(
        "no fact with several answers",
        [change(VOCABULARY, ("several = true\n", ""))],
        (
            VOCABULARY,
            '"government_information",\n]\n\n[[fact]]',
            "One fact has `several = true`: the concerns. Here no fact has it.",
        ),
    ),
    case(
        "several as a text",
        [change(VOCABULARY, ("several = true", 'several = "yes"'))],
        (VOCABULARY, 'several = "yes"', "fact 'concerns': 'several' is true or false, without quotation marks."),
    ),
    case(
        "a fact twice",
        [change(VOCABULARY, ('id = "labour_desk"\n', 'id = "step"\n'))],
        (
            VOCABULARY,
            '"unknown"]\n\n[[fact]]\nid = "step"',
            "fact 'step': The id 'step' stands in this file twice; ids are used once, so give this one another.",
        ),
    ),
    case(
        "an answer of a fact twice",
        [change(VOCABULARY, ('"incident", "structural"', '"incident", "incident"'))],
        (VOCABULARY, 'answers = ["incident",', "fact 'behaviour_pattern': 'incident' stands here twice; keep one."),
    ),
    case(
        "one answer only",
        [change(VOCABULARY, ('["incident", "structural", "unknown"]', '["incident"]'))],
        (VOCABULARY, 'answers = ["incident"]', "fact 'behaviour_pattern': A fact needs at least two answers."),
    ),
    case(
        "a concern nobody has",
        [change(VOCABULARY, ('concern = "misconduct"', 'concern = "misconducts"'))],
        (
            VOCABULARY,
            'concern = "misconducts"',
            "fact 'misconduct_kind': 'misconducts' is not a concern. Did you mean 'misconduct'?",
        ),
    ),
    case(
        "an organisation that is never unknown",
        [
            change(
                VOCABULARY,
                ('organisation"\nanswers = ["yes", "no", "unknown"]', 'organisation"\nanswers = ["yes", "no"]'),
            )
        ],
        (
            VOCABULARY,
            'answers = ["yes", "no"]',
            "fact 'labour_desk': A fact of the organisation needs the answer 'unknown'.",
        ),
    ),
    case(
        "of something else",
        [change(VOCABULARY, ('of = "organisation"\nanswers = ["yes"', 'of = "organization"\nanswers = ["yes"'))],
        (
            VOCABULARY,
            'of = "organization"',
            "fact 'labour_desk': 'organization' is not possible for 'of'. Did you mean 'organisation'?",
        ),
    ),
    case(
        "a nature that is none",
        [change(VOCABULARY, ('nature = "who"', 'nature = "whoo"'))],
        (
            VOCABULARY,
            'nature = "whoo"',
            "fact 'reporter': 'whoo' is not possible for 'nature'. Did you mean 'who'?",
        ),
    ),
    case(
        "a fact without a nature",
        [change(VOCABULARY, ('nature = "who"\n', ""))],
        (VOCABULARY, '"unsure"]\n\n[[fact]]', "fact 'reporter': The key 'nature' is missing."),
    ),
    case(
        "an organisation that is not a place",
        [change(VOCABULARY, ('id = "labour_desk"\nnature = "where"', 'id = "labour_desk"\nnature = "wish"'))],
        (
            VOCABULARY,
            'id = "labour_desk"\nnature = "wish"',
            "fact 'labour_desk': A fact of the organisation says where somebody is; write `nature = \"where\"`.",
        ),
    ),
    case(
        "an unknown safety net",
        [change(VOCABULARY, ('"government_information"', '"goverment_information"'))],
        (
            VOCABULARY,
            "safety_net",
            "'goverment_information' is not a destination. Did you mean 'government_information'?",
        ),
    ),
    case(
        "a destination twice",
        [change(VOCABULARY, ('"external_advisor",\n', '"internal_advisor",\n'))],
        (
            VOCABULARY,
            '"internal_advisor",\n    "internal_advisor",',
            "'internal_advisor' stands here twice; keep one.",
        ),
    ),
    case(
        "a new destination without a channel",
        [change(VOCABULARY, ('"external_advisor",\n', '"external_advisor",\n    "new_place",\n'))],
        (
            "content/channels/new_place.toml",
            "",
            "This file is missing; write it, or take 'new_place' out of the vocabulary.",
        ),
    ),
    case(
        "a new answer without labels",
        [change(VOCABULARY, ('"incident", "structural"', '"incident", "often", "structural"'))],
        (
            "content/questions/behaviour_pattern.toml",
            "[nl.answers]",
            "nl.answers has no text for the answer 'often'; write it.",
        ),
        (
            "content/questions/behaviour_pattern.toml",
            "[nl.clauses]",
            "nl.clauses has no text for the answer 'often'; write it.",
        ),
        (
            "content/questions/behaviour_pattern.toml",
            "[en.answers]",
            "en.answers has no text for the answer 'often'; write it.",
        ),
        (
            "content/questions/behaviour_pattern.toml",
            "[en.clauses]",
            "en.clauses has no text for the answer 'often'; write it.",
        ),
    ),
    case(
        "a denial in one language",
        [
            change(
                "content/questions/reporter.toml",
                ('[en.denials]\nmember_of_public = "you have a tie with it through work"\n', ""),
            )
        ],
        (
            "content/questions/reporter.toml",
            "[en]",
            "en.denials has no text for the answer 'member_of_public', the other language has; write it.",
        ),
    ),
    case(
        "a denial of no answer",
        [
            change(
                "content/questions/reporter.toml", ("[en.denials]\nmember_of_public", "[en.denials]\nmember_of_publik")
            )
        ],
        (
            "content/questions/reporter.toml",
            "[en.denials]",
            "en.denials has no text for the answer 'member_of_public', the other language has; write it.",
        ),
        (
            "content/questions/reporter.toml",
            "member_of_publik",
            "'member_of_publik' is not an answer of 'reporter'. Did you mean 'member_of_public'?",
        ),
    ),
    case(
        "no promises",
        [delete(PROMISES)],
        (PROMISES, "", "This file is missing; add it."),
    ),
    case(
        "a promise about neither",
        [change(PROMISES, ('name_needed = ["required"]\n', ""))],
        (
            PROMISES,
            'passed."\n\n[[promise]]',
            "promise 'anonymous_needs_no_name': Give either `refer` or `name_needed`, and only one of them.",
        ),
    ),
    case(
        "a promise about both",
        [change(PROMISES, ('name_needed = ["required"]\n', 'name_needed = ["required"]\nrefer = ["ctivd"]\n'))],
        (
            PROMISES,
            '["required"]\nrefer = ["ctivd"]',
            "promise 'anonymous_needs_no_name': Give either `refer` or `name_needed`, and only one of them.",
        ),
    ),
    case(
        "a promise about an unknown destination",
        [change(PROMISES, ('refer = ["ctivd"]', 'refer = ["civd"]'))],
        (
            PROMISES,
            'refer = ["civd"]',
            "promise 'ctivd_only_services': 'civd' is not a destination. Did you mean 'ctivd'?",
        ),
    ),
    case(
        "a promise about an unknown way to refer",
        [change(PROMISES, ('as = ["first"]', 'as = ["frist"]'))],
        (
            PROMISES,
            'as = ["frist"]',
            "promise 'anonymous_needs_no_name': 'frist' is not a way to refer. Did you mean 'first'?",
        ),
    ),
    case(
        "a promise about no referral at all",
        [change(PROMISES, ('as = ["first"]', "as = []"))],
        (
            PROMISES,
            "as = []",
            "promise 'anonymous_needs_no_name': It is about no referral; name at least one way to refer.",
        ),
    ),
    case(
        "a promise about an unknown concern",
        [change(PROMISES, ('concern = "labour_conflict"', 'concern = "labor_conflict"'))],
        (
            PROMISES,
            'concern = "labor_conflict"',
            (
                "promise 'labour_conflict_not_to_advisor': 'labor_conflict' is not a concern. "
                "Did you mean 'labour_conflict'?"
            ),
        ),
    ),
    case(
        "a promise with an unknown fact",
        [change(PROMISES, ("handled_when = [", "handled_wen = ["))],
        (
            PROMISES,
            "only = { handled",
            (
                "promise 'ombudsman_after_complaint': 'handled_wen' is not a fact in vocabulary.toml. "
                "Did you mean 'handled_when'?"
            ),
        ),
    ),
    case(
        "a promise with an unknown answer",
        [change(PROMISES, ('["complaint", "ombudsman"]', '["complaint", "ombudman"]'))],
        (
            PROMISES,
            "only = { handled",
            (
                "promise 'ombudsman_after_complaint': 'ombudman' is not an answer of 'handled'. Did "
                "you mean 'ombudsman'?"
            ),
        ),
    ),
    case(
        "a promise that tests the concerns",
        [change(PROMISES, ('{ advisor_known = ["yes"] }', '{ concerns = ["unsure"] }'))],
        (
            PROMISES,
            "never = { concerns",
            "promise 'not_to_known_advisor': 'concerns' cannot be tested: what it is about is named in `concern`.",
        ),
    ),
    case(
        "a promise with a fact of another concern",
        [change(PROMISES, ('"labour_conflict"\n', '"labour_conflict"\nnever = { handled = "report" }\n'))],
        (
            PROMISES,
            "never = { handled",
            "promise 'labour_conflict_not_to_advisor': 'handled' belongs to the concern 'handling'; name no other, "
            "or leave this out.",
        ),
    ),
    case(
        "a promise without a condition",
        [change(PROMISES, ('{ advisor_known = ["yes"] }', "{}"))],
        (
            PROMISES,
            "never = {}",
            ("promise 'not_to_known_advisor': Without a condition this says nothing; name at least one fact."),
        ),
    ),
    case(
        "a promise twice",
        [change(PROMISES, ('id = "ctivd_only_services"', 'id = "labour_desk_exists"'))],
        (
            PROMISES,
            'organisation."\n\n[[promise]]\nid = "labour_desk_exists"',
            "promise 'labour_desk_exists': The id 'labour_desk_exists' stands in this file twice; ids are used once, "
            "so give this one another.",
        ),
    ),
]

CONTENT = [
    case(
        "no channel",
        [delete(CHANNEL)],
        (CHANNEL, "", "This file is missing; write it, or take 'defence_inspector' out of the vocabulary."),
    ),
    case(
        "a channel nobody names",
        [rename(CHANNEL, MISSPELT), change(MISSPELT, ('id = "defence_inspector"', 'id = "defence_inspectr"'))],
        (CHANNEL, "", "This file is missing; write it, or take 'defence_inspector' out of the vocabulary."),
        (
            MISSPELT,
            "",
            (
                "This file is called 'defence_inspectr', which the vocabulary does not name. Did you "
                "mean 'defence_inspector'?"
            ),
        ),
    ),
    case(
        "a channel with another id than its file",
        [change(CHANNEL, ('id = "defence_inspector"', 'id = "defence"'))],
        (CHANNEL, "", "This file is called defence_inspector.toml, so its id is 'defence_inspector', not 'defence'."),
    ),
    case(
        "an unknown source of a channel",
        [change(CHANNEL, ('["defensie-igk"]', '["defensie-igk", "defensie"]'))],
        (CHANNEL, "sources", "Source 'defensie' is not in content/sources/. Did you mean 'defensie-igk'?"),
    ),
    case(
        "a contact with a name in one language",
        [change(CHANNEL, ('source = "defensie-igk"', 'name.nl = "IGK"\nsource = "defensie-igk"'))],
        (CHANNEL, "name.nl", "The key 'en' is missing in contact.name."),
    ),
    case(
        "a contact that ends before it begins",
        [
            change(
                CHANNEL, ('source = "defensie-igk"', 'source = "defensie-igk"\nfrom = 2020-01-01\nuntil = 2019-01-01')
            )
        ],
        (CHANNEL, "until", "`until` (2019-01-01) must lie after `from` (2020-01-01)."),
    ),
    case(
        "a word that is not possible",
        [change(CHANNEL, ('name_needed = "unknown"', 'name_needed = "maybe"'))],
        (
            CHANNEL,
            "name_needed",
            "'maybe' is not possible for 'name_needed'. Known: required, confidential, not_needed, unknown.",
        ),
    ),
    case(
        "lists of different length",
        [change(CHANNEL, ('    "De IGK staat naast', '    "Nog iets.",\n    "De IGK staat naast'))],
        (CHANNEL, 'Defence."\nexpect = [', "expect has 5 items in nl and 4 in en; say the same in both."),
    ),
    case(
        "an empty item of a list",
        [change(CHANNEL, ('"De IGK bemiddelt. Wij lazen niet dat de IGK een besluit kan veranderen."', '""'))],
        (CHANNEL, '[\n    "",', "This text is empty; write it, or leave the key out where it may be left out."),
    ),
    case(
        "no question",
        [delete(QUESTION)],
        (QUESTION, "", "This file is missing; write it, or take 'discrimination' out of the vocabulary."),
    ),
    case(
        "an answer without a label",
        [change(QUESTION, ('no = "Nee"\n', ""))],
        (QUESTION, "[nl.answers]", "nl.answers has no text for the answer 'no'; write it."),
    ),
    case(
        "a label for an unknown answer",
        [change(QUESTION, ('no = "Nee"\n', 'no = "Nee"\nunknwon = "Misschien"\n'))],
        (QUESTION, "unknwon", "'unknwon' is not an answer of 'discrimination'. Did you mean 'unknown'?"),
    ),
    case(
        "an empty label",
        [change(QUESTION, ('no = "Nee"\n', 'no = ""\n'))],
        (QUESTION, 'no = ""', "This text is empty; write it, or leave the key out where it may be left out."),
    ),
    case(
        "a question about another fact than its file",
        [change(QUESTION, ('fact = "discrimination"', 'fact = "discriminate"'))],
        (
            QUESTION,
            "",
            "This file is called discrimination.toml, so its fact is 'discrimination', not 'discriminate'.",
        ),
    ),
    case(
        "a word of the interface in one language",
        [change(INTERFACE, ('or = "of"\n', ""))],
        (INTERFACE, 'or = "or"', "'or' stands in en only; write it in nl too."),
    ),
    case(
        "a word of the interface as a list",
        [change(INTERFACE, ('or = "of"\n', 'or = ["of"]\n'))],
        (INTERFACE, 'or = ["of"]', "'or' is a text; write it between quotation marks."),
    ),
    case(
        "another word to fill in per language",
        [change(INTERFACE, ("omdat {clauses}.", "omdat {clause}."))],
        (
            INTERFACE,
            'why_because = "Dit',
            "'why_because' has {clause} in nl only; what the service fills in is the same in both.",
        ),
        (
            INTERFACE,
            'why_because = "This',
            "'why_because' has {clauses} in en only; what the service fills in is the same in both.",
        ),
    ),
    case(
        "a source with another id than its file",
        [change(SOURCE, ('id = "igj-klokkenluiders"', 'id = "igj"'))],
        (SOURCE, "", "This file is called igj-klokkenluiders.toml, so its id is 'igj-klokkenluiders', not 'igj'."),
    ),
    case(
        "a source with a mistake, cited by many",
        [change(CITED, ('sure = "', 'sure = "very '))],
        (CITED, 'sure = "very', "'very archived_copy' is not possible for 'sure'. Did you mean 'archived_copy'?"),
    ),
    case(
        "a passage without its place",
        [change(SOURCE, ('locator = "alinea 1"\n', ""))],
        (SOURCE, "[[passage]]", "The key 'locator' is missing in passage."),
    ),
    slip(
        "a quotation that does not stand in its passage",
        'quotes.wie = "Iedere',
        'quotes.wie = "Elke',
        "At ‘alinea 1’ this passage does not say “Elke” but “Iedere”. Copy the words from there.",
        file=QUOTED,
    ),
    slip(
        "a long quotation",
        'quotes.wie = "',
        'quotes.lang = "' + "heel " * 60 + 'lang"\nquotes.wie = "',
        "The quotation is longer than 60 words; keep what carries the rule.",
        "heel lang",
        file=QUOTED,
    ),
    slip(
        "a name of two quotations",
        "quotes.bemiddelt",
        "quotes.wie",
        "The name 'wie' stands in this file twice; give this one another.",
        'quotes.wie = "bemiddelt',
        file=QUOTED,
    ),
    slip(
        "a name of a quotation that is none",
        "quotes.wie",
        "quotes.wie-",
        "Name it in letters, digits and hyphens, such as 'zes-weken', not 'wie-'.",
        file=QUOTED,
    ),
    case(
        "a source without its text",
        [delete(f"{LETTER}.txt")],
        (
            "content/sources/kst-28844-183.toml",
            'text = "kst-28844-183.txt"',
            "The file 'kst-28844-183.txt' does not stand beside this one; add it there.",
        ),
    ),
    case(
        "no terms",
        [delete(TERMS)],
        (TERMS, "", "This file is missing; add it."),
    ),
    case(
        "a term without a length",
        [change(TERMS, ("days = 7\n", ""))],
        (TERMS, "lie ahead.\n\n[[term]]", "Term 'wbk_receipt' needs one of days, weeks or months, and only one."),
    ),
    case(
        "a term with two lengths",
        [change(TERMS, ("days = 7\n", "days = 7\nweeks = 1\n"))],
        (TERMS, "lie ahead.\n\n[[term]]", "Term 'wbk_receipt' needs one of days, weeks or months, and only one."),
    ),
    case(
        "a length as a text",
        [change(TERMS, ("days = 7\n", 'days = "7"\n'))],
        (TERMS, 'days = "7"', "'days' is a whole number, without quotation marks."),
    ),
    case(
        "a term twice",
        [change(TERMS, ('[[term]]\nid = "wbk_feedback"', f'{TERM}[[term]]\nid = "wbk_feedback"'))],
        (
            TERMS,
            'stand. Then read at ‘If you hear nothing’ what else you can do."\nsure = "archived_copy"\n\n'
            '[[term]]\nid = "awb_complaint"',
            "The id 'awb_complaint' stands in this file twice; ids are used once, so give this one another.",
        ),
    ),
    case(
        "a term with an unknown source",
        [change(TERMS, ('basis = "awb"', 'basis = "abw"'))],
        (TERMS, 'basis = "abw"', "Source 'abw' is not in content/sources/. Did you mean 'awb'?"),
    ),
    case(
        "no notices",
        [delete(NOTICES)],
        (NOTICES, "", "This file is missing; add it."),
    ),
    case(
        "a notice twice",
        [change(NOTICES, ('id = "police"', 'id = "emergency"'))],
        (
            NOTICES,
            '112."\n\n[[notice]]\nid = "emergency"',
            "The id 'emergency' stands in this file twice; ids are used once, so give this one another.",
        ),
    ),
    case(
        "a notice with an unknown source",
        [change(NOTICES, ('source = "ctivd"', 'source = "ctvd"'))],
        (NOTICES, 'source = "ctvd"', "Source 'ctvd' is not in content/sources/. Did you mean 'ctivd'?"),
    ),
]

ORGANISATIONS = [
    case(
        "an unknown successor",
        [change(EZK, ('[[successor]]\nid = "ez"', '[[successor]]\nid = "ezz"'))],
        (EZK, 'id = "ezz"', "There is no organisation 'ezz'. Did you mean 'ez'?"),
    ),
    case(
        "names that overlap",
        [change(EZK, ("from = 2026-02-23", "from = 2024-07-01"))],
        (EZK, '"kabinet-2024"\n\n[[name]]', "Two [[name]] hold on the same day; end one before the other."),
    ),
    case(
        "provisions that overlap",
        [change(OCW, ("from = 2020-01-01", "from = 2019-12-31"))],
        (
            OCW,
            'alinea 1"\nsure = "archived_copy"\n\n[[provision]]',
            "Two [[provision]] hold on the same day; end one before the other.",
        ),
    ),
    case(
        "a provision that ends before it begins",
        [change(OCW, ("until = 2020-01-01", "until = 2019-01-01"))],
        (OCW, "until = 2019", "`until` (2019-01-01) must lie after `from` (2019-06-20)."),
    ),
    case(
        "a provision of an unknown fact",
        [change(OCW, ('fact = "labour_desk"', 'fact = "labor_desk"'))],
        (OCW, 'fact = "labor_desk"', "'labor_desk' is not a fact a provision can give. Did you mean 'labour_desk'?"),
    ),
    case(
        "a provision of a fact that people are asked",
        [change(OCW, ('fact = "labour_desk"', 'fact = "reporter"'))],
        (
            OCW,
            'fact = "reporter"',
            "'reporter' is not a fact a provision can give. Known: employment_law, labour_desk, external_advisor.",
        ),
    ),
    case(
        "a provision with an unknown answer",
        [change(OCW, ('answer = "yes"', 'answer = "oui"'))],
        (OCW, 'answer = "oui"', "'oui' is not an answer of 'labour_desk'. Known: yes, no, unknown."),
    ),
    case(
        "a provision with a note in one language",
        [change(OCW, ("note.en = ", "# "))],
        (OCW, 'note.nl = "Of uw', "The key 'en' is missing in provision.note."),
    ),
    case(
        "a provision that nobody read, without a note",
        [change(OCW, ('note.nl = "Of uw', '# "'), ('note.en = "We did', '# "'))],
        (
            OCW,
            'sure = "inference',
            "This decides where people are sent and was not read: say so to them in note.nl, note.en.",
        ),
    ),
    case(
        "an audience of an unknown fact",
        [change(CHANNEL, ("audience = { reporter", "audience = { reporters"))],
        (CHANNEL, "reporters", "'reporters' is nothing an audience can name here. Did you mean 'reporter'?"),
    ),
    case(
        "an audience with an unknown answer",
        [change(CHANNEL, ('perhaps = { reporter = ["temporary_staff"', 'perhaps = { reporter = ["temporary_stuff"'))],
        (
            CHANNEL,
            "temporary_stuff",
            "'temporary_stuff' is not possible for 'reporter'. Did you mean 'temporary_staff'?",
        ),
    ),
    case(
        "an answer in both halves of an audience",
        [change(CHANNEL, ('perhaps = { reporter = ["temporary_staff"', 'perhaps = { reporter = ["employee"'))],
        (CHANNEL, "perhaps", "'employee' stands in `audience` and in `perhaps`; say it once."),
    ),
    case(
        "a channel for an organisation that is not part of this one",
        [change(DEF, ('audience = { organisation = ["mivd"] }', 'audience = { organisation = ["aivd"] }'))],
        (DEF, 'organisation = ["aivd', "'aivd' is not possible for 'organisation'. Did you mean 'mivd'?"),
    ),
    case(
        "a term that ends before it begins",
        [change(TERMS, ("from = 2023-02-18", "from = 2023-02-18\nuntil = 2019-01-01"))],
        (TERMS, "until = 2019", "`until` (2019-01-01) must lie after `from` (2023-02-18)."),
    ),
    case(
        "an organisation that does not say what others always say",
        [change(OCW, ('regime = "rijk"\n', ""))],
        (OCW, "[facts]", "Other organisations say in [facts] what 'regime' is; say it here too, if only 'unknown'."),
    ),
    case(
        "a fact of no organisation",
        [change(OCW, ('regime = "rijk"\n', 'regime = "rijk"\nlabour_desc = "yes"\n'))],
        (OCW, "labour_desc", "'labour_desc' is not a fact of an organisation. Did you mean 'labour_desk'?"),
    ),
    case(
        "an unknown kind of organisation",
        [change(OCW, ('kind = "ministry"', 'kind = "ministery"'))],
        (OCW, "kind", "'ministery' is not possible for 'kind'. Did you mean 'ministry'?"),
    ),
    case(
        "an unknown regime",
        [change(OCW, ('regime = "rijk"', 'regime = "rjik"'))],
        (OCW, "regime", "'rjik' is not an answer of 'regime'. Did you mean 'rijk'?"),
    ),
    case(
        "an organisation with another id than its file",
        [change(OCW, ('id = "ocw"', 'id = "oc"'))],
        (OCW, "", "This file is called ocw.toml, so its id is 'ocw', not 'oc'."),
    ),
    case(
        "two organisations that are for every other body",
        [change(OCW, ('kind = "ministry"', 'kind = "ministry"\ncatch_all = true'))],
        (
            "content/organisations/other.toml",
            "catch_all",
            "'ocw' is for every other body already, and only one can be; take this line away.",
        ),
    ),
    case(
        "an organisation that is for every other body in a word",
        [change(OCW, ('kind = "ministry"', 'kind = "ministry"\ncatch_all = "yes"'))],
        (OCW, "catch_all", "'catch_all' is true or false, without quotation marks."),
    ),
    case(
        "an organisation that is its own parent",
        [change(MIVD, ('id = "def"', 'id = "mivd"'))],
        (MIVD, '[[parent]]\nid = "mivd"', "The parents of 'mivd' lead back to 'mivd'; take one of them away."),
    ),
    case(
        "a contact of an unknown destination",
        [change(MIVD, ('"internal_report"', '"internal_reports"'))],
        (MIVD, "destination", "'internal_reports' is not a destination. Did you mean 'internal_report'?"),
    ),
    case(
        "a parent with a mistake",
        [change(DEF, ('kind = "', 'kind = "great '))],
        (DEF, 'kind = "great', "'great ministry' is not possible for 'kind'. Did you mean 'ministry'?"),
    ),
    case(
        "two that lead to each other",
        [change(LVVN, ("until = 2024-07-02\n", ""))],
        (
            "content/organisations/lnv.toml",
            "[[successor]]",
            "'lnv' and 'lvvn' lead to each other on the same day; end one of the two.",
        ),
        (LVVN, "[[predecessor]]", "'lvvn' and 'lnv' lead to each other on the same day; end one of the two."),
    ),
    case(
        "a predecessor and a successor at once",
        [change(VRO, ('[[successor]]\nid = "bzk"\nfrom = 2026-02-23', '[[successor]]\nid = "jenv"'))],
        (
            VRO,
            "[[predecessor]]",
            "A [[predecessor]] and a [[successor]] hold on the same day; end one before the other.",
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


ENDINGS = [f"content/organisations/{one}" for one in ("ocw.toml.bak", "ocw.toml~", "no-ending", "notes.docx")]
PLACES = ["content/organisaties/ocw.toml", "content/ocw.toml", "rules/extra/huis.toml"]
DOCUMENTS = ["content/organisations/ocw.toml.txt", "content/sources/letter.txt"]
LINKS = ["content/sources/zz.txt", "content/elsewhere"]


def contacts(key, values):
    """A contact for each value, at the end of a channel."""
    tables = (f'[[contact]]\n{key} = "{one}"\nsource = "defensie-igk"\nsure = "notes"\n' for one in values)
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
                MIVD,
                '[[channel]]\ndestination = "complaint_procedure"\nphone = "x"\nsource = "defensie-igk"\n'
                'sure = "notes"\n',
            ),
            change(NOTICES, ('phone = "112"', 'phone = "112!"')),
            change(SOURCE, ('url = "https://', 'url = "ftp://')),
        ],
        (NOTICES, 'phone = "112!"', f"'112!' {DIGITS}"),
        (MIVD, 'phone = "x"', f"'x' {DIGITS}"),
        (SOURCE, "url = ", f"'ftp://www.igj.nl/onderwerpen/melden-over-uw-werkgever-klokkenluidersregeling' {WHOLE}"),
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
        [rename(OCW, "content/organisations/ocw.TOML")],
        (
            "content/organisations/ocw.TOML",
            "",
            "This file is not read: its name must end in .toml, in small letters. Rename it to ocw.toml.",
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
        [change(f"{LETTER}.toml", ('text = "kst-28844-183.txt"', 'text = "../sources/kst-28844-183.txt"'))],
        (f"{LETTER}.toml", "../sources", "Write the name of a file beside this one, such as kst-28844-183.txt."),
    ),
]

SEVERAL = (
    whole(MISSPELT, "id = 1"),
    change(IGK, ('as = "also"', 'as = "maybe"'), ('regime = "defence"', 'regimes = "defence"')),
    change(PROMISES, ("handled_when = [", "handled_wen = [")),
    change(QUESTION, ('fact = "discrimination"', "fact = ")),
    change(CITED, ('sure = "', 'sure = "very ')),
    change(MIVD, ('"internal_report"', '"internal_reports"')),
    delete(TERMS),
)
ALL_OF_THEM = [
    (MISSPELT, "", "'id' is a text; write it between quotation marks."),
    (MISSPELT, "", "The key 'en' is missing."),
    (MISSPELT, "", "The key 'name_needed' is missing."),
    (MISSPELT, "", "The key 'nl' is missing."),
    (MISSPELT, "", "The key 'sources' is missing."),
    (MIVD, "destination", "'internal_reports' is not a destination. Did you mean 'internal_report'?"),
    (
        QUESTION,
        "",
        NO_VALUE,
    ),
    (CITED, 'sure = "very', "'very archived_copy' is not possible for 'sure'. Did you mean 'archived_copy'?"),
    (TERMS, "", "This file is missing; add it."),
    (IGK, 'as = "maybe"', "rule 'defence_inspector.1': 'maybe' is not a way to refer. Known: first, also, later."),
    (
        IGK,
        "regimes",
        "rule 'defence_inspector.1': 'regimes' is not a fact in vocabulary.toml. Did you mean 'regime'?",
    ),
    (
        PROMISES,
        "only = { handled",
        "promise 'ombudsman_after_complaint': 'handled_wen' is not a fact in vocabulary.toml. Did you mean "
        "'handled_when'?",
    ),
]


def written(root, problems):
    """The problems as an author reads them."""
    return [f"{file}:{line(root / file, words)}: {message}" for file, words, message in problems]


@pytest.mark.parametrize(
    ("edits", "problems"), [*RULES, *CELLS, *VOCABULARY_AND_PROMISES, *CONTENT, *ORGANISATIONS, *EDITORS]
)
def test_a_mistake_is_told_with_its_place_and_its_mend_and_nothing_else_is(broken, tmp_path, edits, problems):
    with pytest.raises(AuthoringError) as caught:
        read_folders(*broken(*edits), MEMO)
    assert str(caught.value).splitlines() == written(tmp_path, problems)


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
        (root / OCW).rename(root / "content/organisations/..data/ocw.toml")
        (root / OCW).symlink_to("..data/ocw.toml")
        write(root / "content/.DS_Store", "")

    rules, content = broken(edit)
    assert "ocw" in read_folders(rules, content, MEMO).organisations.by_id


@pytest.mark.parametrize(
    ("edit", "file", "words"),
    [
        (change(SOURCE, ("read = 20", "read = 9999-01-01 # ")), SOURCE, "read = "),
        (
            change(CHANNEL, ('source = "defensie-igk"', 'checked = 9999-01-01\nsource = "defensie-igk"')),
            CHANNEL,
            "checked",
        ),
        (
            change(MIVD, ('destination = "internal_report"', 'destination = "internal_report"\nchecked = 9999-01-01')),
            MIVD,
            "checked",
        ),
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
    read_folders(*broken(lambda root: write(root / IGK, b"\xef\xbb\xbf" + (root / IGK).read_bytes())), MEMO)
