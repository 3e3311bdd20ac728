"""Docstrings are true: the names in them are there, and what they say is called is called so."""

import ast
import re
from functools import cache

from tests.sources import FILES, every_file, nodes_of, source_of, tree_of

#: Names of other software.
OTHERS = {"arr_0", "arr_1"}
NAME = re.compile(r"`([A-Za-z_]\w*)`")
CALL = re.compile(r"`(?:\w+\.)*([A-Za-z_]\w*)\(([\w, ]*)\)`")


@cache
def docstrings_of(tree):
    """(node, docstring) of the module and of all classes and functions that have one."""
    documented = [n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return [(node, text) for node in documented if (text := ast.get_docstring(node))]


def functions_of(tree):
    """The functions of the module and the methods of its classes."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield from functions_of(node)
        elif isinstance(node, ast.FunctionDef):
            yield node


def names_of(source, tree):
    """All names of a source, and the words of its texts; but of its docstrings and comments."""
    documented = {line for node, _ in docstrings_of(tree) for line in lines_of(node.body[0])}
    lines = [line for number, line in enumerate(source.splitlines(), 1) if number not in documented]
    return {word for line in lines for word in re.findall(r"\w+", line.partition("#")[0])}


def lines_of(node):
    return range(node.lineno, node.end_lineno + 1)


@cache
def every_name():
    return set().union(*(names_of(source_of(file), tree_of(file)) for file in FILES)) | OTHERS


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


def parameters_in(node):
    """The names of a function's parameters."""
    a = node.args
    return {one.arg for one in (*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg) if one}


@cache
def every_parameter():
    """The names of the parameters of all functions of the package."""
    functions = [n for file in FILES for n in nodes_of(file) if isinstance(n, ast.FunctionDef)]
    return set().union(*map(parameters_in, functions))


def known_in(tree):
    """Names that a docstring of the file may mean: functions, classes, attributes, fields, imports, words of texts."""
    documentation, names = {node.body[0].value for node, _ in docstrings_of(tree)}, set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.alias):
            names |= set((node.asname or node.name).split("."))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in documentation:
            names |= set(re.findall(r"\w+", node.value))
    return names


def false_parameters(tree, parameters):
    """Names of parameters in the docstring of a function that has no such parameter or variable."""
    known = None  # few docstrings need it
    for node, text in docstrings_of(tree):
        named = parameters.intersection(NAME.findall(text)) if isinstance(node, ast.FunctionDef) else ()
        if named:
            inside = list(ast.walk(node))
            own = {n.id for n in inside if isinstance(n, ast.Name)}
            others = sorted(
                named.difference(own, *(parameters_in(n) for n in inside if isinstance(n, ast.FunctionDef)))
            )
            known = known_in(tree) if others and known is None else known
            yield from (f"{node.name}: {name}" for name in others if name not in known)


@every_file
def test_a_parameter_in_a_docstring_is_one_of_the_function(file):
    assert not list(false_parameters(tree_of(file), every_parameter()))


@every_file
def test_every_name_in_a_docstring_is_a_name_of_the_code(file):
    missing = {name for _, text in docstrings_of(tree_of(file)) for name in NAME.findall(text)} - every_name()
    assert not missing


@every_file
def test_what_a_docstring_calls_has_these_parameters(file):
    assert not list(false_calls(tree_of(file)))


def test_what_is_false_is_found():
    source = 'def f(x):\n    """`y` of `x`, see `f(z)` and `f(x)`."""\n    # y\n    return "w"\n'
    assert names_of(source, ast.parse(source)) & {"x", "y", "w"} == {"x", "w"}
    assert list(false_calls(ast.parse(source))) == ["f(z)"]
    source = 'def f(x):\n    """`x` times `y`, see `g`."""\n    return x * 2\n\n\ndef g(y):\n    pass\n'
    assert list(false_parameters(ast.parse(source), {"x", "y"})) == ["f: y"]
