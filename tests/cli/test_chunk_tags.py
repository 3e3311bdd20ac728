"""Tags of chunks from file to figures: what is recognised, what is predicted, what `--evaluate` counts."""

import json
import random
import re
import warnings

import pytest
from seqeval import scheme as schemes
from seqeval.metrics import f1_score, precision_score, recall_score

QUICK = ["--hidden", "4", "--epochs", "2", "--lr", "0.05", "--quiet", "-o", "m"]
CHUNK = {  # tags of a chunk of n tokens, and what a whole sequence of one kind and O is
    "IOB2": (lambda n: "B" + "I" * (n - 1), "(O|BI*)*"),
    "IOE2": (lambda n: "I" * (n - 1) + "E", "(O|I*E)*"),
    "IOBES": (lambda n: "B" + "I" * (n - 2) + "E" if n > 1 else "S", "(O|S|BI*E)*"),
    "BILOU": (lambda n: "B" + "I" * (n - 2) + "L" if n > 1 else "U", "(O|U|BI*L)*"),
    "BMES": (lambda n: "B" + "M" * (n - 2) + "E" if n > 1 else "S", "(O|S|BM*E)*"),
}
WRITTEN = ["{0}-X", "X-{0}", "{0}"]


def sentences(name, form, seed, kinds="XY"):
    """Chunks at random; most tokens tell the letter of their tag."""
    rng, out = random.Random(seed), []
    for _ in range(40):
        tags = []
        while len(tags) < rng.randint(2, 9):
            letters = CHUNK[name][0](rng.randint(1, 4)) if rng.random() < 0.7 else "O"
            kind = rng.choice(kinds)
            tags += ["O" if a == "O" else form.format(a).replace("X", kind) for a in letters]
        hints = [tag.replace("X", "").replace("Y", "").strip("-").lower() for tag in tags]
        out.append([(rng.choice([hint, hint, *"abc"]), tag) for hint, tag in zip(hints, tags, strict=True)])
    return out


def written(parts, separator="\t"):
    """As a file."""
    return "\n".join("".join(f"{token}{separator}{tag}\n" for token, tag in part) for part in parts) + "\n"


def predicted(here, *arguments):
    """(tokens, tags) of each sentence, as rows of TSV."""
    done = here("predict", "m", *arguments)
    assert done.code == 0, done.err
    parts = done.out.decode().rstrip("\n").split("\n\n")
    return [[tuple(line.split("\t")) for line in part.split("\n")] for part in parts]


def evaluated(here, *arguments):
    """The figures."""
    done = here("predict", "m", *arguments, "--evaluate")
    assert done.code == 0, done.err
    return json.loads(done.out)


def last(part):
    return [tag for _, tag in part]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("name", CHUNK)
def test_what_is_predicted_keeps_to_the_scheme_and_its_figures_are_those_of_seqeval(here, name, form):
    here.write("t.txt", written(sentences(name, form, 1)))
    test = sentences(name, form, 2)
    here.write("v.txt", written(test))
    done = here("train", "t.txt", *QUICK)  # --format auto
    assert done.code == 0, done.err
    here.write("tokens.txt", "\n".join("".join(f"{token}\n" for token, _ in part) for part in test) + "\n")
    found = predicted(here, "v.txt")
    assert found == predicted(here, "tokens.txt")
    assert [[token for token, _ in part] for part in found] == [[token for token, _ in part] for part in test]
    for part in found:
        for kind in "XY":  # chunks of the other kind are outside of those of this one
            own = [tag for tag in last(part) if tag == "O" or form == "{0}" or kind in tag]
            letters = "".join(tag.replace("X", "").replace("Y", "").strip("-") for tag in own)
            assert re.fullmatch(CHUNK[name][1], letters), letters
    judged(name, form, list(map(last, test)), list(map(last, found)), evaluated(here, "v.txt"))


def judged(name, form, true, found, figures):
    """Figures beside those of seqeval, whose rule for BILOU is the strict one; BMES are IOBES in other letters."""
    if name == "BMES":
        true, found = ([[tag.replace("M", "I") for tag in part] for part in parts] for parts in (true, found))
    strict = {"mode": "strict", "scheme": getattr(schemes, "IOBES" if name == "BMES" else name)}
    for options in [strict] if name == "BILOU" else [strict, {}]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for key, figure in (("precision", precision_score), ("recall", recall_score), ("f1", f1_score)):
                expected = figure(true, found, suffix=form == "X-{0}", zero_division=0, **options)
                assert (figures[key] or 0) == pytest.approx(expected), (key, options)
    assert 0 < figures["f1"] < 1
    right = [a == b for one, two in zip(true, found, strict=True) for a, b in zip(one, two, strict=True)]
    assert (figures["tokens"], figures["accuracy"]) == (len(right), pytest.approx(sum(right) / len(right)))


