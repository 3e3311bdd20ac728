#!/usr/bin/env bash
# Numba 0.68.1, jitted functions that call each other: a callee is compiled once for each integer constant that stands in a
# call of it, not once for its types. Called from Python with 0, 1, 2, .. it has one version, for int64; called from
# compiled code with the same constants it has one more for each, and each goes through all of the compiler.
# The documentation of literal types says that a callee can make use of a value; not that each is compiled for every value
# though it makes none. A helper that is called in many places with an offset or an axis so multiplies the time of a first
# run. Way out: an argument that is no constant, or the same function by way of `numba.extending.overload`, which is
# compiled once.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --disable-pip-version-check numba==0.68.1 numpy==2.4.6 2> /dev/null
cat > "$folder/try.py" <<'PYTHON'
import numba
from numba.core import event
from numba.extending import overload


def add(a, b):
    return a + b


callee = numba.njit(add)
for constant in range(5):
    callee(7, constant)
print("called from Python with 5 numbers:", len(callee.overloads), "version")


@numba.njit
def constants(a):
    return callee(a, 0) + callee(a, 1) + callee(a, 2) + callee(a, 3) + callee(a, 4)


constants(7)
print("then from compiled code with 5 constants:", len(callee.overloads), "versions, the last for", list(callee.overloads)[-1])


def plain(a, b):
    return a + b


compiled = []


@overload(plain)
def typed(a, b):
    compiled.append((a, b))
    return lambda a, b: a + b


@numba.njit
def overloaded(a):
    return plain(a, 0) + plain(a, 1) + plain(a, 2) + plain(a, 3) + plain(a, 4)


@numba.njit
def variables(a, n):
    return fresh(a, n) + fresh(a, n + 1) + fresh(a, n + 2) + fresh(a, n + 3) + fresh(a, n + 4)


fresh = numba.njit(add)
variables(7, 0)
print("with 5 variables:", len(fresh.overloads), "version")
with event.install_recorder("numba:compile") as recorder:
    overloaded(7)
names = [e.data["dispatcher"].__name__ for _, e in recorder.buffer if e.is_start and "dispatcher" in e.data]
print("5 constants, by way of overload:", sum(name != "overloaded" for name in names), "version")
PYTHON
"$folder/venv/bin/python" "$folder/try.py" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
called from Python with 5 numbers: 1 version
then from compiled code with 5 constants: 6 versions, the last for (int64, Literal[int](4))
with 5 variables: 1 version
5 constants, by way of overload: 1 version
SEEN
