"""Tags that mark chunks: their figures beside seqeval's, which scheme they are of, and what its paths may have."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval import metrics as judge
from seqeval import scheme as strict
from seqeval.metrics import v1  # noqa: F401

from rnncli.config import TrainConfig
from rnncli.data.columns import Coded, Columns, offsets_of
from rnncli.data.schema import Schema
from rnncli.data.schemes import SCHEMES, Allowed, Writing, allowed_by, nearly_chunks, scheme_of
from rnncli.network.losses import FORBIDDEN
from rnncli.readers.form import Form
from rnncli.tasks.tag import Tag

KINDS = ("X", "Y", "X-Y", "_")
WRITTEN = {  # letters, and how a letter and a kind are written
    "IOB": ("BI", "{0}-{1}"),
    "IOE": ("IE", "{0}-{1}"),
    "IOBES": ("BIES", "{0}-{1}"),
    "suffix": ("BIES", "{1}-{0}"),
    "no kind": ("BIE", "{0}"),
    "BI alone": ("BI", "{0}"),
}


def figures_of(labels, found, true):
    """Of sequences of tags, of a model that knows `labels`."""
    schema = Schema(labels=labels)
    columns = Columns(offsets_of(list(map(len, true))), labels=Coded.of(sum(true, [])))
    tags = np.array([labels.index(tag) for tag in sum(found, [])], np.int32)
    return Tag(schema, Form("tagged"), TrainConfig(task="tag")).metrics(tags, schema.encode(columns))


def judged(name, true, found, **options):
    """A figure of seqeval; what it warns of is known here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = judge.v1 if "scheme" in options else judge.sequence_labeling
        figure = module.precision_recall_fscore_support if name == "by_kind" else getattr(judge, name)
        return figure(true, found, zero_division=0, **options)


def assert_like(figures, true, found, **options):
    """Micro figures and those of each kind; 0 / 0 is 0."""
    for name in ("precision", "recall", "f1"):
        assert figures[name] == pytest.approx(judged(f"{name}_score", true, found, **options)), name
    kinds = sorted(figures["per_kind"])
    strictly = {"scheme": options["scheme"]} if "scheme" in options else options
    by_kind = zip(*judged("by_kind", true, found, average=None, **strictly), strict=True)
    for kind, (*values, n) in zip(kinds, by_kind, strict=True):
        mine = figures["per_kind"][kind]
        assert mine["n"] == n
        assert [mine[name] for name in ("precision", "recall", "f1")] == pytest.approx(values), kind


@pytest.mark.parametrize("name", WRITTEN)
@given(st.data())
def test_chunk_figures_are_those_of_seqeval(name, data):
    letters, form = WRITTEN[name]
    every = list(dict.fromkeys(["O", *(form.format(letter, kind) for kind in KINDS for letter in letters)]))
    labels = sorted(every[:1] + every[1 : 1 + len(letters)])  # of the others training had none
    lengths = data.draw(st.lists(st.integers(1, 8), min_size=1, max_size=5))
    true = [[data.draw(st.sampled_from(every)) for _ in range(n)] for n in lengths]
    found = [[data.draw(st.sampled_from(labels)) for _ in range(n)] for n in lengths]
    figures = figures_of(labels, found, true)
    assert_like(figures, true, found, suffix=name == "suffix")
    assert figures["accuracy"] == pytest.approx(judge.accuracy_score(true, found))


@given(st.lists(st.sampled_from(["O", "B-X", "I-X", "foo", "X", "-", ".", "B", "S-X", "i-x"]), min_size=1, max_size=9))
def test_tags_of_no_scheme_are_read_as_seqeval_reads_them(true):
    found = ["B-X", "I-X", "O"] * 3
    found = [found[: len(true)]]
    assert_like(figures_of(["B-X", "I-X", "O"], found, [true]), [true], found)


def bilou(lengths, kinds, one="U", last="L", inside="I"):
    """Tags of chunks of these lengths; an O for 0."""
    for length, kind in zip(lengths, kinds, strict=False):
        if length < 2:
            yield f"{one}-{kind}" if length else "O"
        else:
            yield from [f"B-{kind}", *[f"{inside}-{kind}"] * (length - 2), f"{last}-{kind}"]


@given(st.lists(st.integers(0, 4), min_size=3, max_size=3), st.lists(st.integers(0, 4), min_size=3, max_size=3))
def test_whole_chunks_of_bilou_are_those_of_seqeval_in_strict_mode_and_bmes_has_the_same(true, found):
    labels, kinds = [f"{letter}-{kind}" for letter in "BILU" for kind in "XY"] + ["O"], "XXY"
    tags = [list(bilou(lengths, kinds)) + ["O"] * 12 for lengths in (true, found)]
    there, mine = ([sequence[:12]] for sequence in tags)
    if all(allowed_at_end(sequence[0]) for sequence in (there, mine)):
        figures = figures_of(labels, mine, there)
        assert_like(figures, there, mine, mode="strict", scheme=strict.BILOU)
        other = str.maketrans("ILU", "MES")
        bmes = [[[tag.translate(other) for tag in sequence] for sequence in part] for part in (mine, there)]
        assert figures_of([tag.translate(other) for tag in labels], *bmes) == figures


def allowed_at_end(tags):
    return tags[-1][0] in "OLU"


