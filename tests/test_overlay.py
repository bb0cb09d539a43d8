"""An overlay holds only what is its own: the rest is that of the compiled rulebase that it extends, by its digest."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import small
from click.testing import CliRunner
from conftest import TODAY
from pseudo import CODE, write

from service.cli.check import Folders, look
from service.cli.main import main
from service.rulebook.compiled import decode
from service.rulebook.library import RULEBASE, compiled
from service.rulebook.locate import folder as ours
from service.rulebook.overlay import OVERLAY, entries, laid, name_of
from service.rulebook.toml_files import AuthoringError
from service.serving.compiling import findings, proved, read
from service.serving.kept import Kept, kept_here
from service.web.app import create_app
from service.web.settings import read_settings

DOCS = Path(__file__).parent.parent / "docs"
EXAMPLE = DOCS / "overlay-example"
ADVISER, LETTERS = "rules/study_adviser.toml", "content/organisations/letters.toml"
SITE, CASES = "content/site.toml", "tests/cases/own.toml"
OWN_WORD = '[nl.words]\nsite_name = "Ons kompas"\n'
OWN_CHANNEL = """
[[channel]]
destination = "counsellor"
name.nl = "Onze raadgever"
name.en = "Our counsellor"
phone = "0800 555 0123"
source = "charter"
sure = "notes"
"""
OWN_CASE = """
[[case]]
name = "Somebody of Letters is annoyed"
tells = "charter, section 3"
on = 2025-10-01
organisation = "letters"
situation = { concerns = ["conduct"], role = "student", feeling = "annoyed", anonymity = "named" }
expect.first = ["counsellor"]
"""
# Whoever is annoyed goes to the counsellor, where there is one: a rule that decides otherwise, and one beside it.
OWN_RULES = {
    ADVISER: """
[[rule]]
id = "study_adviser.5"
replaces = "{study_adviser.5}"
refer = {{ as = "first", concern = "conduct", from = 2024-09-01 }}
when = {{ feeling = "annoyed", own_counsellor = ["no", "unknown"] }}
why.nl = "Bespreek het met de studieadviseur."
why.en = "Talk it over with the study adviser."
rests_on = ["charter.adviser"]
example = {{ "A student is annoyed." = {{ feeling = "annoyed", own_counsellor = "no" }} }}
but_not = {{ "Where there is a counsellor." = {{ own_counsellor = "yes" }} }}
""",
    "rules/counsellor.toml": """
[[rule]]
id = "counsellor.90"
refer = {{ as = "first", concern = "conduct", from = 2024-09-01 }}
when = {{ feeling = "annoyed", own_counsellor = "yes" }}
why.nl = "Bespreek het met de raadgever van uw faculteit."
why.en = "Talk it over with the counsellor of your faculty."
rests_on = ["charter.counsellor"]
example = {{ "A student is annoyed." = {{ feeling = "annoyed", own_counsellor = "yes" }} }}
but_not = {{ "Where there is none." = {{ own_counsellor = "no" }} }}
""",
}


class Own:
    """An overlay on the small rulebase, in a folder."""

    def __init__(self, folder, base=None):
        self.folder = folder
        self.extend("base.json", base or small.data())

    def extend(self, name, data):
        """Put a compiled rulebase beside it, and extend that."""
        self.folder.mkdir(exist_ok=True)
        (self.folder / name).write_bytes(data)
        self.say(OVERLAY, f'extends = "{decode(data).digest}"\n')
        return self

    def say(self, part, text):
        (self.folder / part).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / part).write_text(text, "utf-8")
        return self

    def win(self, part, text):
        """Say entries that win over those of the base, by the names that those have now."""
        ids = re.findall(r"\{(\w+\.\d+)\}", text)
        for id_ in ids:
            text = text.replace(f"{{{id_}}}", self.name(id_))
        return self.say(part, text.replace("{{", "{").replace("}}", "}"))

    def name(self, id_):
        (_, text), *_ = entries(self.folder / "rules", id_)
        return re.search(r'replaces = "(\w+)"', text)[1]

    @property
    def folders(self):
        return Folders(*(self.folder / name for name in ("rules", "content", "tests")))

    def found(self, language="en"):
        """Everything that is wrong, as lines."""
        return [one.tell(language) for one in look(self.folders, "nl", Kept(None)).problems]

    def data(self):
        draft, held = read(*self.folders)
        return compiled(draft, proved(findings(draft, held)))


@pytest.fixture
def own(tmp_path):
    return Own(tmp_path / "own")


def whole(own):
    """All that is somebody's own at once: a word, a contact, rules and a story."""
    for part, text in OWN_RULES.items():
        own.win(part, text)
    return own.say(SITE, OWN_WORD).say(LETTERS, OWN_CHANNEL).say(CASES, OWN_CASE)


