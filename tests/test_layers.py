"""What no linter sees of the house. Which package may use which stands in setup.cfg, for import-linter."""

import ast
from pathlib import Path

import service

PACKAGE = Path(service.__file__).parent


def imports(path):
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


MODULES = [path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE]


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

    Looked for is what is nobody's word by chance: concerns, destinations, and ids of two words or more. A question may
    well be called `position` and an answer `nothing`, which code says of other things.
    """
    vocabulary = library.rulebase.vocabulary
    ids = {*vocabulary.destinations, *vocabulary.concerns.answers}
    ids |= {one for fact in vocabulary.facts for one in (fact.id, *fact.answers) if "_" in one}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert node.value not in ids, f"{path.name}:{node.lineno} names {node.value!r}"


def test_the_service_under_test_is_ours():
    assert (PACKAGE / "core" / "README.md").is_file(), f"another package is called service: {PACKAGE}"
