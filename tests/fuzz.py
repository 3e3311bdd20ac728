"""Damaged files through the readers: whatever comes, they read it or say what is wrong in one line, in 10 s and 300 MB.

`python -m tests.fuzz [FILES]` mutates small files of every form; `python -m tests.fuzz --folder DIR` cuts each file
of a folder at 50 random places instead.
"""

import argparse
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import traceback
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import numpy as np

from rnncli.data.columns import Known, Roles
from rnncli.errors import RnncliError
from rnncli.readers.columns import read_columns
from rnncli.readers.form import Form
from rnncli.readers.forms import recognise
from rnncli.readers.numerals import Writing
from rnncli.readers.reader import Request
from rnncli.readers.text import language_sequences
from rnncli.readers.text_forms import recognise_texts
from tests.torture.limits import limited

CUTS = 50
LARGEST = 4 << 20  # bytes of a file that are cut
MOST = 5  # failures that are shown
BLOCK = 10_000  # files that one process reads
READ, REFUSED, APART = ".", "x", "\0"
ABORTED = "a page asks for more memory than there is"
TOKENS = (
    *(b"", b",", b";", b"\t", b"|", b'"', b"\n", b"\r", b"\n\n", b"#", b"# x\n", b"sep=;\n", b"\0", b"\xff", b"nan"),
    *(
        b"-",
        b"1,112",
        b"1.112,5",
        b"5.1%",
        b"$",
        b"(1)",
        b"inf",
        b"-inf",
        b"1e999",
        b"9" * 400,
        b"NA",
        b"-999",
        b"True",
    ),
    *(
        b"1.0",
        b"\xc2\xa0",
        b"\xe2\x88\x92",
        b"{",
        b"[",
        b"null",
        b"1D5",
        b"2024-01-01",
        b"24:00",
        b"\xef\xbb\xbf",
        b"__label__",
        b" __label__a ",
    ),
)
WRITINGS = (Writing(), Writing(("-", "-999")), Writing(decimal=","), Writing(decimal="."))


def _csv(separator: str, head: bool, decimal: str = ".") -> bytes:
    rows = [
        f"2024-01-{i:02d}{separator}{i % 3}{separator}{i}{decimal}5{separator}{'ab'[i % 2]}{separator}{i % 3 % 2}"
        for i in range(1, 20)
    ]
    return ("\n".join([separator.join(("t", "g", "x", "k", "y"))] * head + rows) + "\n").encode()


def _ts(stamped: bool) -> bytes:
    row = "(2024-01-01 00:00:0{i},{i}.5),(2024-01-01 00:01:00,?)" if stamped else "{i}.5,?,-2"
    rows = [f"{row}:{row}:{'ab'[i % 2]}".format(i=i) for i in range(10)]
    return "\n".join((f"# c\n@timestamps {stamped}", "@classLabel true a b", "@data", *rows, "")).encode()


def _arff(relational: bool) -> bytes:
    steps = [f"@attribute t{i} numeric" for i in range(3)]
    steps = ["@attribute bag relational", *steps, "@end bag"] if relational else steps
    rows = [(f"'{i},2,?\\n-3,4,{i}.5'" if relational else f"{i},?,-2.5") + ",'it\\'s'" for i in range(10)]
    return "\n".join(("% c", "@relation r", *steps, "@attribute y {a,'it\\'s'}", "@data", *rows, "")).encode()


def _tsf() -> bytes:
    tags = (
        "# c",
        "@attribute series_name string",
        "@attribute start date",
        "@frequency monthly",
        "@horizon 2",
        "@data",
    )
    rows = [f"T{i}:2020-01-{i + 20} 00-00-00:{i},?,-2.5,1e3" for i in range(10)]
    return "\n".join((*tags, *rows, "")).encode()


def _saved(save, *arrays, **named) -> bytes:
    out = io.BytesIO()
    save(out, *arrays, **named)
    return out.getvalue()


