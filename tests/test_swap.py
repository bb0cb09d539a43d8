"""What serves is what is pinned: how it gets there, what never does, and that nobody is lost on the way."""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from faults import killed_at
from running import NAME, Nginx, Service, ask, closing, refused, under_load, until, wegwijzer

from service.rulebook.compiled import decode, encode
from service.serving.compiling import proved_library
from service.serving.swap import Running, pin

KEY = b"0123456789abcdef" * 2
ASKED = [{"situation": {"concerns": ["grade"], "role": "student", "review": "done"}}]
TITLES = ("Onze eigen wegwijzer", "Een andere titel")


def titled(library, title, key=None, **receipt):
    """A rulebase that says something else on its first page."""
    interface = library.texts.interface
    texts = replace(library.texts, interface={**interface, "nl": {**interface["nl"], "start_title": title}})
    return encode(replace(library, texts=texts), replace(library.receipt, **receipt), key)


@pytest.fixture
def link(tmp_path):
    (tmp_path / "served").mkdir()
    return tmp_path / "served" / "wegwijzer.json"


@pytest.fixture
def files(university, tmp_path):
    """Two compiled rulebases."""
    found = []
    for number, title in enumerate(TITLES):
        found.append(tmp_path / f"{number}.json")
        found[-1].write_bytes(titled(university, title))
    return found


def title_of(port):
    return re.search(rb"<h1[^>]*>([^<]*)", ask(port)[2])[1].decode().strip()


def digest_of(path):
    return decode(path.read_bytes()).digest


def test_a_swap_under_load_loses_nobody_and_going_back_is_a_swap_too(files, link, tmp_path):
    one, other = files
    link.write_bytes(one.read_bytes())
    settings = {"WEGWIJZER_RULEBASE": str(link)}
    started = Service(tmp_path, WEGWIJZER_RATE="0", **settings)
    with closing(started) as service, under_load(service.port, asked=ASKED):
        assert title_of(service.port) == TITLES[0]

        def serves(file):
            title = TITLES[files.index(file)]
            return service.health()["rulebase"]["digest"] == digest_of(file) and title_of(service.port) == title

        code, said = wegwijzer(tmp_path, "swap", str(other), **settings)
        assert code == 0, said
        back = re.search(r"To go back: wegwijzer swap (\S+)\n", said)[1]
        assert digest_of(Path(back)) == digest_of(one)
        until(lambda: serves(other))

        # A file that is broken by one byte is not pinned; nor is anything else that cannot be served.
        broken = tmp_path / "broken.json"
        broken.write_bytes(other.read_bytes().replace(b"student", b"studenx", 1))
        code, said = wegwijzer(tmp_path, "swap", str(broken), **settings)
        assert (code, said.count("\n")) == (1, 1)
        assert "changed or damaged" in said
        assert digest_of(link) == digest_of(other)

        # Whoever puts it there by hand is no further: what serves goes on, and health says so.
        link.unlink()
        link.write_bytes(broken.read_bytes())
        service.send(signal.SIGHUP)
        until(lambda: service.health()["changedRulebase"] == "refused")
        assert service.health()["status"] == "degraded"
        assert serves(other)

        code, said = wegwijzer(tmp_path, "swap", back, **settings)
        assert code == 0, said
        until(lambda: serves(one))
        until(lambda: service.health()["status"] == "ok")
    code, said = wegwijzer(tmp_path, "swap", str(other), **settings)
    assert code == 0
    assert "kill -HUP" in said, "nothing runs any more"
    with closing(Service(tmp_path, workers=1, **settings)) as service:
        assert title_of(service.port) == TITLES[1]


def test_two_reloads_at_once_end_with_what_is_pinned_last(files, link, tmp_path):
    pin(files[0].read_bytes(), digest_of(files[0]), link)
    with closing(Service(tmp_path, workers=1, WEGWIJZER_RULEBASE=str(link))) as service:
        for file in (files[1], files[0], files[1]):
            pin(file.read_bytes(), digest_of(file), link)
            service.send(signal.SIGHUP)
        until(lambda: title_of(service.port) == TITLES[1])
        service.send(signal.SIGHUP)
        assert service.stop() == 0, "a stop is obeyed while something is tried"