def command(*words):
    done = CliRunner().invoke(main, [str(word) for word in words])
    assert not done.exception or isinstance(done.exception, SystemExit), done.exception
    return done


def test_what_an_overlay_leaves_out_is_that_of_the_base(own):
    library, base = decode(own.say(SITE, OWN_WORD).data()), small.library()
    assert library.rulebase == base.rulebase
    assert library.texts.interface["nl"]["site_name"] == "Ons kompas"
    assert library.texts.interface["en"]["site_name"] == base.texts.interface["en"]["site_name"]
    assert library.organisations.by_id == base.organisations.by_id
    assert [one.digest for one in library.rulebase.editions] == [one.digest for one in base.rulebase.editions]


def test_the_whole_is_proved_together_with_its_own_stories_and_the_receipt_says_on_what(own):
    file = json.loads(whole(own).data())
    receipt, told = file["compiled"]["receipt"], {one["promise"]: one["looked_at"] for one in small_receipt()}
    assert receipt["extends"] == decode(small.data()).digest
    here = {one["promise"]: one["looked_at"] for one in receipt["proved"]}
    assert here.keys() == told.keys()
    assert here["cases"] == told["cases"] + 1
    assert file["drafts"] is None, "what it extends holds them, and nobody extends an overlay"


def small_receipt():
    return json.loads(small.data())["compiled"]["receipt"]["proved"]


def test_an_own_rule_wins_by_its_id_and_another_is_added(own):
    library = decode(whole(own).data())
    rules = {rule.id: rule for rule in library.rulebase.rules}
    before = {rule.id: rule for rule in small.library().rulebase.rules}
    assert rules.keys() - before.keys() == {"counsellor.90"}
    assert {id_ for id_, rule in before.items() if rules[id_] != rule} == {"study_adviser.5"}
    assert library.organisations.by_id["letters"].channels[0].contact.phone == "0800 555 0123"


def test_what_was_signed_with_the_base_is_held_where_no_own_rules_lead(own):
    bare = read(*own.folders)[1].neighbourhoods
    held = read(*whole(own).folders)[1].neighbourhoods
    there = {one.neighbourhood.destination for one in held}
    assert {one.neighbourhood.destination for one in bare} - there == {"study_adviser", "counsellor"}


