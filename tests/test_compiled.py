"""The compiled rulebase: nothing is lost in it, every machine writes the same bytes, and nothing else passes for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import small

from service.core.cubes import of_edition
from service.core.graph import build
from service.core.rule import Doubt, Rule
from service.core.vocabulary import Fact
from service.rulebook import compiled as module
from service.rulebook.compiled import CompiledError, decode, encode
from service.rulebook.digests import digests, edition_digest
from service.rulebook.library import compiled, load_library, read_key

ROOT = Path(__file__).parent.parent
KEY = b"k" * 32
SCHEMA = json.loads((ROOT / "docs/compiled.schema.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def draft():
    return small.draft()


@pytest.fixture(scope="module")
def data(draft):
    return compiled(draft)


def test_what_was_read_from_toml_comes_back_whole(draft, data):
    read = decode(data)
    assert read.rulebase == draft.rulebase
    for one in ("days", "promises", "site", "texts", "digests"):
        assert getattr(read, one) == getattr(draft, one), one
    assert read.glossary.entries == draft.glossary.entries
    assert read.organisations.by_id == draft.organisations.by_id
    # In the same order as well, where a reader sees one.
    assert [list(rule.when) for rule in read.rulebase.rules] == [list(rule.when) for rule in draft.rulebase.rules]
    assert list(read.texts.interface["nl"]) == list(draft.texts.interface["nl"])


@pytest.mark.processes
def test_every_machine_writes_the_same_bytes(data):
    code = "import sys; from small import compiled, draft; sys.stdout.buffer.write(compiled(draft()))"
    for seed in ("1", "2"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        assert subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, check=True).stdout == data


def test_the_published_schema_is_that_of_the_file(data):
    assert json.loads(json.dumps(module.schema())) == SCHEMA, "make schema writes it anew"
    jsonschema.validate(json.loads(data), SCHEMA)


def test_rules_stand_in_it_once_and_the_matrix_beside_them(data, draft):
    assert data.decode().count(f'"id":"{draft.rulebase.rules[0].id}"') == 1
    assert decode(data).competence == draft.competence


DAMAGE = {
    "nothing": lambda data: b"",
    "half of it": lambda data: data[: len(data) // 2],
    "a byte": lambda data: data.replace(b"student", b"studenx", 1),
    "its digest": lambda data: data.replace(b'"digest":"sha256:', b'"digest":"sha256:0', 1),
    "not JSON": lambda data: b"rules",
    "no UTF-8": lambda data: data[:-3] + b"\xff" + data[-3:],
    "another JSON": lambda data: b"{}",
    "of a later format": lambda data: data.replace(b'{"format":1,', b'{"format":2,', 1),
    "with another shape": lambda data: encode_again(data, lambda said: said.pop("vocabulary")),
}


def encode_again(data, change):
    """A file whose digest is right, and whose contents are not ours."""
    said = json.loads(data)
    change(said["compiled"])
    body = json.dumps(said["compiled"], separators=(",", ":"), ensure_ascii=False)
    return json.dumps({**said, "digest": module.sha256(body.encode())})[:-1].encode().rpartition(b'"compiled"')[0] + (
        b'"compiled":' + body.encode() + b"}"
    )


@pytest.mark.parametrize("damage", DAMAGE)
def test_what_is_not_whole_or_not_of_this_version_is_refused_in_a_sentence(data, damage):
    with pytest.raises(CompiledError, match=r"^It (is|has|was) .*\.$") as refused:
        decode(DAMAGE[damage](data))
    assert "studen" not in str(refused.value)


def test_one_changed_bit_anywhere_is_noticed(data):
    for place in range(100, len(data) - 2, len(data) // 300):
        changed = bytearray(data)
        changed[place] ^= 1
        with pytest.raises(CompiledError):
            decode(bytes(changed))


def test_with_a_key_only_what_was_signed_with_it_is_read(draft, data):
    signed = compiled(draft, key=KEY)
    assert decode(signed, KEY).signed
    assert decode(signed).signed, "whoever has no key reads it too, and sees that somebody signed"
    assert not decode(data).signed
    assert decode(data).digest == decode(signed).digest, "what is signed is the same thing"
    for one, key in ((data, KEY), (signed, b"another key that is long enough")):
        with pytest.raises(CompiledError, match="signed"):
            decode(one, key)


def test_a_key_that_is_none_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "key"
    for body, said in ((None, "cannot be read"), (b"short\n", "shorter than 16 bytes")):
        if body:
            path.write_bytes(body)
        monkeypatch.setenv("WEGWIJZER_KEY", str(path))
        with pytest.raises(CompiledError, match=said):
            read_key()
    path.write_bytes(KEY + b"\n")
    assert read_key() == KEY


NEW = Fact("zzz", ("yes", "no"))


def grown(draft):
    """The rulebase with a question and a place more, which a rule from 2027 on uses."""
    vocabulary = draft.rulebase.vocabulary
    return replace(vocabulary, facts=(*vocabulary.facts, NEW), destinations=(*vocabulary.destinations, "somewhere"))


def test_a_question_or_a_place_that_only_a_later_edition_uses_leaves_older_digests_alone(draft):
    more = grown(draft)
    for edition in draft.rulebase.editions:
        assert edition_digest(more, edition.rules) == edition.digest
    newest = draft.rulebase.editions[-1]
    rule = newest.rules[0]
    for changed in (replace(rule, refer="somewhere"), replace(rule, when={**rule.when, "zzz": frozenset({"yes"})})):
        assert edition_digest(more, (changed, *newest.rules[1:])) != newest.digest


TOLD = {
    "why": {"nl": "Anders.", "en": "Otherwise."},
    "doubts": (Doubt({"nl": "Misschien.", "en": "Perhaps."}, ({"role": frozenset(["visitor"])},)),),
    "note": {"nl": "Nagaan.", "en": "To look up."},
    "citations": (),
    "terms": ("another",),
    "since": date(2024, 9, 2),
    "until": date(2099, 1, 1),
}
DECIDES = {
    "id": "another.1",
    "refer": "student_desk",
    "as_": "also",
    "concern": "building",
    "when": {"role": frozenset({"applicant"})},
}


@pytest.mark.parametrize("column", [*TOLD, *DECIDES])
def test_the_digest_of_an_edition_is_of_what_decides_and_that_of_texts_of_what_is_said(draft, column):
    edition = draft.rulebase.editions[-1]
    rule = edition.rules[0]
    changed = replace(rule, **{column: {**TOLD, **DECIDES}[column]})
    assert changed != rule
    rules = (changed, *edition.rules[1:])
    assert (edition_digest(draft.rulebase.vocabulary, rules) != edition.digest) == (column in DECIDES)
    around = "", draft.texts, draft.organisations
    said = digests(rules, *around).texts != digests(edition.rules, *around).texts
    assert said == (column in TOLD or column == "id")


def test_a_fact_that_a_rule_tests_counts_with_its_answers(draft):
    vocabulary = draft.rulebase.vocabulary
    edition = draft.rulebase.editions[0]
    tested = next(fact for fact in vocabulary.facts if fact.id in edition.rules[0].when)
    more = replace(tested, answers=(*tested.answers, "zzz"))
    facts = tuple(more if fact is tested else fact for fact in vocabulary.facts)
    assert edition_digest(replace(vocabulary, facts=facts), edition.rules) != edition.digest


def test_a_telephone_number_changes_the_directory_and_a_word_changes_the_texts(draft):
    texts, rules = draft.texts, draft.rulebase.rules
    before = digests(rules, "", texts, draft.organisations)
    channel = next(one for one in texts.channels.values() if one.contacts)
    contact = replace(channel.contacts[0], phone="070 - 123 45 67")
    other = replace(texts, channels={**texts.channels, channel.id: replace(channel, contacts=(contact,))})
    found = digests(rules, "", other, draft.organisations)
    assert found.texts == before.texts
    assert found.directory != before.directory
    (language, words), *_ = texts.interface.items()
    other = replace(texts, interface={**texts.interface, language: {**words, "start_title": "Anders"}})
    found = digests(rules, "", other, draft.organisations)
    assert found.directory == before.directory
    assert found.texts != before.texts
    assert digests(rules, "more", texts, draft.organisations).texts != before.texts


def test_every_column_of_a_rule_is_in_one_of_the_digests():
    assert {*TOLD, *DECIDES} == {*Rule.__dataclass_fields__} - {"example", "near_miss"}


def test_an_answer_carries_what_it_was_made_from(refer, library):
    answer = refer({})
    assert answer["directory"] == library.digests.directory
    assert answer["texts"] == library.digests.texts
    assert answer["edition"]["digest"] in [one.digest for one in library.rulebase.editions]


@pytest.mark.slow
def test_in_a_checkout_it_is_made_anew_when_a_text_changes(tmp_path):
    house = small.checkout(tmp_path)
    code = (
        "from service.rulebook.library import load_library as l; one = l(); print(one.digest, one.proved, l().digest)"
    )

    def read():
        done = subprocess.run([sys.executable, "-c", code], cwd=house, capture_output=True, text=True, check=True)
        return done.stdout.split(), done.stderr

    (first, proved, again), said = read()
    assert (proved, again) == ("False", first)
    assert said.count("\n") == 1
    assert "unproved" in said
    assert read() == ([first, "False", first], "")
    path = house / "content/interface.toml"
    path.write_text(path.read_text("utf-8") + "# changed\n", "utf-8")
    assert read()[1] == said


def test_every_command_reads_the_file_that_the_setting_names(tmp_path, monkeypatch, draft):
    texts = draft.texts
    nl = {**texts.interface["nl"], "start_title": "Onze eigen wegwijzer"}
    other = replace(draft, texts=replace(texts, interface={**texts.interface, "nl": nl}))
    path = tmp_path / "own.json"
    path.write_bytes(compiled(other))
    monkeypatch.setenv("WEGWIJZER_RULEBASE", str(path))
    assert load_library().texts.interface["nl"]["start_title"] == "Onze eigen wegwijzer"
    for bad, said in ((tmp_path, "wegwijzer compile --rules"), (tmp_path / "nothing", "cannot be read")):
        monkeypatch.setenv("WEGWIJZER_RULEBASE", str(bad))
        with pytest.raises(CompiledError, match=said):
            load_library()


def test_what_is_computed_once_per_edition_stands_in_it(data):
    read = decode(data)
    for edition in read.rulebase.editions:
        assert read.graphs[edition.id] == build(edition)
        assert read.cubes[edition.id] == of_edition(edition)


def test_encode_of_what_was_decoded_is_the_same_file_but_for_the_drafts(data):
    read, told = decode(data), json.loads(data)
    assert encode(read, read.receipt, drafts=told["drafts"]) == data
    without = encode(read, read.receipt)
    assert json.loads(without) == {**told, "drafts": None}
    assert decode(without).digest == read.digest, "a file may go without: it is the same rulebase"


def test_it_carries_what_its_authors_wrote_to_the_byte(data):
    drafts = json.loads(data)["drafts"]
    written = {
        f"{path.relative_to(small.UNIVERSITY)}"
        for name in ("rules", "content")
        for path in (small.UNIVERSITY / name).rglob("*.t*")
    }
    assert drafts.keys() == written
    assert all(text.encode() == (small.UNIVERSITY / part).read_bytes() for part, text in drafts.items())
    stories = json.loads(small.data())["drafts"].keys() - written
    assert stories == {"tests/cases/students.toml", "tests/neighbourhoods.toml"}, "and what advisors told, once proved"