@cache
def seeds() -> tuple[tuple[str, str, bytes, tuple[tuple[str, Roles], ...]], ...]:
    """(name, --format, content, (task, roles) that it may be read by)."""
    import polars as pl

    table = (
        ("forecast", Roles(time="t", targets=("x",))),
        ("forecast", Roles(time="t", targets=("x",), group="g")),
        ("classify", Roles(label="y", group="g", time="t")),
        ("regress", Roles(targets=("y",), group="g")),
        ("tag", Roles(tag="k", group="g")),
        ("forecast", Roles()),
    )
    numbered = tuple((task, Roles(time="1", targets=("3",))) for task in ("forecast",))
    plain = (("classify", Roles()), ("regress", Roles()), ("tag", Roles()), ("forecast", Roles()), ("auto", Roles()))
    frame = pl.read_csv(_csv(",", True))
    parquet = _saved(lambda out: frame.write_parquet(out, compression="uncompressed"))
    one = b"v\n" + b"".join(b"%d.5\n" % i for i in range(20))
    wide = b"\n".join(b"%d,%d.5,2,3,4" % (i % 2, i) for i in range(12)) + b"\n"
    lines = b"\n".join(b'{"x": [[%d, 2.5], [3, null]], "y": "%d"}' % (i, i % 2) for i in range(8)) + b"\n"
    by_row = (("classify", Roles(label="1")), ("forecast", Roles()), ("regress", Roles(targets=("2",))))
    texts = [f"{'abc'[i % 3]} word, {'more' * (i % 2)}" for i in range(12)]
    marked = "".join(f"__label__{i % 2} {text}\n__label__b {text}\t__label__a\n" for i, text in enumerate(texts))
    pairs = "".join(f"{i % 2}\t{text}\n" for i, text in enumerate(texts))
    quoted = "y,x\n" + "".join(f'{i % 2},"{text}"\n' for i, text in enumerate(texts))
    sets = "".join(f'{{"x": "{text}", "y": {["a", "b"][: i % 3]}}}\n' for i, text in enumerate(texts)).replace("'", '"')
    tags = "The DT B-NP\ndog NN I-NP\n. . O\n\n" * 4
    of_text = (("classify", Roles()), ("multilabel", Roles()), ("auto", Roles()), ("classify", Roles("2", "1")))
    named = (("classify", Roles("x", "y")), ("multilabel", Roles("x", "y")), ("regress", Roles("x", targets=("y",))))
    poems = [f'{i}. "a|b"\nline, {"x" * (i % 3)}\n' for i in range(10)]
    by_comma = "n,text\n" + "".join(f'{i},"{poem.replace(chr(34), chr(34) * 2)}"\n' for i, poem in enumerate(poems))
    objects = "".join(json.dumps({"n": i, "text": poem}) + "\n" for i, poem in enumerate(poems))
    frame = pl.DataFrame({"n": range(10), "text": poems})
    of_poems = _saved(lambda out: frame.write_parquet(out, compression="uncompressed"))
    language = (("language", Roles()), ("language", Roles("text")))
    start = '"start": "2024-01-29/2024-02-04", "feat_dynamic_real": [[1, 2, 3]], "feat_static_cat": [1]'
    gluonts = "".join(f'{{"target": [{i}, "Nan"], "item_id": {i}, {start}}}\n' for i in range(8)).encode()
    rows = "".join(
        json.dumps({"t": f"2024-01-{i + 1:02d}", "g": i % 3, "x": i + 0.5, "k": "ab"[i % 2], "y": i % 3 % 2}) + "\n"
        for i in range(19)
    )
    each = [json.loads(row) for row in rows.splitlines()]
    by_columns = json.dumps({name: {str(i): one[name] for i, one in enumerate(each)} for name in each[0]})
    split = json.dumps({"columns": list(each[0]), "data": [list(one.values()) for one in each]}, indent=1)
    fields = [list(each[0]), ["---"] * len(each[0]), *(one.values() for one in each)]
    drawn = "".join(f"| {' | '.join(map(str, row))} |\n" for row in fields)
    tags = "@attribute t date 'dd/MM/yyyy'\n@attribute g {0,1,2}\n@attribute x real\n@attribute k string\n"
    tags += "@attribute y {0,1}\n@data\n"
    by_name = (tags + "".join(f"{i + 1:02d}/01/2024,{i % 3},{i}.5,'b',{i % 3 % 2}\n" for i in range(19))).encode()
    x, y = np.arange(36, dtype=np.float32).reshape(6, 3, 2), np.arange(6) % 2
    mask = np.ones((6, 3), bool)
    return (
        ("a.csv", "table", _csv(",", True), table),
        ("a.csv", "auto", _csv(";", True, ","), table),
        ("a.tsv", "table", _csv("\t", True), table),
        ("a.txt", "table", _csv(" ", True), table),
        ("a.csv", "table", _csv("|", False), numbered),
        ("a.csv", "table", one, (("forecast", Roles(targets=("v",))), ("forecast", Roles()))),
        ("a.parquet", "auto", parquet, table),
        ("a.csv", "wide", wide, by_row),
        ("a.jsonl", "auto", lines, plain),
        ("a.ts", "auto", _ts(False), plain),
        ("a.ts", "ts", _ts(True), plain),
        ("a.tsf", "auto", _tsf(), (("forecast", Roles()), ("forecast", Roles(group="start")), ("auto", Roles()))),
        ("a.jsonl", "auto", rows.encode(), table),
        ("a.json", "auto", f"[{','.join(rows.splitlines())}]".encode(), table),
        ("a.json", "auto", by_columns.encode(), table),
        ("a.json", "auto", split.encode(), table),
        ("a.md", "auto", drawn.encode(), table),
        ("a.arff", "auto", by_name, table),
        ("a.jsonl", "auto", gluonts, (("forecast", Roles()), ("auto", Roles()))),
        ("a.arff", "arff", _arff(True), plain),
        ("a.arff", "arff", _arff(False), plain),
        ("a.txt", "auto", marked.encode(), of_text),
        ("a.txt", "labelled", marked.encode(), of_text),
        ("a.tsv", "auto", pairs.encode(), of_text),
        ("a.csv", "auto", quoted.encode(), named),
        ("a.jsonl", "auto", sets.encode(), plain + named),
        ("a.conll", "auto", tags.encode(), (("tag", Roles()), ("auto", Roles()))),
        ("a.jsonl", "auto", objects.encode(), language),
        ("a.csv", "auto", by_comma.encode(), language),
        ("a.csv", "auto", b"".join(b"poem\n" + b'"two\nlines"\n' * 9 for _ in range(2)), language[:1]),
        ("a.tsv", "auto", by_comma.replace(",", "\t").encode(), language),
        ("a.parquet", "auto", of_poems, language),
        ("a.txt", "blocks", "\n".join(poems).encode(), language[:1]),
        ("a.npy", "auto", _saved(np.save, x), plain),
        ("a.npz", "auto", _saved(np.savez, x=x, y=y), plain),
        ("a.npz", "auto", _saved(np.savez, x=x[:, :, 0], y=y), plain),
        ("a.npz", "auto", _saved(np.savez, x=x, y=y, mask=mask), plain),
        ("a.npz", "auto", _saved(np.savez, x=x, y=y, lengths=np.array([1, 2, 3, 3, 2, 1])), plain),
    )