RIGHT = {  # one sequence that keeps to each scheme: chunks XX, X, Y, outside, XXX
    "IOB2": "B-X I-X B-X B-Y O B-X I-X I-X",
    "IOB1": "I-X I-X B-X I-Y O I-X I-X I-X",
    "IOE2": "I-X E-X E-X E-Y O I-X I-X E-X",
    "IOE1": "I-X E-X I-X I-Y O I-X I-X I-X",
    "IOBES": "B-X E-X S-X S-Y O B-X I-X E-X",
    "BILOU": "B-X L-X U-X U-Y O B-X I-X L-X",
    "BMES": "B-X E-X S-X S-Y O B-X M-X E-X",
    "BMEWO": "B-X E-X W-X W-Y O B-X M-X E-X",
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("write", ["{0}-{1}", "{1}-{0}", "{0}", "{0}_{1}"])
def test_the_scheme_is_found_however_tags_are_written(name, write):
    tags = [tag if tag == "O" else write.format(*tag.split("-")) for tag in RIGHT[name].split()]
    labels = sorted(set(tags))
    if write == "{0}" and name in ("IOB1", "IOE1"):  # without kinds X and Y are one chunk
        tags[3:5] = "O", "O"
    codes = np.array([labels.index(tag) for tag in tags] * 2)
    assert scheme_of(labels, codes, np.array([0, 8, 16])) == (name, 0)


def test_a_few_mistakes_do_not_change_the_scheme_and_many_do():
    labels, right = ["B-X", "I-X", "O"], [0, 1, 2]
    for wrong, expected in ((1, ("IOB2", 1)), (8, ("mixed", 0)), (2000, ("IOB1", 20))):
        rows = np.array(right * 20 + [2, 1, 2] * wrong)
        assert scheme_of(labels, rows, np.array([0, len(rows)])) == expected
    assert scheme_of(["B-X", "I-X", "O"], np.array([0, -1, 1, 1, 2] * 9), np.array([0, 45])) == ("IOB2", 0)
    assert scheme_of(["NOUN", "O", "VERB"], np.array([0, 1, 2]), np.array([0, 3])) == (None, 0)


@pytest.mark.parametrize(
    ("labels", "known"),
    [
        ("B I O", True), ("B I", True), ("I O", True), ("B O", True), ("B E I O S", True), ("B E M S", True),
        ("B I L O U", True), ("NP-B NP-I O", True), ("S-LOC O", True), ("B_NP I_NP O", True), ("B-PER I-LOC O", True),
        ("L U", False), ("E O", False), ("B S", False), ("M W", False), ("L M U", False), ("NOUN VERB O", False),
        ("O", False), ("S-NOM S-GEN", False), ("N-M N-S", False), ("B-PER O X", False), ("0 1", False),
    ],
)  # fmt: skip
def test_which_labels_mark_chunks(labels, known):
    assert (Writing.of(labels.split()) is not None) == known


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
@given(st.lists(st.integers(0, 8), min_size=1, max_size=7))
def test_what_a_scheme_allows_is_what_seqeval_reads_whole(scheme, path):
    """A sequence is allowed if, and only if, writing its chunks anew in the scheme gives it again."""
    labels = [
        "O",
        *(
            f"{letter}-{kind}"
            for kind in "XY"
            for letter in sorted(set("BIES") & set(scheme.starts + scheme.inside + scheme.ends + scheme.between))
        ),
    ]
    tags = [labels[i % len(labels)] for i in path]
    allowed = Allowed.of(scheme, labels, Writing.of(labels))
    ids = [labels.index(tag) for tag in tags]
    fits = (
        allowed.begin[ids[0]]
        and allowed.end[ids[-1]]
        and all(allowed.transitions[a, b] for a, b in zip(ids, ids[1:], strict=False))
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = judge.sequence_labeling.get_entities(tags)
    assert fits == (written(scheme.name, found, len(tags)) == tags)


def written(name, chunks, length):
    """Tags of chunks (kind, first, last) in a scheme."""
    out = ["O"] * length
    begins, ends = {(first, kind) for kind, first, _ in chunks}, {(last, kind) for kind, _, last in chunks}
    for kind, first, last in chunks:
        for i in range(first, last + 1):
            letter = "I"
            at_begin, at_end = i == first, i == last
            if name == "IOBES":
                letter = "S" if at_begin and at_end else "B" if at_begin else "E" if at_end else "I"
            elif at_begin and (name == "IOB2" or (name == "IOB1" and (i - 1, kind) in ends)):
                letter = "B"
            elif at_end and (name == "IOE2" or (name == "IOE1" and (i + 1, kind) in begins)):
                letter = "E"
            out[i] = f"{letter}-{kind}"
    return out


def test_old_models_have_no_scheme_and_new_ones_keep_it():
    assert "scheme" not in Schema(labels=["a", "b"]).to_json()
    kept = Schema(labels=["B", "I", "O"], scheme="IOB2")
    assert Schema.from_json(kept.to_json()).scheme == "IOB2"
    assert allowed_by(None, ["B", "I", "O"]) is allowed_by("mixed", ["B", "I", "O"]) is None
    assert not allowed_by("IOB2", ["B", "I", "O"]).transitions[2, 1]
    assert FORBIDDEN > 1000


@pytest.mark.parametrize(
    ("labels", "found"),
    [
        (["o", "b-per", "i-per"], ("b-per", "B-per")),
        (["O", "B:PER", "I:PER"], ("B:PER", "B-PER")),
        (["O", "S/PER", "B/PER", "E/PER"], ("B/PER", "B-PER")),
        (["O", "B-PER", "I-PER"], None),  # they are chunks
        (["b-per", "i-per", "noun"], None),
        (["o", "b", "i"], None),  # letters alone may be anything
        (["o", "i-per", "s-per"], None),
    ],
)
def test_tags_that_nearly_mark_chunks_are_said(labels, found):
    """Small letters were read as plain tags without a word: no field, and no figures of chunks."""
    assert nearly_chunks(labels) == found
