"""Docstrings are true: the names in them are there, and what they say is called is called so."""

import ast
import io
import re
import tokenize
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "rnncli"
FILES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
#: Names of other software.
OTHERS = {"arr_0", "arr_1"}
NAME = re.compile(r"`([A-Za-z_]\w*)`")
CALL = re.compile(r"`(?:\w+\.)*([A-Za-z_]\w*)\(([\w, ]*)\)`")


def docstrings_of(tree):
    """(node, docstring) of the module and of all classes and functions that have one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield node, text


def functions_of(tree):
    """The functions of the module and the methods of its classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from functions_of(node)
        elif isinstance(node, ast.FunctionDef):
            yield node


def names_of(source):
    """All names of a source, and the words of its texts; but of its docstrings and comments."""
    tree = ast.parse(source)
    documented = {line for node, _ in docstrings_of(tree) for line in lines_of(node.body[0])}
    names = set()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.NAME:
            names.add(token.string)
        elif token.type not in (tokenize.COMMENT, tokenize.OP) and token.start[0] not in documented:
            names |= set(re.findall(r"\w+", token.string))
    return names


def lines_of(node):
    return range(node.lineno, node.end_lineno + 1)


@cache
def source_of(file):
    return (PACKAGE / file).read_text(encoding="utf-8")


@cache
def every_name():
    return set().union(*(names_of(source_of(file)) for file in FILES)) | OTHERS


def parameters_of(tree):
    """Name -> parameters of each function or method of that name."""
    found = {}
    for node in functions_of(tree):
        given = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        found.setdefault(node.name, []).append(given)
    return found


def false_calls(tree):
    """Calls in docstrings whose parameters are those of no function of that name in the file, if there is one."""
    known = parameters_of(tree)
    for node, text in docstrings_of(tree):
        if getattr(node, "name", "").startswith("_"):
            continue
        for name, given in CALL.findall(text):
            names = [part.strip() for part in given.split(",") if part.strip()]
            if name in known and not any(set(names) <= set(parameters) for parameters in known[name]):
                yield f"{name}({given})"


@pytest.mark.parametrize("file", FILES)
def test_every_name_in_a_docstring_is_a_name_of_the_code(file):
    missing = {
        name for _, text in docstrings_of(ast.parse(source_of(file))) for name in NAME.findall(text)
    } - every_name()
    assert not missing


@pytest.mark.parametrize("file", FILES)
def test_what_a_docstring_calls_has_these_parameters(file):
    assert not list(false_calls(ast.parse(source_of(file))))


def test_what_is_false_is_found():
    source = 'def f(x):\n    """`y` of `x`, see `f(z)` and `f(x)`."""\n    # y\n    return "w"\n'
    assert names_of(source) & {"x", "y", "w"} == {"x", "w"}
    assert list(false_calls(ast.parse(source))) == ["f(z)"]
