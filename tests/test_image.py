"""The image: what its Dockerfile says. That it can be built and runs as promised is the optional job .ci/image."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_nothing_in_the_dockerfile_is_known_to_be_unwise():
    done = subprocess.run(
        [ROOT / "build/supply/bin/hadolint", "--no-color", ROOT / "Dockerfile"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_image_says_the_licences_of_what_is_in_it():
    said = re.search(r"^license = (.*)", (ROOT / "setup.cfg").read_text("utf-8"), re.M)[1]
    assert f'image.licenses="{said}"' in DOCKERFILE


def test_the_image_runs_as_a_numbered_user_who_owns_nothing():
    """A cluster that forbids root can check a number, not a name."""
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (.*)", last, re.M) == ["65532:65532"]
    assert "--chown" not in DOCKERFILE


def test_the_image_is_built_from_what_git_has_and_from_no_more():
    """Nothing that lies about in a checkout can come into it: every folder it copies is named to whoever builds."""
    copied = {name for line in re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M) for name in line.split()}
    allowed = set(re.findall(r"^!(.*)", (ROOT / ".dockerignore").read_text("utf-8"), re.M))
    assert copied == allowed