TABLE = {"nl": {"name": "A", "line": "B"}}
LAID = {
    "a key wins, beside it all stays": ({"nl": {"line": "C"}}, TABLE, {"nl": {"name": "A", "line": "C"}}),
    "a list of words comes instead": ({"expect": ["b"]}, {"expect": ["a", "c"]}, {"expect": ["b"]}),
    "an empty list too": ({"expect": []}, {"expect": ["a"]}, {"expect": []}),
    "destinations are added": ({"destinations": ["b"]}, {"destinations": ["a"]}, {"destinations": ["a", "b"]}),
    "a channel comes instead of those of its destination": (
        {"channel": [{"destination": "a", "phone": "1"}]},
        {"channel": [{"destination": "a", "phone": "2"}, {"destination": "b"}]},
        {"channel": [{"destination": "b"}, {"destination": "a", "phone": "1"}]},
    ),
    "an act comes before those of the base": (
        {"act": [{"say": "b"}]},
        {"act": [{"say": "a"}]},
        {"act": [{"say": "b"}, {"say": "a"}]},
    ),
    "names come instead": ({"name": [{"nl": "b"}]}, {"name": [{"nl": "a"}]}, {"name": [{"nl": "b"}]}),
    "an entry of another id is added": (
        {"rule": [{"id": "b"}]},
        {"rule": [{"id": "a"}]},
        {"rule": [{"id": "a"}, {"id": "b"}]},
    ),
    "an entry wins in its place": (
        {"rule": [{"id": "a", "replaces": name_of({"id": "a"}), "why": "x"}]},
        {"rule": [{"id": "a"}, {"id": "b"}]},
        {"rule": [{"id": "a", "why": "x"}, {"id": "b"}]},
    ),
    "an entry is taken away": (
        {"term": [{"id": "a", "removes": name_of({"id": "a"})}]},
        {"term": [{"id": "a"}, {"id": "b"}]},
        {"term": [{"id": "b"}]},
    ),
    "a text that only what was taken away named goes with it": (
        {"rule": [{"id": "a", "removes": name_of({"id": "a", "doubt": "x"})}]},
        {
            "doubts": {"x": {"nl": "?"}, "y": {"nl": "!"}},
            "rule": [{"id": "a", "doubt": "x"}, {"id": "b", "doubt": "y"}],
        },
        {"doubts": {"y": {"nl": "!"}}, "rule": [{"id": "b", "doubt": "y"}]},
    ),
}


@pytest.mark.parametrize("what", LAID)
def test_of_what_an_own_file_and_that_of_the_base_say(what):
    mine, base, together = LAID[what]
    wrong = []
    assert laid(mine, base, lambda *one: wrong.append(one)).said == together
    assert wrong == []


RULE = '[[rule]]\nid = "{id}"\n{how} = "{name}"\n'
AGAINST = {
    "the base has it too": (
        "study_adviser.5",
        "note",
        "",
        ":2: 'study_adviser.5' stands in the base too. To let yours win, add: replaces =",
    ),
    "the base has it no more": (
        "study_adviser.50",
        "replaces",
        "0a0a0a0a",
        ":3: The base has no 'study_adviser.50' (any more)",
    ),
    "the base changed it": (
        "study_adviser.5",
        "removes",
        "0a0a0a0a",
        ":3: 'study_adviser.5' of the base is not the one",
    ),
}


@pytest.mark.parametrize("what", AGAINST)
def test_an_entry_says_which_of_the_base_it_wins_over_or_is_told_at_its_place_what_to_write(own, what):
    id_, how, name, said = AGAINST[what]
    own.say(ADVISER, RULE.format(id=id_, how=how, name=name))
    found = [line for line in own.found() if line.startswith(ADVISER + said)]
    assert len(found) == 1
    if id_ == "study_adviser.5":
        assert own.name(id_) in found[0], "the line to write"


@pytest.mark.parametrize(
    ("part", "text", "line"),
    [
        (SITE, '# Ours.\n\n[nl.words]\nsite_name = "Ons mentor-kompas"\n', 4),
        (SITE, '[nl.words]\nsite_nam = "Ons kompas"\n', 2),
        (LETTERS, OWN_CHANNEL.replace("0800 555", "call 555"), 6),
        (LETTERS, OWN_CHANNEL + 'audience = { roles = ["student"] }\n', 9),
        ("content/acts/counsellor.toml", '[[act]]\nsay.nl = "Wat kan ik?"\nsteps.nl = ["{phone}"]\n', 1),
        (ADVISER, '[[rule]]\nid = ["study_adviser.77"]\n', 2),
        (ADVISER, 'doubts = "none"\n', 1),
        (ADVISER, '[[rule]]\nid = "study_adviser.77"\nwhen = { rol = "student" }\n', 3),
        (CASES, OWN_CASE, 8),
        ("content/extra.toml", "", 1),
        ("content/channels/counsellor.toml", "[nl\n", 1),
    ],
)
def test_a_mistake_of_its_own_is_told_at_its_own_file_and_line(own, part, text, line):
    found = own.say(part, text).found()
    assert any(one.startswith(f"{part}:{line}: ") for one in found), found
    assert not any(one.startswith("base/") for one in found), found


