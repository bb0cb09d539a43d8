"""The papers for whoever takes this over are whole, keep to their standards, and say of the product what is so."""

from __future__ import annotations

import configparser
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from service.cli.main import main

ROOT = Path(__file__).parent.parent
PUBLIC = yaml.safe_load((ROOT / "publiccode.yml").read_text("utf-8"))
RELEASING = (ROOT / "docs/releasing.md").read_text("utf-8")
TEXT = {"type": "string", "minLength": 1}
LINK = {"type": "string", "pattern": "^https://"}
TEXTS = {"type": "array", "items": TEXT, "minItems": 1, "uniqueItems": True}


def table(required, **fields):
    return {"type": "object", "additionalProperties": False, "required": required, "properties": fields}


def one_of(words):
    return {"enum": words.split()}


# The keys that we use of https://yml.publiccode.tools/ 0.7, as docs/standard/schema.core.rst of its repository says.
STANDARD = table(
    [
        *("publiccodeYmlVersion", "name", "url", "platforms", "developmentStatus", "softwareType"),
        *("description", "legal", "maintenance", "localisation"),
    ],
    publiccodeYmlVersion={"const": "0.7"},
    name=TEXT,
    url=LINK,
    softwareVersion=TEXT,
    releaseDate={"type": "string", "format": "date"},
    platforms={**TEXTS, "items": one_of("web windows mac linux ios android")},
    categories={**TEXTS, "items": one_of("whistleblowing regulations-and-directives hr knowledge-management")},
    developmentStatus=one_of("concept development beta stable obsolete"),
    softwareType=one_of("standalone/web standalone/backend standalone/other"),
    intendedAudience=table(
        [],
        countries={"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}$"}},
        scope={**TEXTS, "items": one_of("government employment justice society")},
    ),
    description={
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": "^[a-z]{2,3}$"},
        "additionalProperties": table(
            ["shortDescription", "longDescription", "features"],
            shortDescription={**TEXT, "maxLength": 150},
            longDescription={**TEXT, "minLength": 150, "maxLength": 10_000},
            features=TEXTS,
            documentation=LINK,
        ),
    },
    legal=table(["license"], license=TEXT, mainCopyrightOwner=TEXT),
    maintenance={
        **table(
            ["type"],
            type=one_of("internal contract community none"),
            contacts={
                "type": "array",
                "minItems": 1,
                "items": table(["name"], name=TEXT, email=TEXT, affiliation=TEXT),
            },
        ),
        "if": {"properties": {"type": one_of("internal community")}},
        "then": {"required": ["contacts"]},
    },
    localisation=table(
        ["localisationReady", "availableLanguages"], localisationReady={"type": "boolean"}, availableLanguages=TEXTS
    ),
)


def test_publiccode_keeps_to_its_standard():
    jsonschema.validate(PUBLIC, STANDARD, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize(
    "wrong",
    [
        {"maintenance": {"type": "internal"}},
        {"categories": ["government-websites"]},
        {"releaseDate": "soon"},
        {"usedby": ["nobody"]},
        {"description": {"nl": {"shortDescription": "kort", "longDescription": "te kort", "features": ["iets"]}}},
    ],
    ids=str,
)
def test_what_the_standard_does_not_allow_would_be_noticed(wrong):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**PUBLIC, **wrong}, STANDARD, format_checker=jsonschema.FormatChecker())


def test_publiccode_says_of_the_product_what_is_so():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", "utf-8")
    assert PUBLIC["legal"]["license"] in setup["metadata"]["license"].split(" AND ")
    site = tomllib.loads((ROOT / "content/site.toml").read_text("utf-8"))
    assert set(PUBLIC["localisation"]["availableLanguages"]) == {
        name for name, said in site.items() if type(said) is dict
    }
    released = re.findall(
        r"^## \[?(\d+\.\d+\.\d+)\]?.*?(\d{4}-\d\d-\d\d)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M
    )
    said = [(PUBLIC.get("softwareVersion"), PUBLIC.get("releaseDate"))]
    assert said == (released[:1] or [(None, None)])


