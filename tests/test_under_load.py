"""Faults under a service that is asked all the time, as operations run it: everybody gets an answer, and the right one.

It runs on the small rulebase, behind our nginx, and is one for all: what a fault leaves is there at the next.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import small
from running import (
    NAME,
    ROOT,
    SERVE,
    Nginx,
    Service,
    ask,
    closing,
    environment,
    free_port,
    refer,
    under_load,
    until,
    wegwijzer,
)

from service.rulebook.compiled import decode, encode
from service.rulebook.digests import digests
from service.serving.swap import pin

ASKED = [
    {"situation": {"concerns": ["grade"], "role": "student", "review": "done"}, "organisation": "letters"},
    {
        "situation": {"concerns": ["conduct", "building"], "feeling": "unsafe", "anonymity": "nameless"},
        "language": "en",
    },
    {"situation": {}},
]
BEHIND_NGINX = {"WEGWIJZER_HOSTS": NAME, "WEGWIJZER_PROXIES": "1", "WEGWIJZER_RATE": "0"}
STUCK = 6  # seconds after which a worker counts as stuck here, and not 20
QUICK = f"from service.serving import serve; serve.LONGEST = {STUCK}; {SERVE}"
MOST = 6  # workers: those that serve, those that come, and those that still finish what they are at


def told(text="", code=None, **receipt):
    """The file of the small rulebase, that says something else on its first page, by another version perhaps."""
    library = small.library()
    texts, made = library.texts, library.receipt
    nl = {**texts.interface["nl"], "start_title": text or texts.interface["nl"]["start_title"]}
    one = replace(library, texts=replace(texts, interface={**texts.interface, "nl": nl}))
    return encode(one, replace(made, code=code or made.code, **receipt))


def put(link, *said, **receipt):
    """Pin a whole one; gives its digest."""
    data = told(*said, **receipt)
    digest = decode(data).digest
    pin(data, digest, link)
    return digest


def renamed():
    """An older one, in which every place has another name."""
    library = small.library()

    def older(channel):
        return replace(channel, text={code: replace(one, name=f"Old {one.name}") for code, one in channel.text.items()})

    texts = replace(library.texts, channels={id_: older(one) for id_, one in library.texts.channels.items()})
    named = replace(library.digests, texts=digests(library.rulebase.rules, "", texts, library.organisations).texts)
    made = replace(library.receipt, code="another", version="0.0.9")
    return encode(replace(library, texts=texts, digests=named), made)


class House:
    """The service, and whoever asks it."""

    def __init__(self, folder):
        (folder / "served").mkdir()
        self.link, health = folder / "served/rulebase.json", free_port()
        self.digest = put(self.link, "The first")
        settings = {"WEGWIJZER_RULEBASE": str(self.link), "WEGWIJZER_HEALTH": f"127.0.0.1:{health}", **BEHIND_NGINX}
        self.service = Service(folder, code=QUICK, **settings)
        self.nginx = Nginx(folder, [self.service.port], health=health)
        self.settings, self.folder = settings, folder

    def health(self):
        return json.loads(ask(self.nginx.port, path="/health/ready", headers={"Host": NAME})[2])

    def clear(self):
        """Take away what is pinned."""
        self.link.rmdir() if self.link.is_dir() else self.link.unlink(missing_ok=True)

    def swaps(self, *said, **receipt):
        """Put another in service; waits until it serves."""
        self.digest = put(self.link, *said, **receipt)
        self.service.send(signal.SIGHUP)
        until(self.serves)
        until(lambda: len(self.service.workers()) == 2)

    def serves(self):
        found = self.health()
        return found["rulebase"]["digest"] == self.digest and found["changedRulebase"] is None

    def stop(self):
        self.nginx.stop()
        self.service.stop()


@pytest.fixture(scope="module")
def standing(tmp_path_factory):
    with closing(House(tmp_path_factory.mktemp("house"))) as house:
        yield house


@pytest.fixture
def house(standing):
    """The house, with two callers; when the test is over each has had an answer more, and none was wrong."""
    with under_load(standing.nginx.port, 2, host=NAME, asked=ASKED) as standing.asking:
        yield standing


def test_what_counts_as_right_is_what_the_rules_say(standing, university_app):
    client = university_app.test_client()
    for asked in ASKED:
        asked = {**asked, "on": "2026-11-23"}
        meant = client.post("/api/v1/referrals", json=asked).json
        assert (
            json.loads(refer(standing.nginx.port, asked, headers={"Host": NAME})[2])["referrals"] == meant["referrals"]
        )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGSTOP])
def test_a_worker_that_is_killed_or_stands_still_is_replaced_and_nobody_waits_in_vain(house, number):
    """Whoever was at it is asked for again, without the engine, by another."""
    for _ in range(1 if number == signal.SIGSTOP else 4):
        lost = house.service.workers()[0]
        os.kill(lost, number)
        until(lambda lost=lost: lost not in house.service.workers() and len(house.service.workers()) == 2)
        house.asking.all_answered()


def test_a_storm_of_reloads_ends_with_what_is_pinned_last_and_never_has_more_than_three_sets_of_workers(house):
    most = 0
    for number in range(30):
        house.digest = put(house.link, f"Number {number}")
        house.service.send(signal.SIGHUP)
        house.asking.all_answered()
        most = max(most, len(house.service.workers()))
    until(house.serves)
    until(lambda: len(house.service.workers()) == 2)
    assert 2 < most <= MOST


WHOLE = told("Never served")
WRONG = {
    "half-written": lambda link: link.write_bytes(WHOLE[: len(WHOLE) // 2]),
    "empty": lambda link: link.write_bytes(b""),
    "of a wrong digest": lambda link: link.write_bytes(WHOLE.replace(b'"digest":"sha256:', b'"digest":"sha256:0', 1)),
    "damaged": lambda link: link.write_bytes(WHOLE.replace(b"student", b"studenx", 1)),
    "of another format": lambda link: link.write_bytes(WHOLE.replace(b'{"format":1,', b'{"format":2,', 1)),
    "not proved": lambda link: link.write_bytes(told("Never served", proved=())),
    "gone": lambda link: None,
    "a folder": lambda link: link.mkdir(),
    "a link to itself": lambda link: link.symlink_to(link.name),
    "one that others can write": lambda link: (link.write_bytes(WHOLE), link.chmod(0o666)),
}


def test_what_is_pinned_by_hand_and_cannot_be_served_is_refused_and_what_another_version_proved_is_tried(house):
    before = house.health()["rulebase"]["digest"]
    for number, (what, put_there) in enumerate(WRONG.items(), house.service.said().count("was refused") + 1):
        house.clear()
        put_there(house.link)
        house.service.send(signal.SIGHUP)
        until(lambda number=number: house.service.said().count("was refused") == number)
        assert house.health()["rulebase"]["digest"] == before, what
    assert house.health()["changedRulebase"] == "refused"
    house.clear()
    house.swaps("Of another version", code="another", version="0.0.9")
    assert house.health()["rulebase"]["provedBy"] == "0.0.9"


def test_where_no_file_can_be_opened_any_more_those_that_serve_go_on(house):
    """Nor can a process be begun: neither is a reason to stop for a first process that still has a worker."""
    master, stays = house.service.pid, house.service.workers()[1]
    soft, hard = resource.prlimit(master, resource.RLIMIT_NOFILE)
    resource.prlimit(master, resource.RLIMIT_NOFILE, (1, hard))
    try:
        os.kill(house.service.workers()[0], signal.SIGKILL)
        until(lambda: "A worker could not begin" in house.service.said())
        house.service.send(signal.SIGHUP)
        until(lambda: house.health()["changedRulebase"] == "refused")
        assert house.service.workers() == [stays]
        house.asking.all_answered()
    finally:
        resource.prlimit(master, resource.RLIMIT_NOFILE, (soft, hard))
    house.swaps("With files")


def test_a_worker_without_memory_ends_and_whoever_was_at_it_is_answered_by_another(house):
    said = json.dumps({"requests": ASKED[:2] * 50}).ljust(250_000)  # more than was ever asked of it
    (one, other), counted, answers = house.service.workers(), house.health()["killedWorkers"], set()
    resource.prlimit(one, resource.RLIMIT_DATA, (1, resource.RLIM_INFINITY))

    def is_lost():
        kind = {"Host": NAME, "Content-Type": "application/json"}
        answers.add(ask(house.nginx.port, "POST", "/api/v1/referrals/batch", said, kind)[::2])
        return one not in house.service.workers()

    until(is_lost)
    until(lambda: len(house.service.workers()) == 2 and house.health()["killedWorkers"] > counted)
    assert [status for status, _ in answers] == [200], "and all are the same"
    assert other in house.service.workers()
    assert "Traceback" not in house.service.said()


def test_of_three_instances_one_is_killed_one_frozen_and_one_older_and_everybody_gets_a_right_answer(tmp_path):
    """Each has a folder of its own. Right is what the rulebase says that the answer names."""
    services = []
    for name, data in (("killed", told()), ("frozen", told()), ("older", renamed())):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.json").write_bytes(data)
        own = {"WEGWIJZER_RULEBASE": str(tmp_path / name / "own.json"), **BEHIND_NGINX}
        services.append(Service(tmp_path / name, workers=1, **own))
    ports = [one.port for one in services]
    with (
        closing(*services, Nginx(tmp_path, ports)) as (killed, frozen, older, nginx),
        under_load(nginx.port, 3, host=NAME, asked=ASKED, also=ports) as asking,
    ):
        until(lambda: len(asking.texts) == 2)
        os.killpg(killed.pid, signal.SIGKILL)
        asking.all_answered()
        os.killpg(frozen.pid, signal.SIGSTOP)
        try:
            asking.all_answered()
            asking.texts.clear()
            asking.all_answered()
            assert {*asking.texts} == {older.health()["rulebase"]["texts"]}
        finally:
            os.killpg(frozen.pid, signal.SIGCONT)
        until(lambda: len(asking.texts) == 2)
        assert frozen.stop() == 0
        asking.all_answered()


def test_two_instances_that_read_one_link_and_write_to_one_folder_are_both_told_of_a_swap(house):
    new = house.folder / "new.json"
    new.write_bytes(told("For both"))
    house.digest = decode(new.read_bytes()).digest
    beside = Service(house.folder, workers=1, WEGWIJZER_RULEBASE=str(house.link), WEGWIJZER_RATE="0")
    with closing(beside), under_load(beside.port, asked=ASKED):
        code, said = wegwijzer(house.folder, "swap", new, **house.settings)
        assert code == 0, said
        until(house.serves)
        until(lambda: beside.health()["rulebase"]["digest"] == house.digest)
    assert not list(house.link.parent.glob(".*")), "and no half of anything"


def test_two_instances_that_begin_at_once_where_nothing_is_compiled_yet_both_serve_it(tmp_path):
    """In one checkout: each proves and compiles, and the other's file is as good as its own."""
    checkout = small.checkout(tmp_path)
    with ThreadPoolExecutor() as pool:
        begun = list(pool.map(lambda _: Service(tmp_path, 1, cwd=checkout, WEGWIJZER_RATE="0"), range(2)))
    with closing(*begun) as (one, other), under_load(one.port, asked=ASKED), under_load(other.port, asked=ASKED):
        assert one.health()["rulebase"] == other.health()["rulebase"]
        assert [path.name for path in (checkout / "build").iterdir()] == ["compiled.json"]