def test_what_no_longer_goes_with_the_base_names_both_and_says_that_the_base_is_right_by_itself(own):
    own.win("rules/student_desk.toml", '\n[[rule]]\nid = "student_desk.3"\nremoves = "{student_desk.3}"\n')
    for language, calm in (("en", "is right by itself"), ("nl", "klopt op zichzelf")):
        found = own.found(language)
        assert found
        assert all(one.startswith("base/") and calm in one and "rules/student_desk.toml:2" in one for one in found)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda own: own.say(OVERLAY, 'extends = "sha256:00"'), "No file here has the digest sha256:00"),
        (lambda own: own.say(OVERLAY, 'extend = "sha256:00"'), "This file says one thing"),
        (lambda own: own.extend("own.json", own.data()), "own.json does not hold what its authors wrote"),
        (
            lambda own: (own.folder / "base.json").write_bytes(small.data().replace(b"Kompas", b"Kompaz", 1)),
            "base.json",
        ),
    ],
)
def test_a_base_that_is_not_there_or_not_whole_is_told_at_the_place_that_names_it(own, change, said):
    change(own)
    with pytest.raises(AuthoringError) as wrong:
        read(*own.folders)
    (problem,) = wrong.value.problems
    assert (problem.file, problem.line) == (OVERLAY, 1)
    assert said in problem.tell("en")
    done = command("check", "--overlay", own.folder)
    assert done.exit_code == 1
    assert "overlay.toml:1: " in done.output


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    """The next release of the small rulebase: a text, a contact and a rule differ."""
    folder = small.copied(tmp_path_factory.mktemp("newer"))
    shutil.copytree(small.UNIVERSITY / "tests", folder / "tests")
    for part, old, new in (
        ("content/channels/exam_board.toml", 'name = "Examencommissie"', 'name = "Commissie voor examens"'),
        ("rules/study_adviser.toml", "Bespreek het met de studieadviseur.", "Bespreek het met uw studieadviseur."),
        ("content/site.toml", 'start_title = "Naar wie kunt u toe?"', 'start_title = "Bij wie kunt u terecht?"'),
    ):
        text = (folder / part).read_text("utf-8")
        assert old in text
        (folder / part).write_text(text.replace(old, new), "utf-8")
    draft, held = read(folder / "rules", folder / "content", folder / "tests")
    return compiled(draft, proved(findings(draft, held)))


@pytest.mark.slow
def test_a_new_release_shows_as_a_difference_in_words_and_going_back_gives_the_same_bytes(own, newer, tmp_path):
    old = whole(own).data()
    own.extend("newer.json", newer)
    (stale,) = own.found("nl")
    assert stale.startswith(f"{ADVISER}:4: 'study_adviser.5' is in de basis veranderd")
    own.win(ADVISER, OWN_RULES[ADVISER])  # somebody read it, and ours still holds
    files = {"old": old, "new": own.data()}
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    said = " ".join(command("diff", tmp_path / "old", tmp_path / "new").output.split())
    assert "“Examencommissie” → “Commissie voor examens”" in said
    assert "“Naar wie kunt u toe?” → “Bij wie kunt u terecht?”" in said
    assert "study_adviser" not in said, "what is our own stays as it is"
    assert "Ons kompas" not in said
    own.extend("base.json", small.data()).win(ADVISER, OWN_RULES[ADVISER])
    assert own.data() == old