def mutated(content: bytes, rng: random.Random) -> bytes:
    """With bytes flipped, cut, doubled, put in or exchanged, one to three times."""
    content = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 3))):
        a, b = sorted(rng.randrange(len(content) + 1) for _ in range(2))
        kind = rng.randrange(7)
        if kind == 0 and content:
            content[min(a, len(content) - 1)] = rng.randrange(256)
        elif kind == 1:
            del content[a : min(b, a + rng.randint(1, 40))]
        elif kind == 2:
            content[a:a] = content[a : min(b, a + 200)]
        elif kind == 3:
            content[a:a] = rng.choice(TOKENS)
        elif kind == 4:
            content[a : a + rng.randint(0, 6)] = rng.choice(TOKENS)
        elif kind == 5 and rng.random() < 0.3:
            del content[rng.choice((a, b)) :]
        else:
            fields = bytes(content).split(b",")
            i, j = rng.randrange(len(fields)), rng.randrange(len(fields))
            fields[i], fields[j] = fields[j], fields[i]
            content = bytearray(b",".join(fields))
    return bytes(content)


def archive(rng: random.Random) -> bytes:
    """Arrays of all shapes and types, whether they fit each other or not."""
    rows = np.random.default_rng(rng.getrandbits(32))
    N, T, D = rng.randint(0, 5), rng.randint(0, 5), rng.randint(0, 3)
    shapes = ((), (N,), (N, T), (N, T, D), (N, T, D, 2), (T, D), (N * T, D), (N + 1,), (D, N))
    arrays = {}
    for name in ("x", "y", "lengths", "offsets", "mask", "z", "arr_0", "arr_1"):
        if rng.random() < {"x": 0.9, "y": 0.6}.get(name, 0.2):
            shape = rng.choice(shapes if name != "x" or rng.random() < 0.2 else shapes[2:4])
            kind = rng.choice(("f4", "f8", "f8", "i8", "i8", "bool", "u1", "U3", "c8"))
            with warnings.catch_warnings(action="ignore"):
                array = np.asarray(rows.standard_normal(shape) * 3).astype(kind)
            if array.dtype.kind == "f" and rng.random() < 0.5:
                array = np.where(rows.random(shape) < 0.3, rng.choice((np.nan, np.inf, 0)), array)
            if name == "lengths" and rng.random() < 0.7:
                array = rows.integers(0, T + 2, N)
            arrays[name] = array
    return _saved(np.savez, **arrays)