FULL = """mount -t tmpfs -o size=1m,mode=755 none {place} && cp {first} {place}/rulebase.json
dd if=/dev/zero of={place}/full bs=4k
exec sleep infinity"""


def test_a_swap_for_which_the_disk_has_no_room_leaves_what_is_pinned_and_no_half_of_anything(tmp_path):
    """On a disk of its own, that service and swap see and nobody else."""
    place = tmp_path / "disk"
    place.mkdir()
    first, following = tmp_path / "first.json", tmp_path / "next.json"
    first.write_bytes(told("The first"))
    following.write_bytes(told("The next"))
    holds = ["unshare", "--map-root-user", "--mount", "sh", "-c", FULL.format(place=place, first=first)]
    with subprocess.Popen(holds, stderr=subprocess.PIPE) as holder:
        inside = ["nsenter", "--target", str(holder.pid), "--user", "--mount", "--preserve-credentials", "--wd=/"]
        serve = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {SERVE}"]
        env = environment(tmp_path, {"WEGWIJZER_RULEBASE": f"{place}/rulebase.json"})

        def run(*command, **more):
            return subprocess.run([*inside, *command], env=env, cwd=ROOT, capture_output=True, text=True, **more)

        try:
            until(lambda: b"No space left" in holder.stderr.readline())
            settings = {**BEHIND_NGINX, "WEGWIJZER_RULEBASE": f"{place}/rulebase.json"}
            with (
                closing(Service(tmp_path, 1, start=[*inside, *serve], **settings)) as service,
                under_load(service.port, asked=ASKED),
            ):
                there, before = run("ls", "-A", place).stdout, service.health()["rulebase"]["digest"]
                done = run(*serve, "swap", following)
                assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
                assert "No space left" in done.stderr
                assert run("ls", "-A", place).stdout == there
                run("rm", f"{place}/full")
                assert run(*serve, "swap", following).returncode == 0
                until(lambda: service.health()["rulebase"]["digest"] != before)
        finally:
            holder.kill()
