"""Files whose values other libraries change in silence, each read to its true values; docs/files.md has the table."""

import json

import numpy as np
import pytest

from rnncli.readers.fasttext import cut
from tests.readers.helpers import NAN, message, pieces, read

FILE = "x.tsv"


def test_ucr_labels_are_text_and_unequal_rows_are_lengths(file):
    text = "01\t0.5\t1.5\tNaN\n1\t2.5\t3.5\t4.5\t5.5\n-1\t6.5\tNaN\t7.5\n"
    columns = read(file(text), asked="wide", label="1")
    assert columns.labels.texts() == ["01", "1", "-1"]
    assert columns.lengths.tolist() == [2, 4, 3]
    np.testing.assert_array_equal(columns.numbers[6:9, 0], [6.5, NAN, 7.5])


def test_lists_after_many_empty_ones_and_doubled_keys(file):
    lines = [json.dumps({"x": [1, 2], "y": []})] * 150 + [json.dumps({"x": [3], "y": ["late"]})]
    columns = read(file("\n".join(lines) + "\n", "x.jsonl"), "multilabel")
    assert columns.labels.symbols == ["late"] and columns.label_bounds.tolist() == [0] * 151 + [1]
    told = message(file('{"x": [1], "y": "a"}\n{"x": [1], "y": "a", "y": "b"}\n', "x.jsonl"))
    assert "x.jsonl:2: not JSON (the key y twice)" in told


@pytest.mark.parametrize(("name", "separator"), [("x.csv", ","), ("x.tsv", "\t")])
def test_numbers_beside_missing_ones_stay_numbers(file, name, separator):
    tokens = ["1.5", "NaN", "nan", "NA", "null", '""', "+1", "", "-2e3"]
    rows = "".join(f"{i}{separator}{token}\n" for i, token in enumerate(tokens))
    columns = read(file(f"a{separator}b\n{rows}", name), "forecast")
    np.testing.assert_array_equal(columns.numbers[:, 1], [1.5, NAN, NAN, NAN, NAN, NAN, 1, NAN, -2000])
    rows = "".join(f"{i}{separator}{i}.5\n" for i in range(60)) + f"60{separator}0x10\n"
    told = message(file(f"a{separator}b\n{rows}", name), "forecast")
    assert f"{name}:62: '0x10' in column b, expected a number" in told


def test_a_date_of_two_readings_is_refused(file):
    path = file("d\tx\n01/02/2024\t1\n03/04/2024\t2\n")
    assert "can be read in more than one way" in message(path, "forecast", time="d")


def test_conll_keeps_its_marks_blanks_and_features(file):
    text = "# c = d\n1\t#tag\t#\tSYM\t_\tGloss=a=b\t0\troot\t_\t_\n2-3\tdu  tout\t_\t_\t_\t_\t_\t_\t_\t_\n"
    text += "2\tde  x\t_\tADP\t_\t_\t1\tcase\t_\t_\n8.1\te\t_\tX\t_\t_\t_\t_\t_\t_\n\n"
    columns = read(file(text, "x.conllu"), "tag", tag="UPOS", inputs=("FEATS",))
    assert columns.coded["FEATS"].texts()[0] == "Gloss=a=b"
    assert columns.labels.texts() == ["SYM", "ADP"]
    assert read(file(text, "x.conllu"), "tag").coded["token"].texts() == ["#tag", "de  x"]
    own = read(file("a  b\tA\n\n#tag  x\tA\n#\tB\n\n#\tA\nc\tB\n", "x.conll"), "tag")
    assert own.coded["token"].texts() == ["a  b", "#tag  x", "#", "#", "c"]


def test_words_of_fasttext_end_where_its_own_do():
    assert cut("__label__a x\u00a0y\tz\v__label__b w") == (("a", "b"), "x\u00a0y\tz\vw")


def test_one_column_with_an_empty_line_keeps_its_row(file):
    columns = read(file("v\n1\n\n3\n", "x.csv"), "forecast")
    assert pieces(columns, np.nan_to_num(columns.numbers[:, 0], nan=-1)) == [[1, -1, 3]]