def read(path: str, asked: str, task: str, roles: Roles, writing: Writing, known: Known | None = None) -> str:
    """Read it as the tool would: `read`, or the message; anything else is raised."""
    try:
        if task == "language":
            read_texts(path, asked, roles, known is not None)
            return "read"
        form = recognise(path, asked, roles, "utf-8", task, writing)
        if form.name not in ("text", "lines"):
            read_columns([path], Request(form, roles, "utf-8", "char", task, known))
    except RnncliError as error:
        message = str(error)
        if "\n" in message or "Traceback" in message or not message:
            raise AssertionError(f"no one line: {message!r}") from error
        return message
    return "read"


def read_texts(path: str, asked: str, roles: Roles, trained: bool) -> None:
    """The records of a language model, also as one reads them that was trained on another file."""
    form = recognise_texts(path, asked, roles.text, "utf-8")
    tokens = ("char", "byte", "word")[os.path.getsize(path) % 3]
    _, vocabulary = language_sequences([path], form, tokens, "utf-8", None)
    if trained and form.name != "blocks":
        others = (Form("jsonl", text="text"), Form("labelled", ",", True, columns=("n", "text"), text="text"))
        form = others[path.endswith((".csv", ".tsv", ".parquet"))]
    language_sequences([path], form, tokens, "utf-8", vocabulary)