REFUSED = {
    "a folder": ("wegwijzer compile --rules", lambda university, path: path.mkdir()),
    "nothing there": ("cannot be read", lambda university, path: None),
    "damaged": (
        "changed or damaged",
        lambda university, path: path.write_bytes(titled(university, "x").replace(b"rep", b"reP", 1)),
    ),
    "of another format": (
        "format 0",
        lambda university, path: path.write_bytes(titled(university, "x").replace(b'"format":1', b'"format":0', 1)),
    ),
    "not proved": ("was not proved", lambda university, path: path.write_bytes(titled(university, "x", proved=()))),
    "of another version, that lacks a word": (
        "words that pages need: start_lead",
        lambda university, path: path.write_bytes(titled(without(university, "start_lead"), "x", code="another")),
    ),
    "a file that others can change": (
        "others can write",
        lambda university, path: (path.write_bytes(titled(university, "x")), path.chmod(0o666)),
    ),
    "a folder that others can change": (
        "others can write",
        lambda university, path: (path.write_bytes(titled(university, "x")), path.parent.chmod(0o777)),
    ),
}


def without(library, word):
    interface = {name: {**words} for name, words in library.texts.interface.items()}
    for words in interface.values():
        del words[word]
    return replace(library, texts=replace(library.texts, interface=interface))


def test_whoever_compiles_for_the_first_time_has_nothing_pinned_yet(link, tmp_path):
    code, said = wegwijzer(tmp_path, "compile", "--rules", "nowhere", str(link), WEGWIJZER_RULEBASE=str(link))
    assert (code, "'nowhere' does not exist" in said) == (2, True)


@pytest.mark.parametrize("what", REFUSED)
def test_nothing_is_served_but_a_whole_proved_rulebase_and_no_other_stands_in_for_it(university, link, tmp_path, what):
    said_of_it, make = REFUSED[what]
    make(university, link)
    code, said = refused(tmp_path, WEGWIJZER_RULEBASE=str(link))
    assert code == 2, said
    assert said_of_it in said
    assert said.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in said
    assert "Wegwijzer at" not in said


def test_what_another_version_proved_is_tried_first_and_then_served(university, link, tmp_path):
    link.write_bytes(titled(university, TITLES[0], code="another", version="0.0.9"))
    with closing(Service(tmp_path, workers=1, WEGWIJZER_RULEBASE=str(link))) as service:
        assert title_of(service.port) == TITLES[0]
        assert service.health()["rulebase"]["provedBy"] == "0.0.9"


def test_with_a_key_only_what_was_signed_with_it_is_served(university, link, tmp_path):
    (tmp_path / "key").write_bytes(KEY)
    settings = {"WEGWIJZER_RULEBASE": str(link), "WEGWIJZER_KEY": str(tmp_path / "key")}
    for key in (None, KEY[::-1]):
        link.write_bytes(titled(university, "x", key))
        code, said = refused(tmp_path, **settings)
        assert (code, "signed" in said) == (2, True), said
    link.write_bytes(titled(university, TITLES[0], KEY))
    link.chmod(0o666)  # whoever changes it has no key
    with closing(Service(tmp_path, workers=1, **settings)) as service:
        assert service.health()["rulebase"]["signature"] == "signed"
    (tmp_path / "key").unlink()
    code, said = refused(tmp_path, **settings)
    assert (code, "key" in said) == (2, True)


def test_kill_at_every_point_of_a_swap_leaves_the_old_rulebase_or_the_new_one(files, link):
    one, other = ((file.read_bytes(), digest_of(file)) for file in files)
    seen = []
    for number in itertools.count():
        shutil.rmtree(link.parent)
        link.parent.mkdir()
        pin(*one, link)
        killed = killed_at(number, link.parent, lambda: pin(*other, link))
        seen.append(digest_of(link))
        pin(*other, link)
        assert digest_of(link) == other[1], "the next try gets there without a hand"
        if not killed:
            break
    assert len(seen) > 4
    assert seen == [one[1]] * seen.count(one[1]) + [other[1]] * seen.count(other[1]), "old until some point, then new"
    assert {*seen} == {one[1], other[1]}


def test_a_process_that_only_left_its_mark_behind_is_not_told_to_reload(link):
    mark = link.with_name(f"wegwijzer.json.{os.getpid()}.pid")
    mark.touch()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert not Running(link).reload(), "nobody holds it"
        assert not mark.exists(), "nor looks at it again"
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


