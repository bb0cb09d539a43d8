"""Which module may import which. The table is design section 2; a new arrow is a decision, not an accident."""

import ast
from pathlib import Path

import pytest

import service

PACKAGE = Path(service.__file__).parent

MAY_IMPORT = {
    "core": {"core"},
    "files": set(),
    "authoring": {"core"},
    "load": {"authoring", "core"},
    "audience": {"authoring", "core"},
    "texts": {"audience", "authoring", "core", "files"},
    "organisations": {"audience", "authoring", "core", "texts"},
    "promises": {"authoring", "core", "load", "texts"},
    "competence": {"authoring", "core", "load", "texts"},
    "quotations": {"core", "texts"},
    "glossary": {"authoring", "core", "texts"},
    "library": {
        "authoring",
        "competence",
        "core",
        "files",
        "glossary",
        "load",
        "organisations",
        "promises",
        "quotations",
        "texts",
    },
    "engine": {"core"},
    "tally": set(),
    "decide": {"core", "engine", "tally"},
    "directory": {"organisations", "texts"},
    "prove": {"competence", "core", "engine", "library", "promises", "quotations", "texts"},
    "present": {"audience", "core", "decide", "library", "organisations", "texts"},
    "proven": {"authoring", "core", "decide", "library", "present", "prove", "quotations"},
    "coverage": {"library", "quotations"},
    "explain": {"core"},
    "explain_text": {"core", "explain", "library", "present", "terminal"},
    "case": {"core"},
    "tables": {"core", "library"},
    "dmn": {"core", "library"},
    "diff": {"core"},
    "revisions": {"authoring", "core", "files", "load", "texts"},
    "diff_report": {"core", "diff", "revisions", "texts"},
    "terminal": {"audience", "core", "present"},
    "maps": {"core"},
    "workbench": {"case", "core", "explain", "library", "present"},
    "web": {
        "authoring",
        "core",
        "decide",
        "directory",
        "files",
        "library",
        "maps",
        "organisations",
        "present",
        "proven",
        "tables",
        "tally",
        "texts",
        "web",
        "workbench",
    },
    "cli": {
        "authoring",
        "case",
        "coverage",
        "core",
        "decide",
        "diff",
        "diff_report",
        "directory",
        "dmn",
        "explain",
        "explain_text",
        "files",
        "library",
        "organisations",
        "present",
        "prove",
        "proven",
        "revisions",
        "tables",
        "terminal",
        "texts",
        "web",
    },
}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


def part(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_what_its_layer_may(path):
    ours = {name.split(".")[1] for name in imports(path) if name.startswith("service.")}
    assert ours <= MAY_IMPORT[part(path)]


def test_only_the_engine_knows_durable_rules():
    assert [part(path) for path in MODULES if "durable_rules_engine" in imports(path)] == ["engine"]


def test_core_reads_nothing_and_has_no_clock():
    banned = {
        "flask",
        "marshmallow",
        "sqlite_utils",
        "durable_rules_engine",
        "tomllib",
        "pathlib",
        "os",
        "time",
        "json",
    }
    for path in (PACKAGE / "core").glob("*.py"):
        assert not banned & {name.split(".")[0] for name in imports(path)}, path.name
        assert ".today(" not in path.read_text("utf-8")


def test_python_holds_no_id_of_a_fact_answer_or_destination(library):
    """Adding a rule, an outcome, a question or an answer must need no change in Python.

    The few ids below are words the code needs for itself: the answer for not knowing, the fact that the directory
    gives each organisation, and names of the API and the command line that happen to be the same word.
    """
    vocabulary = library.rulebase.vocabulary
    ids = set(vocabulary.destinations) | {fact.id for fact in vocabulary.facts}
    ids |= {answer for fact in vocabulary.facts for answer in fact.answers}
    known = {"unknown", "regime", "none", "other", "report", "talk"}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in ids - known, f"{path.name}:{node.lineno} names {node.value!r}"


def test_the_service_under_test_is_ours():
    assert (PACKAGE / "core" / "README.md").is_file(), f"another package is called service: {PACKAGE}"