def case(number: int, seed: int, folder: Path) -> tuple[str, str, bytes]:
    """Read the file of this number: (what came of it, name, content)."""
    rng = random.Random(f"{seed} {number}")
    name, asked, content, ways = rng.choice(seeds())
    content = archive(rng) if name == "a.npz" and rng.random() < 0.7 else mutated(content, rng)
    (folder / name).write_bytes(content)
    task, roles = rng.choice(ways)
    known = None if rng.random() < 0.7 else Known(("x",) if name[2:] in ("csv", "tsv", "parquet") else (), ("0", "1"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            writing = rng.choice(WRITINGS)
            with limited():
                return read(str(folder / name), asked, task, roles, writing, known), name, content
    except BaseException:
        return f"FAILED: {asked} {task} {roles} {known}\n{traceback.format_exc()}", name, content


def run(files: int, seed: int = 0, first: int = 0, tell=lambda mark: None) -> tuple[int, int, list[str]]:
    """(files that were read, files that were refused, what went wrong of the first ones); one mark is told a file."""
    counts, wrong = {READ: 0, REFUSED: 0}, []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(first, first + files):
            found, name, content = case(number, seed, Path(folder))
            if found.startswith("FAILED"):
                wrong.append(f"case {number} of seed {seed}, {name}: {content[:2000]!r}\n{found}")
                if len(wrong) >= MOST:
                    break
                continue
            mark = READ if found == "read" else REFUSED
            counts[mark] += 1
            tell(mark)
    return counts[READ], counts[REFUSED], wrong


def run_apart(files: int, seed: int, first: int) -> tuple[int, int, list[str]]:
    """As `run`, in processes of their own, since polars aborts at some damaged pages of Parquet: the line that says so
    counts as a refusal, any other death is wrong."""
    read_ = refused = done = 0
    wrong: list[str] = []
    while done < files and not wrong:
        there = [str(files - done), "--seed", str(seed), "--first", str(first + done)]
        found = subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--marks", *there], check=False, capture_output=True, text=True
        )
        marks, _, failures = found.stdout.partition("\n")
        read_, refused, done = read_ + marks.count(READ), refused + marks.count(REFUSED), done + len(marks)
        if failures.strip():
            wrong += failures.split(APART)
        elif len(marks) < int(there[0]):
            if ABORTED not in found.stderr:
                wrong.append(f"case {first + done} of seed {seed}: exit code {found.returncode}: {found.stderr}")
            refused, done = refused + 1, done + 1
    return read_, refused, wrong


def run_all(files: int, seed: int, first: int) -> tuple[int, int, list[str]]:
    """Blocks of files, one process a CPU."""
    starts = range(first, first + files, BLOCK)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda start: run_apart(min(BLOCK, first + files - start), seed, start), starts))
    return sum(f[0] for f in found), sum(f[1] for f in found), [line for f in found for line in f[2]]


def cut(data: Path, seed: int = 0) -> tuple[int, list[str]]:
    """Every file of the folder, cut at random places: how many were read, and what went wrong."""
    read_, wrong, rng = 0, [], random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(p for p in data.rglob("*") if p.is_file()):
            with open(path, "rb") as stream:
                content = stream.read(LARGEST)
            for _ in range(CUTS):
                end = rng.randrange(len(content) + 1)
                there = Path(folder) / path.name
                there.write_bytes(content[:end])
                try:
                    with warnings.catch_warnings():
                        warnings.simplefilter("error")
                        task = rng.choice(("auto", "forecast", "classify", "tag"))
                        read(str(there), "auto", task, Roles(), Writing())
                    read_ += 1
                except BaseException:
                    wrong.append(f"{path} cut at {end}, {task}: {traceback.format_exc()}")
                    break
    return read_, wrong


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="?", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--marks", action="store_true", help="one character a file, for the process that counts them")
    options = parser.parse_args()
    if options.marks:
        _, _, wrong = run(options.files, options.seed, options.first, lambda mark: print(mark, end="", flush=True))
        print("", APART.join(wrong), sep="\n")
    elif options.folder:
        count, wrong = cut(options.folder, options.seed)
        print(*wrong, f"cut {count:,}, wrong {len(wrong)}", sep="\n")
    else:
        good, refused, wrong = run_all(options.files, options.seed, options.first)
        print(*wrong, f"read {good:,}, refused {refused:,}, wrong {len(wrong)}", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
