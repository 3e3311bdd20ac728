"""Small models of every kind, with an input: what is damaged, killed and resumed."""

import random
import signal
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import Here, Shell, make_text

USUAL = ("--seed", "3", "--threads", "1", "--quiet")
SMALL = ("--hidden", "4", *USUAL)  # of those that are trained


@dataclass(frozen=True)
class Kind:
    """Files of an input, and the words of `train` and `predict`; `state` where a stream can be carried on."""

    file: str
    train: tuple[str, ...]
    predict: tuple[str, ...] = ()
    state: bool = False
    trained: bool = True  # else its read-out is fitted, and there is no checkpoint


KINDS = {
    "text": Kind("text.txt", ("--embed", "3", "--layers", "2"), ("--score",), state=True),
    "words": Kind("text.txt", ("--tokens", "word", "--cell", "gru"), ("--score",), state=True),
    "bytes": Kind("text.txt", ("--tokens", "byte", "--cell", "mingru"), ("--next", "3")),
    "lines": Kind("text.txt", ("--format", "lines", "--cell", "rnn"), ("--score",)),
    "members": Kind("text.txt", ("--members", "2", "--cell", "conv", "--layers", "2"), ("--score",), state=True),
    "generate": Kind("text.txt", ("--layers", "1"), ("--prompt", "the ", "--length", "30")),
    "classify": Kind("notes.csv", ("--text", "note", "--label", "kind", "--tokens", "word")),
    "multilabel": Kind("notes.csv", ("--text", "note", "--label", "kind", "--label-separator", "a"), ("--proba",)),
    "regress": Kind("waves.csv", ("--task", "regress", "--target", "peak", "--group", "id", "--learn", "all")),
    "read-out": Kind("waves.csv", ("--label", "room", "--group", "id", "--inputs", "x,y"), trained=False),
    "tag": Kind("tags.txt", ("--task", "tag", "--embed", "2")),
    "forecast": Kind(
        *("sales.csv", ("--target", "sales", "--time", "day", "--group", "shop", "--horizon", "3", "--known", "open")),
        ("--score",),
        state=True,
    ),
    "univariate": Kind(
        *(
            "sales.csv",
            ("--target", "sales,open", "--time", "day", "--group", "shop", "--univariate", "--inputs", "sky"),
        ),
        state=True,
    ),
    "echo": Kind(
        *("sales.csv", ("--target", "sales", "--inputs", "open", "--time", "none", "--learn", "readout")),
        state=True,
        trained=False,
    ),
    "counts": Kind("sales.csv", ("--target", "sales", "--time", "none", "--loss", "negbin", "--inputs", "open")),
}


def write_inputs(folder: Path) -> None:
    """All files that the kinds read."""
    rng = random.Random(0)
    (folder / "text.txt").write_text(make_text(80), encoding="utf-8")
    notes = [
        (f"{rng.choice(['milk', 'eggs'])} and {rng.choice('abcde') * 3}", rng.choice(["ham", "spam"]))
        for _ in range(60)
    ]
    (folder / "notes.csv").write_text("note,kind\n" + "".join(f"{note},{kind}\n" for note, kind in notes))
    rows = [f"{i},{i % 7 * t % 5},{rng.random():.3f},{'ab'[i % 2]},{i % 7}\n" for i in range(40) for t in range(12)]
    (folder / "waves.csv").write_text("id,x,y,room,peak\n" + "".join(rows))
    words = [
        f"{word} {'B-X' if word[0] in 'ab' else 'O'}\n" + "\n" * (i % 6 == 5)
        for i, word in enumerate(make_text(60).split())
    ]
    (folder / "tags.txt").write_text("".join(words))
    days = [
        f"2024-{1 + d // 28:02d}-{1 + d % 28:02d},{shop},{10 + d % 7 + rng.randrange(3)},{d % 7 // 6},{'rs'[d % 2]}\n"
        for shop in "pq"
        for d in range(140)
    ]
    (folder / "sales.csv").write_text("day,shop,sales,open,sky\n" + "".join(days))


def train(folder: Path, names: Iterable[str] = KINDS) -> dict[str, list[str]]:
    """Models of these kinds: kind -> its files: a model and, where there are such, a checkpoint and a state."""
    here, found = Here(folder), {}
    for name in names:
        kind = KINDS[name]
        words = ("train", kind.file, *(SMALL if kind.trained else USUAL), *kind.train)
        done = here(*words, "-o", f"{name}.model", *(["--epochs", "2"] if kind.trained else []))
        assert done.code == 0, (name, done.err)
        found[name] = [f"{name}.model"]
        if kind.trained:
            checkpoint(folder, words, name)
            found[name].append(f"{name}.model.checkpoint")
        if kind.state:
            done = here("predict", f"{name}.model", kind.file, *kind.predict, "--state-file", f"{name}.state")
            assert done.code == 0, (name, done.err)
            found[name].append(f"{name}.state")
    return found


def checkpoint(folder: Path, words: tuple[str, ...], name: str) -> None:
    """Of a training that was stopped."""
    shell = Shell(folder)
    process = shell.start(*words, "-o", f"{name}.run", "--epochs", "9999", "--log", f"{name}.log")
    while not (folder / f"{name}.log").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    shell.end()
    (folder / f"{name}.run.checkpoint").rename(folder / f"{name}.model.checkpoint")
