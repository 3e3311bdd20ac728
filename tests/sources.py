"""The source files of the package, for tests of the rules that each of them keeps."""

import ast
from collections.abc import Callable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "rnncli"
FILES = sorted(path.relative_to(ROOT).as_posix() for path in PACKAGE.rglob("*.py"))


@cache
def source_of(file: str) -> str:
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def tree_of(file: str) -> ast.Module:
    return ast.parse(source_of(file))


@cache
def nodes_of(file: str) -> list[ast.AST]:
    return list(ast.walk(tree_of(file)))


def every_file(check: Callable[[str], None]) -> Callable[[], None]:
    """One test that checks every file and names each that fails: a test a file would take longer than the checks."""

    def test():
        faults = faults_of(check, FILES)
        assert not faults, faults

    test.__doc__ = check.__doc__
    return test


def faults_of(check: Callable[[str], None], files: list[str]) -> dict[str, str]:
    """file -> what is wrong with it, as the check's `assert` says it."""
    faults = {}
    for file in files:
        try:
            check(file)
        except AssertionError as error:
            faults[file] = str(error)
    return faults
