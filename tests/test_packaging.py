"""The wheel carries rules, content and what they compile to, and works far from the checkout."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from running import LETTER, Service, closing, refer

pytestmark = [pytest.mark.processes, pytest.mark.tools, pytest.mark.slow]

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Two wheels of what git knows, each by somebody else: in a folder of their own, a while apart, with other rights.

    They are built from a copy, so that nothing is left in the checkout.
    """
    here = tmp_path_factory.mktemp("wheels")
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in filter(None, subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout.split(b"\0")):
        if (path := ROOT / name.decode()).is_file():
            (here / "source" / name.decode()).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, here / "source" / name.decode())
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--no-verify", "--message", "All"]):
        who = ["-c", "user.name=A", "-c", "user.email=a@example.nl", "-c", "core.hooksPath=/dev/null"]
        subprocess.run(["git", *who, *command], cwd=here / "source", check=True)
    made = []
    for name, umask in (("one", 0o077), ("another", 0o002)):
        subprocess.run(["git", "clone", "--quiet", here / "source", here / name], check=True, umask=umask)
        out = subprocess.run(
            [ROOT / "scripts" / "wheel", here / f"{name}-made"],
            cwd=here / name,
            env={**os.environ, "VENV": sys.prefix},
            umask=umask,
            capture_output=True,
            check=True,
        ).stdout
        (built,) = (here / f"{name}-made").glob("*.whl")
        assert hashlib.sha256(built.read_bytes()).hexdigest().encode() in out
        made.append(built)
    assert made[1].stat().st_mtime - made[0].stat().st_mtime > 2, "the times in a zip file go by two seconds"
    return made


@pytest.fixture(scope="module")
def wheel(wheels):
    return wheels[0]


def test_the_wheel_holds_every_rule_and_every_text(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for part in ("rules", "content"):
        for path in (ROOT / part).rglob("*"):
            if path.is_file():
                assert f"service/{path.relative_to(ROOT).as_posix()}" in names
    for part in ("templates", "static", "embed"):
        for path in (ROOT / "service" / "web" / part).glob("*"):
            assert f"service/web/{part}/{path.name}" in names


def test_the_built_files_are_what_their_sources_make(tmp_path):
    subprocess.run(["node", "build.mjs", str(tmp_path)], cwd=ROOT / "service" / "web" / "assets", check=True)
    built = sorted(tmp_path.iterdir())
    assert {path.suffix for path in built} == {".css", ".txt", ".woff2"}
    for path in built:
        assert path.read_bytes() == (ROOT / "service" / "web" / "static" / path.name).read_bytes(), path.name


def test_the_wheel_decides_from_any_folder(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    for code, said in (
        (
            "from service.cli.main import main; main(['decide', 'concerns=labour_conflict', 'reporter=contractor'])",
            "  sha256:",
        ),
        (
            "from service.rulebook.library import load_library; from service.rulebook.locate import code;"
            "found = load_library(); print(found.proved, found.receipt.code == code())",
            "True True",
        ),
    ):
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd="/",
            env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
            capture_output=True,
            text=True,
            check=True,
        )
        assert said in done.stdout
        assert done.stderr == ""


def test_the_wheel_holds_every_licence_it_is_under(wheel):
    held = {name.rpartition("/")[2] for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/licenses/" in name}
    said = re.search(r"^license = (.*)", (ROOT / "setup.cfg").read_text("utf-8"), re.M)[1]
    assert held == {"LICENSE", *(f"{licence}.txt" for licence in said.split(" AND "))}


def test_the_name_service_can_never_be_published_by_accident(wheel):
    metadata = next(name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("METADATA"))
    assert "Private :: Do Not Upload" in zipfile.ZipFile(wheel).read(metadata).decode()


def test_two_people_who_build_the_wheel_get_the_same_bytes(wheels):
    assert wheels[0].read_bytes() == wheels[1].read_bytes()


# Whoever installs it has nothing in the environment; /mnt stands for /opt and /srv, which may hold what is not ours.
BARE = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-euc"]
APART = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--mount"]
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups --bounding-set=-all" if os.geteuid() == 0 else "setpriv"
SERVES = """
mount -t tmpfs -o ro none {checkout}
mount -t tmpfs -o ro none {release}
mount -o remount,bind,ro /mnt
mount -o remount,bind,ro /
cd /
! touch /mnt/x /tmp/x 2>/dev/null
exec {nobody} --no-new-privs {serve} "$@"
"""


def test_installed_as_the_guide_says_it_serves_as_nobody_on_a_root_that_is_read_only(wheel, tmp_path, client):
    guide = (ROOT / "docs/operating.md").read_text("utf-8")
    (commands,) = re.findall(r"```sh\n(python3 -m venv .*?)```", guide, re.S)
    release, place, unit = wheel.parent.parent / "one", tmp_path / "mnt", ROOT / "deploy/systemd/wegwijzer.service"
    shutil.copytree(wheel.parent, release / "dist")
    place.mkdir(mode=0o755)
    begin = f"mount --bind {place} /mnt; cd {release}\n"

    def there(text):
        return text.replace("/opt/wegwijzer", "/mnt/wegwijzer").replace("/srv/wegwijzer", "/mnt")

    subprocess.run([*APART, *BARE, begin + there(commands)], check=True, stdout=subprocess.DEVNULL)
    assert (place / "alone/index.html").is_file()
    serve = there(re.search(r"^ExecStart=(\S+) serve ", unit.read_text("utf-8"), re.M)[1])
    script = begin + SERVES.format(checkout=ROOT, release=release, nobody=NOBODY, serve=serve)
    with closing(Service(tmp_path, start=[*APART, *BARE, script, "sh"], cwd="/")) as service:
        said = json.loads(refer(service.port)[2])
        assert said == client.post("/api/v1/referrals", json=LETTER).json
        status = Path(f"/proc/{service.workers()[0]}/status").read_text("utf-8")
        assert re.search(r"^CapEff:\t0+$", status, re.M)
        assert os.geteuid() or re.search(r"^Uid:(\t65534){4}$", status, re.M)
    assert service.said().count("\n") == 1