def test_without_the_field_paths_may_break_the_scheme_and_count_as_seqeval_counts_them(here):
    form, test = "{0}-X", sentences("IOBES", "{0}-X", 2)
    here.write("t.txt", written(sentences("IOBES", form, 1)))
    here.write("v.txt", written(test))
    assert here("train", "t.txt", "--no-crf", *QUICK).code == 0
    true, found = list(map(last, test)), list(map(last, predicted(here, "v.txt")))
    figures = evaluated(here, "v.txt")
    lenient = f1_score(true, found)
    assert figures["f1"] == pytest.approx(lenient)
    assert f1_score(true, found, mode="strict", scheme=schemes.IOBES) < lenient


GERMEVAL = "#\thttp://x.example/{0}\n1\tAnn\tB-PER\tO\n2\tLee\tI-PER\tB-LOC\n3\tran\tO\tO\n\n"
TAGS_FIRST = "B-PER\tAnn\nI-PER\tLee\nO\tran\n\n"


@pytest.mark.parametrize(
    ("text", "options", "bare"),
    [
        ("".join(map(GERMEVAL.format, range(20))), ["--tag", "3"], "1\tAnn\n2\tLee\n3\tran\n\n"),
        ("".join(map(GERMEVAL.format, range(20))), ["--task", "tag"], "Ann\nLee\nran\n\n"),
        (TAGS_FIRST * 20, [], "Ann\nLee\nran\n\n"),
        ("# id = 1\nAnn B-PER\nLee I-PER\nran O\n\n" * 20, [], "# id = 2\nAnn\nLee\nran\n\n"),
        ("Ann B-PER\t\r\nLee I-PER\t\r\nran O\t\r\n\t\r\n" * 20, [], "Ann\r\nLee\r\nran\r\n\r\n"),
    ],
)
def test_rows_of_other_kinds_are_those_of_their_tokens(here, text, options, bare):
    here.write("t.txt", text)
    assert here("train", "t.txt", *options, *QUICK).code == 0
    here.write("bare.txt", bare * 3)
    for name, count in (("t.txt", 20), ("bare.txt", 3)):
        assert [[token for token, _ in part] for part in predicted(here, name)] == [["Ann", "Lee", "ran"]] * count
    assert evaluated(here, "t.txt")["tokens"] == 60


def test_a_column_of_one_tag_is_refused_by_name(here):
    here.write("t.txt", "1\tAnn\tB-PER\tO\n2\tran\tO\tO\n\n" * 9)
    done = here("train", "t.txt", "--task", "tag", *QUICK)
    assert (done.code, done.out) == (1, b"")
    assert done.err.splitlines()[-1].endswith(
        "t.txt: all tags are O, expected at least two: --tag names another column"
    )


def test_tags_that_training_had_not_and_missing_ones(here):
    here.write("t.txt", written([[("a", "B-X"), ("b", "I-X"), ("c", "O")], [("c", "O"), ("c", "O")]] * 30))
    assert here("train", "t.txt", *QUICK, "--epochs", "60").code == 0
    here.write("v.txt", written([[("a", "B-Y"), ("b", "I-Y"), ("c", "O")], [("a", "B-X"), ("b", "I-X"), ("c", "O")]]))
    figures = evaluated(here, "v.txt")
    third, none = pytest.approx(2 / 3), {"n": 1, "precision": 0.0, "recall": 0.0, "f1": 0.0}
    assert figures["per_kind"] == {"X": {"n": 1, "precision": 0.5, "recall": 1.0, "f1": third}, "Y": none}
    assert (figures["precision"], figures["recall"], figures["accuracy"]) == (0.5, 0.5, pytest.approx(4 / 6))
    here.write("v.txt", written([[("a", "B-X"), ("b", "L-X"), ("c", "O")], [("c", "U-X"), ("c", "U-X")]]))
    figures = evaluated(here, "v.txt")  # BILOU beside a model of IOB2: three chunks, the first of them found
    assert figures["per_kind"] == {"X": {"n": 3, "precision": 1.0, "recall": pytest.approx(1 / 3), "f1": 0.5}}
    here.write("v.txt", written([[("a", ""), ("b", ""), ("c", "O")], [("a", "B-X"), ("b", "I-X"), ("c", "O")]]))
    figures = evaluated(here, "v.txt")
    assert (figures["tokens"], figures["accuracy"], figures["f1"]) == (4, 1.0, 1.0)
    here.write("v.txt", written([[("a", "O"), ("c", "O")]] * 2))
    figures = evaluated(here, "v.txt")
    assert (figures["precision"], figures["recall"], figures["per_kind"]["X"]["n"]) == (0.0, 0.0, 0)