BREAKS = """
import os, signal
from pathlib import Path
from service.serving import serve, trial
flag = Path({flag!r})
begins = serve.Worker.init_process
def begin(self):
    if flag.exists() and flag.read_text() == "worker" and not self.inner:
        raise OSError
    begins(self)
serve.Worker.init_process = begin
examines = trial.examine
def examine(data):
    if flag.exists() and flag.read_text() == "engine":
        os.kill(os.getpid(), signal.SIGSEGV)
    examines(data)
trial.examine = examine
from service.cli.main import main
main()
"""


@pytest.fixture
def breaking(files, link, tmp_path):
    """A service of which workers cannot begin, or a try crashes, while a flag says so."""
    pin(files[0].read_bytes(), digest_of(files[0]), link)
    flag = tmp_path / "flag"
    settings = {
        "WEGWIJZER_RULEBASE": str(link),
        "WEGWIJZER_HOSTS": NAME,
        "WEGWIJZER_PROXIES": "1",
        "WEGWIJZER_RATE": "0",
    }
    service = Service(tmp_path, code=BREAKS.format(flag=str(flag)), **settings)
    with (
        closing(service, Nginx(tmp_path, [service.port])) as (service, nginx),
        under_load(nginx.port, host=NAME, asked=ASKED),
    ):
        yield service, flag


def test_a_worker_that_cannot_begin_is_counted_and_tried_again_and_never_ends_the_service(breaking, files, link):
    """Stock gunicorn would stop: it takes that for an endless loop of starts."""
    service, flag = breaking
    old = service.workers()
    flag.write_text("worker")
    os.kill(old[0], signal.SIGKILL)
    until(lambda: service.health()["killedWorkers"] >= 3)
    assert old[1] in service.workers(), "who serves goes on"

    pin(files[1].read_bytes(), digest_of(files[1]), link)
    counted = service.health()["killedWorkers"]
    service.send(signal.SIGHUP)
    until(lambda: service.health()["killedWorkers"] > counted + 3)
    assert title_of(service.port) == TITLES[0], "nobody leaves before somebody has come"
    assert old[1] in service.workers()

    flag.unlink()
    until(lambda: len(service.workers()) == 2 and not {*old} & {*service.workers()})
    assert title_of(service.port) == TITLES[1]


def test_a_rulebase_on_which_the_engine_crashes_takes_nothing_with_it(breaking, files, link):
    service, flag = breaking
    flag.write_text("engine")
    pin(files[1].read_bytes(), digest_of(files[1]), link)
    workers = service.workers()
    service.send(signal.SIGHUP)
    until(lambda: service.health()["changedRulebase"] == "refused")
    assert title_of(service.port) == TITLES[0]
    assert service.workers() == workers


def test_a_recycled_worker_serves_what_is_pinned_and_not_what_lies_there(files, link, tmp_path):
    pin(files[0].read_bytes(), digest_of(files[0]), link)
    with closing(Service(tmp_path, workers=1, WEGWIJZER_RULEBASE=str(link))) as service:
        pin(files[1].read_bytes(), digest_of(files[1]), link)
        (old,) = service.workers()
        os.kill(old, signal.SIGTERM)
        until(lambda: service.workers() not in ([], [old]))
        assert title_of(service.port) == TITLES[0], "it is in service when somebody says so"


def test_whoever_still_sets_what_is_gone_is_told_and_served(tmp_path):
    with closing(Service(tmp_path, workers=1, WEGWIJZER_KEEP="/x", WEGWIJZER_DATABASE="/y")) as service:
        pass
    for name in ("WEGWIJZER_KEEP", "WEGWIJZER_DATABASE"):
        assert f"{name} does nothing any more" in service.said()


def test_health_says_what_serves(tmp_path):
    ours = proved_library(print)
    with closing(Service(tmp_path, workers=1)) as service:
        served = service.health()["rulebase"]
        answer = json.loads(
            ask(service.port, "POST", "/api/v1/referrals", '{"situation": {}}', {"Content-Type": "application/json"})[2]
        )
    assert served == {
        "digest": ours.digest,
        "editions": {one.id: one.digest for one in ours.rulebase.editions},
        "texts": answer["texts"],
        "directory": answer["directory"],
        "provedBy": ours.receipt.version,
        "signature": "unsigned",
    }
    assert answer["edition"]["digest"] in served["editions"].values()