@pytest.mark.slow
def test_every_command_for_authors_works_on_an_overlay(own, tmp_path):
    whole(own)
    signed = command("sign", "study_adviser.5", "--by", "jurist", "--office", "ours", "--overlay", own.folder)
    assert signed.exit_code == 0, signed.output
    assert read(*own.folders)[0].standing.signed == ("study_adviser.5",)
    shown = tmp_path / "shown"
    before = own.folder / "base.json"
    done = command("preview", own.folder, "--before", before, "--into", shown, "--on", TODAY.isoformat())
    assert done.exit_code == 0, done.output
    for side, words, others in (("before", "Kompas", "Ons kompas"), ("after", "Ons kompas", "Welkom")):
        page = (shown / side / "index.html").read_text("utf-8")
        assert words in page
        assert others not in page
    assert "counsellor.90" in (shown / "index.html").read_text("utf-8")
    folders = command("diff", before, own.folder, "--json", "--language", "en")
    file = own.folder / "own.json"
    assert command("compile", file, "--overlay", own.folder).exit_code == 0
    files = command("diff", before, file, "--json", "--language", "en")
    same = [{**json.loads(one.output), "new": None} for one in (folders, files)]
    assert same[0].keys() == same[1].keys()
    assert same[0] == same[1]


@pytest.mark.slow
def test_a_language_more_can_be_an_overlay(own, tmp_path):
    whole_copy = small.copied(tmp_path)
    write(whole_copy / "rules", whole_copy / "content", ours("content"))
    shutil.copytree(whole_copy / "content/languages", own.folder / "content/languages")
    assert own.found() == []
    assert read(*own.folders)[0].languages == (*small.library().languages, CODE)


def test_a_check_is_written_down_only_in_what_is_its_own(own):
    own.say(
        "content/sources/ours.toml",
        (small.UNIVERSITY / "content/sources/charter.toml").read_text("utf-8").replace('id = "charter"', 'id = "ours"'),
    )
    words = ("--by", "editor", "--on", "2026-11-01", "--content", own.folder / "content")
    assert command("checked", "source/ours", *words).exit_code == 0
    assert "read = 2026-11-01" in (own.folder / "content/sources/ours.toml").read_text("utf-8")
    before = sorted(own.folder.rglob("*"))
    for id_ in ("source/charter", "channel/counsellor"):
        assert "this overlay extends" in command("checked", id_, *words).output
    assert sorted(own.folder.rglob("*")) == before


@pytest.mark.slow
def test_the_base_can_be_read_by_file_and_by_entry(own):
    whole_file = command("base", "rules/exam_board.toml", "--overlay", own.folder)
    assert (small.UNIVERSITY / "rules/exam_board.toml").read_text("utf-8") in whole_file.output
    for name in ("exam_board.2", "A visitor finds a broken door"):
        done = command("base", name, "--overlay", own.folder)
        own.say(done.output.split()[1], done.output)
        assert own.found() == [], "as it is given it wins, and says the same"
    assert command("base", "exam_board.99", "--overlay", own.folder).exit_code == 2


@pytest.mark.slow
def test_the_guide_does_what_it_says(own, newer, tmp_path, monkeypatch):
    """Its blocks one after the other, on the small rulebase; between them what the text says to do."""
    put, began, upgrade = re.findall(r"```sh\n(.*?)```", (DOCS / "overlay.md").read_text("utf-8"), re.S)
    home = tmp_path / "home"
    shutil.copytree(whole(own).folder, home / "voorbeeld")
    came_along = tmp_path / "came-along.json"
    came_along.write_bytes(small.data())
    monkeypatch.setenv(RULEBASE, str(came_along))
    (home / "voorbeeld/base.json").unlink()
    link = home / "served.json"
    monkeypatch.chdir(home)

    def run(block):
        found = []
        for line in block.splitlines():
            setting, program, *words = shlex.split(line) if "=" in line else ["", *shlex.split(line)]
            assert program == "wegwijzer"
            with pytest.MonkeyPatch.context() as patch:
                if setting:
                    patch.setenv(*setting.split("="))
                done = command(*words)
            assert done.exit_code == 0, (line, done.output)
            found.append(done.output)
        return found

    (written,) = run(put)
    assert decode(small.data()).digest in written
    *_, swapped = run(began)
    first = link.resolve()
    assert decode(link.read_bytes()).texts.interface["nl"]["site_name"] == "Ons kompas"
    Own.extend(Own(home / "voorbeeld"), "newer.json", newer).win(ADVISER, OWN_RULES[ADVISER])
    *_, difference, swapped = run(upgrade)
    assert "“Examencommissie” → “Commissie voor examens”" in " ".join(difference.split())
    assert decode(link.read_bytes()).texts.interface["nl"]["start_title"] == "Bij wie kunt u terecht?"
    (back,) = re.findall(r"To go back: wegwijzer (swap .*)", swapped)
    monkeypatch.setenv(RULEBASE, link.name)
    assert command(*shlex.split(back)).exit_code == 0
    assert link.resolve() == first


