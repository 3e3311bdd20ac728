"""Models, checkpoints and states that are damaged: `python -m tests.torture.damaged_models [FILES]`.

Each is a file of ours in which one to three things are changed: a bit, a length, a value of JSON, a tensor. Most have
their checksum renewed, so that not only it is what tells. Each is read by a command that uses it, in a process of its
own with limits. Right is the row of before, or one line and exit code 1. Wrong are all others: a traceback, a signal, a
hang, more memory, a number that is none in a row.
"""

import argparse
import copy
import fcntl
import json
import math
import random
import re
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from rnncli.models.tensors import _checksum
from tests.conftest import Here
from tests.torture.kinds import KINDS, train, write_inputs
from tests.torture.limits import MEMORY, limited

FINE, FOUND = ("read", "refused"), "found.json"
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 40, 65, 10**6, 10**7, 2**31, 2**53 + 1, 10**30, 0.0, 0.5, -2.5, 1e-320, 1e308),
    *("", "x", "a.b", "\n", "\x1b[31m", "\ud800", "%d", "%Y-%m-%d", "day:31", "zero", "linear", "7" * 400, [], {}),
    *([[]], [None], {"x": 1}, [0, 1], ["a", "a"], math.nan, math.inf, -math.inf),
)
DEEP = 5_000


def changed(values: Any, rng: random.Random) -> Any:
    """Plain data with one thing changed, anywhere in it."""
    values = copy.deepcopy(values)
    node, key = {"": values}, ""
    while isinstance(node[key], dict | list) and node[key] and rng.random() < 0.9:
        node = node[key]
        key = rng.choice(list(node)) if isinstance(node, dict) else rng.randrange(len(node))
    what = rng.randrange(7)
    if what == 0 and isinstance(node, dict | list) and node is not values and len(node):
        del node[key]
    elif what == 1 and isinstance(node[key], list):
        node[key] = node[key] * 2 if rng.random() < 0.5 else [*node[key], rng.choice(ODD)]
    elif what == 2 and isinstance(node[key], dict):
        node[key][rng.choice(["x", "crc32", "", "members", "frozen"])] = rng.choice(ODD)
    elif what == 3 and type(node[key]) in (int, float):
        node[key] = rng.choice(
            [node[key] + 1, node[key] - 1, -node[key], node[key] * 2, node[key] * 1000, str(node[key])]
        )
    elif what == 4 and isinstance(node[key], str):
        node[key] = rng.choice([node[key] + "x", node[key][:-1], node[key].upper(), [node[key]]])
    else:
        node[key] = rng.choice(ODD)
    return values.get("", values) if isinstance(values, dict) and "" in values and node is values else values


def changed_tensors(tensors: dict[str, np.ndarray], rng: random.Random) -> dict[str, np.ndarray]:
    """The same with one of them changed."""
    tensors = dict(tensors)
    if not tensors:
        return {"x": np.zeros(3, np.float32)}
    name = rng.choice(sorted(tensors))
    array = tensors[name]
    ways: list[Callable[[], np.ndarray]] = [
        lambda: array.reshape(-1),
        array.T.copy,
        lambda: array[:-1].copy() if array.ndim else array,
        lambda: np.concatenate([array, array]) if array.ndim else array,
        lambda: np.asarray(array.reshape(-1)[0] if array.size else 0.0, array.dtype),
        lambda: array.astype(rng.choice([np.float64, np.int64, np.uint8, np.float16, np.float32])),
        lambda: _with(array, rng.choice([np.nan, np.inf, -1, 1e30, 10**9]), rng),
        lambda: np.zeros((0, *array.shape[1:]), array.dtype),
    ]
    if rng.random() < 0.15:
        tensors[rng.choice(["x", "training.x", "members.0.x", name + "x"])] = tensors.pop(name)
    else:
        with np.errstate(all="ignore"):
            tensors[name] = rng.choice(ways)()
    return tensors


def _with(array: np.ndarray, value: float, rng: random.Random) -> np.ndarray:
    other = array.copy()
    if other.size:
        with np.errstate(all="ignore"):
            other.reshape(-1)[rng.randrange(other.size)] = np.float64(value).astype(other.dtype)
    return other


def damaged(data: bytes, rng: random.Random) -> bytes:
    """A file like this one, with a few things changed."""
    if rng.random() < 0.25:
        return _bytes(data, rng)
    tensors, parsed = _parts(data)
    values, first = dict(parsed), next(name for name in parsed if name.startswith("rnncli"))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if rng.random() < 0.2:
            tensors = changed_tensors(tensors, rng)
        else:
            name = rng.choice(sorted(values))
            values[name] = changed(values[name], rng)
    entries = {name: json.dumps(value) for name, value in values.items()}
    if rng.random() < 0.01:
        entries[rng.choice(sorted(entries))] = "[" * DEEP + "]" * DEEP
    text = entries[first]
    if text.endswith("}") and len(text) > 2 and rng.random() < 0.9:
        entries[first] = f'{text[:-1]}, "crc32": {_checksum(tensors, entries)}}}'
    return save(tensors, entries)


