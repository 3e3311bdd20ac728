"""FASTA: sequences wherever their lines end, and texts that are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.errors import RnncliError
from rnncli.readers.fasta import is_fasta, sequences
from rnncli.tasks.trained import load_model

SHORT = ("--epochs", "0.2", "--hidden", "4")
LETTERS = st.text("ACGTNacgt-", max_size=200)
GENES = "".join(f">seq{i} of a whale\n{'ACGGT' * (i % 3 + 4)}\n{'TTGAC' * 3}\n" for i in range(30))


@given(st.lists(LETTERS, min_size=1, max_size=5), st.integers(1, 80))
def test_lines_end_anywhere(texts, width):
    lines = []
    for i, text in enumerate(texts):
        lines += [
            f">seq{i} > of something",
            "; a remark",
            "",
            *(text[k : k + width] for k in range(0, len(text), width)),
        ]
    assert list(sequences("a.fasta", lines)) == texts
    assert is_fasta(lines) == any(texts)


@pytest.mark.parametrize(
    "lines", [["> so he wrote:", "to be, or not"], ["ACGT", ">a"], [">a", ">b"], [""], [">a", "12 13"]]
)
def test_texts_are_none(lines):
    assert not is_fasta(lines)


def test_letters_need_a_name_above_them():
    with pytest.raises(RnncliError, match="a.fasta:2: letters without a name"):
        list(sequences("a.fasta", ["", "ACGT"]))


@pytest.mark.parametrize("tokens", ["char", "byte"])
def test_it_is_found_said_and_undone(here, tokens):
    here.write("a.fa", GENES)
    done = here("train", "a.fa", "--tokens", tokens, *SHORT, "-o", "m")
    assert done.code == 0 and "a.fa: FASTA, sequences without their names" in done.err
    assert "27 records" in done.err and load_model(str(here.folder / "m")).config.format == "fasta"
    rows = here("predict", "m", "a.fa", "--score", "--json").out.decode().splitlines()
    assert len(rows) == 30 and f'"text": "{"ACGGT" * 5}{"TTGAC" * 3}"' in rows[1]
    as_text = here("train", "a.fa", "--tokens", tokens, *SHORT, "--format", "text", "-o", "n")
    assert as_text.code == 0 and "FASTA" not in as_text.err