# The fields of the Publicatiestandaard 1.0.0 in its order, and how many characters each may have fewer than.
FIELDS = {
    "Naam": 100,
    "Korte omschrijving": 350,
    "Organisatie": 100,
    "Thema": None,
    "Status": None,
    "Begindatum": None,
    "Einddatum": None,
    "Contactgegevens": None,
    "Link naar publiekspagina": None,
    "Publicatiecategorie": None,
    "Link naar bronregistratie": None,
    "Doel en impact": 2500,
    "Afwegingen": 2500,
    "Menselijke tussenkomst": 2500,
    "Risicobeheer": 2500,
    "Wettelijke basis": 2500,
    "Link naar wettelijke basis": None,
    "Titel van wettelijke basis": 100,
    "Verwerkingsregister": None,
    "Impacttoets(en)": None,
    "Link naar Impacttoets": None,
    "Toelichting op impacttoetsen": 2500,
    "Gegevens": 2500,
    "Link naar Gegevensbron": None,
    "Titel van Gegevensbron": 500,
    "Technische werking": 5000,
    "Leverancier": 200,
    "Link naar broncode": None,
    "Taal": None,
    "Schema": None,
    "Bron-ID": 100,
    "Zoektermen": 2500,
}


def test_every_field_of_the_algoritmeregister_has_a_text_that_fits():
    page = (ROOT / "docs/algoritmeregister.md").read_text("utf-8")
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", page, re.M)[1:]
    assert [name for name, _ in rows] == list(FIELDS)
    assert [name for name, said in rows if FIELDS[name] and len(said) >= FIELDS[name]] == []


def test_every_criterion_of_public_code_has_one_status():
    page = (ROOT / "docs/public-code.md").read_text("utf-8")
    rows = re.findall(r"^\| ([A-Z][^|]+) \| (met|partly|not) \| ([^|]+) \|$", page, re.M)
    assert len({name for name, _, _ in rows}) == len(rows) == 16


def commands(text):
    """What stands between backticks and is run: of make, of this product, of a script."""
    return re.findall(r"`((?:make |wegwijzer |scripts/\w)[^`\n]*)`", text)


@pytest.mark.parametrize(
    "path",
    [
        *(
            "SECURITY.md",
            "GOVERNANCE.md",
            "CONTRIBUTING.md",
            "docs/releasing.md",
            "docs/engine-exit.md",
            "docs/dpia.md",
        ),
        *(str(one.relative_to(ROOT)) for one in (ROOT / ".github").rglob("*.md")),
    ],
)
def test_every_command_in_the_papers_exists(path):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    for command in commands((ROOT / path).read_text("utf-8")):
        program, *words = shlex.split(command)
        if program == "make":
            assert [one for one in words if "=" not in one and one not in targets] == [], command
        elif program == "wegwijzer" and not words[0].startswith("-"):
            known = {option for one in main.commands[words[0]].params for option in one.opts}
            assert [one for one in words if one.startswith("--") and one not in known] == [], command
        elif program.startswith("scripts/"):
            assert (ROOT / program).exists(), command


def test_the_way_to_release_names_what_the_scripts_write():
    assert {"make test", "make wheel", "make sbom", "make docs"} <= set(commands(RELEASING))
    assert 'out="${1:-dist}"' in (ROOT / "scripts/wheel").read_text("utf-8")
    assert "dist/advisories.zip" in (ROOT / "Makefile").read_text("utf-8")


def test_a_wrong_referral_is_reported_by_options_that_exist_and_without_a_story():
    form = (ROOT / ".github/ISSUE_TEMPLATE/verkeerde-doorverwijzing.md").read_text("utf-8")
    line = re.search(r"^wegwijzer case .*$", form, re.M)[0]
    known = {option for one in main.commands["case"].params for option in one.opts}
    asked = set(re.findall(r"--[a-z]+", line))
    assert {"--should", "--story", "--tells"} <= asked <= known
    assert "geen verhaal" in form


@pytest.mark.processes
def test_the_site_is_built_of_every_page_without_a_dead_link(tmp_path):
    command = [ROOT / "build/docs-tools/bin/python", "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going"]
    done = subprocess.run(
        [*command, "--conf-dir", "docs/site", "--doctree-dir", tmp_path / "pages", ".", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    site = tmp_path / "site"
    door = re.search(r"url=([^\"]+)", (site / "index.html").read_text("utf-8"))[1]
    assert (site / door).is_file()
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        assert (site / page.relative_to(ROOT).with_suffix(".html")).is_file(), page
    fetched = re.findall(r'(?:src|href)="(https?:[^"]+\.(?:js|css|woff2?)[^"]*)"', (site / door).read_text("utf-8"))
    assert fetched == []