@lru_cache(64)
def _parts(data: bytes) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The tensors of a file, and what its texts say, without the checksum."""
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    values = {name: json.loads(text) for name, text in header["__metadata__"].items()}
    values[next(name for name in values if name.startswith("rnncli"))].pop("crc32")
    return load(data), values


def _bytes(data: bytes, rng: random.Random) -> bytes:
    """Bits, a stretch or the end of it."""
    other, header = bytearray(data), 8 + int.from_bytes(data[:8], "little")
    at = rng.randrange(len(other) if rng.random() < 0.3 else header)
    what = rng.randrange(4)
    if what == 0:
        return bytes(other[:at])
    if what == 1:
        del other[at : at + rng.randrange(1, 9)]
    elif what == 2:
        other[at : at + 1] = bytes([other[at] ^ 1 << rng.randrange(8)])
    else:
        other[at:at] = rng.choice([b'"', b"{", b"9", b"\0" * 8, b"\xff"])
    return bytes(other)


def commands(name: str, file: str, damaged: str) -> list[tuple[str, ...]]:
    """Those that read a file of this kind."""
    kind, model = KINDS[name], f"{name}.model"
    if file.endswith(".state"):
        return [("predict", model, kind.file, *kind.predict, "--threads", "1", "--state-file", damaged)]
    found = [("predict", damaged, kind.file, *kind.predict, "--threads", "1")]
    found += [("inspect", damaged), ("inspect", damaged, "--json")]
    if file.endswith(".checkpoint"):
        words = ("--epochs", "0.1", "--resume", "--threads", "1", "--quiet", "--seed", "3", "--hidden", "4")
        found.append(("train", kind.file, *kind.train, *words, "-o", damaged.removesuffix(".checkpoint")))
    elif kind.trained:
        words = ("--epochs", "0.1", "--threads", "1", "--quiet", "--init", damaged, "-o", f"{damaged}.new")
        found.append(("train", kind.file, *(w for w in kind.train if w != "2"), *words))
    return found


NUMBERS = re.compile(rb"(?<![\w.])-?(nan|inf)(?![\w.])", re.IGNORECASE)


def verdict(here: Here, words: tuple[str, ...], none: int, memory: int = MEMORY) -> str:
    """`refused`, `read`, or what went wrong; `none` are the numbers that are none in rows of the sound file."""
    try:
        with limited(memory):
            done = here(*words, input=b"")
    except BaseException as error:
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__} {Path(last.filename).name}:{last.lineno} {str(error)[:80]}"
    if done.code == 0:
        more = words[0] == "predict" and len(NUMBERS.findall(done.out)) > none
        return "a number that is none" if more else "read"
    lines = done.err.splitlines()
    if done.code not in (1, 2, 3) or not lines or not lines[-1].startswith(("rnncli: ", '{"error": "')):
        return f"exit code {done.code}: {done.err[-200:]}"
    return "refused"


def block(folder: Path, numbers: range, seed: int) -> None:
    """Write a line [number, what was run, verdict] for each file, as `random.Random` of seed and number has it."""
    here, found = Here(folder), json.loads((folder / FOUND).read_text())
    with tempfile.TemporaryDirectory() as place:

        @cache
        def none(name: str, file: str) -> int:
            copied = shutil.copy(folder / file, Path(place, "sound" + Path(file).suffix))
            return len(NUMBERS.findall(here(*commands(name, file, str(copied))[0]).out))

        for number in numbers:
            rng = random.Random(f"{seed} {number}")
            name = rng.choice(sorted(found))
            file = rng.choice(found[name])
            bad = Path(place, "d" + Path(file).suffix)
            bad.write_bytes(damaged((folder / file).read_bytes(), rng))
            words = rng.choice(commands(name, file, str(bad)))
            came = verdict(here, words, none(name, file))
            print(json.dumps([number, f"{file} {words[0]}", came]), flush=True)


def torture(folder: Path, first: int, count: int, seed: int = 0, shown: int = 40) -> Counter:
    """How often what came out of these numbers; the sound files are in the folder, or are trained into it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / FOUND).exists():
            write_inputs(folder)
            (folder / FOUND).write_text(json.dumps(train(folder)))
    counts, at = Counter(dict.fromkeys((*FINE, "wrong"), 0)), first
    while at < first + count:
        for number, what, came in _worker(folder, at, first + count, seed):
            at = number + 1
            counts[came if came in FINE else "wrong"] += 1
            if came not in FINE and (shown := shown - 1) >= 0:
                print(f"{number}: {what}: {came}", flush=True)
    return counts


def _worker(folder: Path, begin: int, end: int, seed: int) -> Iterator[tuple[int, str, str]]:
    """What a process of its own says of its files; of one that dies the last is that of which it died."""
    words = ["-m", "tests.torture.damaged_models", "--seed", str(seed), "--block", str(folder), str(begin), str(end)]
    done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    yield from map(tuple, lines)
    if len(lines) < end - begin:
        yield begin + len(lines), "", f"died of {done.returncode}: {done.stderr[-300:].decode()}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("files", nargs="?", type=int, default=100_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="of the sound files, which are trained if it has none")
    parser.add_argument("--block", nargs=3)
    options = parser.parse_args()
    if options.block:
        block(Path(options.block[0]), range(*map(int, options.block[1:])), options.seed)
    else:
        with tempfile.TemporaryDirectory() as place:
            counts = torture(options.folder or Path(place), options.first, options.files, options.seed)
        print(", ".join(f"{name} {count:,}" for name, count in counts.items()))
        sys.exit(bool(counts["wrong"]))