@pytest.mark.processes
def test_a_release_is_taken_over_by_a_running_service_and_taken_back_again(own, newer, tmp_path):
    from running import Service, ask, closing, until

    link = tmp_path / "served.json"
    new, settings = tmp_path / "new.json", {RULEBASE: str(link)}
    link.write_bytes(whole(own).data())
    own.extend("newer.json", newer).win(ADVISER, OWN_RULES[ADVISER])
    new.write_bytes(own.data())
    digests = [decode(path.read_bytes()).digest for path in (link, new)]
    with closing(Service(tmp_path, workers=1, **settings)) as service:

        def serves(digest, title):
            return service.health()["rulebase"]["digest"] == digest and title.encode() in ask(service.port)[2]

        def swaps(path):
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv(RULEBASE, str(link))
                done = command("swap", path)
            assert done.exit_code == 0, done.output
            return re.search(r"To go back: wegwijzer swap (\S+)", done.output)[1]

        until(lambda: serves(digests[0], "Naar wie kunt u toe?"))
        back = swaps(new)
        until(lambda: serves(digests[1], "Bij wie kunt u terecht?"))
        swaps(back)
        until(lambda: serves(digests[0], "Naar wie kunt u toe?"))


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """The worked example, on our own rules as they are now."""
    folder = tmp_path_factory.mktemp("example") / "voorbeeld"
    shutil.copytree(EXAMPLE, folder)
    draft, _ = read(ours("rules"), ours("content"))
    return Own.extend(Own(folder), "base.json", compiled(draft))


@pytest.mark.slow
def test_the_worked_example_is_proved_on_our_own_rules(example):
    """Whoever edits the rule that it wins over is told so, at its place; all that is not of that rule stays proved."""
    result = look(example.folders, "nl", kept_here())
    won = example.folder / "rules"
    if any(one.message.id in ("base_changed", "base_lacks") for one in result.problems):
        assert {one.file for one in result.problems} == {f"rules/{path.name}" for path in won.iterdir()}
        shutil.rmtree(won)
        result = look(example.folders, "nl", kept_here())
    assert [one.tell() for one in result.problems] == []
    library = result.draft
    phone = library.organisations.by_id["voorbeeld"].channels[0].contact.phone
    app = create_app(library, settings=replace(read_settings({}), theme=example.folder / "look"), today=lambda: TODAY)
    client = app.test_client()
    page = client.get(library.site.addresses["nl"].start)
    assert "Wegwijzer Voorbeeld" in page.text
    look_of_its_own = re.search(r'href="([^"]*theme[^"]*\.css)"', page.text)[1]
    assert client.get(look_of_its_own).data == (EXAMPLE / "look/theme.css").read_bytes()
    here, there = (
        library.acts.for_(
            "internal_advisor",
            "first",
            TODAY,
            {"organisation": one, "kind": "ministry", "regime": "rijk", "reporter": "employee"},
        )
        for one in ("voorbeeld", "szw")
    )
    assert here.phone == phone
    assert there.phone != phone, "whoever works elsewhere gets what the base says"
