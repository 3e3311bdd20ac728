"""Types: every public function has them, so that `make lint` has something to check."""

import ast

from tests.sources import every_file, tree_of


def is_kernel(function):
    """Whether Numba types it, by the signature it is decorated with."""
    return "kernel" in [getattr(getattr(decorator, "func", None), "id", "") for decorator in function.decorator_list]


def without_types(tree):
    """`line name: what` of each public function or method that lacks the type of a parameter or of its result."""
    found = []

    def look(body, in_class):
        for node in body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                look(node.body, True)
            private = isinstance(node, ast.FunctionDef) and node.name.startswith("_") and not node.name.startswith("__")
            if not isinstance(node, ast.FunctionDef) or private or is_kernel(node):
                continue
            a = node.args
            parameters = [*a.posonlyargs, *a.args, *a.kwonlyargs, *filter(None, [a.vararg, a.kwarg])]
            bound = in_class and "staticmethod" not in [getattr(d, "id", "") for d in node.decorator_list]
            missing = [p.arg for p in parameters[bound:] if p.annotation is None]
            if node.returns is None and node.name != "__init__":
                missing.append("result")
            found.extend(f"{node.lineno} {node.name}: {what}" for what in missing)

    look(tree.body, False)
    return found


@every_file
def test_every_public_function_has_types(file):
    if not file.startswith("rnncli/kernels/"):
        assert not without_types(tree_of(file))


def test_what_lacks_types_is_found():
    tree = ast.parse(
        "class A:\n def f(self, x, *, y: int): ...\ndef g() -> int: ...\ndef _h(x): ...\n@kernel('')\ndef k(x): ...\n"
    )
    assert without_types(tree) == ["2 f: x", "2 f: result"]
