"""Rows of language models: generated text, scores."""

import json

import pytest


@pytest.mark.parametrize("model", ["char_model", "byte_model"])
def test_generated_text_in_tsv_is_a_line_a_sample(here, request, model):
    model = request.getfixturevalue(model)
    prompts = ("--prompt", "the baker", "--prompt", "a\tb\nc", "--samples", "2", "--length", "150", "--seed", "1")
    as_tsv, as_json = here.each(
        ["predict", model, *prompts, "--to", "tsv"], ["predict", model, *prompts, "--to", "jsonl"]
    )
    rows = [line.split("\t") for line in as_tsv.out.decode("utf-8", "replace").split("\n")[:-1]]
    assert [row[:2] for row in rows] == [[p, s] for p in ("the baker", "a\\tb\\nc") for s in "01"]
    assert {len(row) for row in rows} == {3}
    texts = [json.loads(line)["text"] for line in as_json.out.splitlines()]
    assert any("\n" in text for text in texts)
    assert [row[2] for row in rows] == [t.replace("\n", "\\n").replace("\t", "\\t") for t in texts]


@pytest.mark.parametrize("tokens", ["char", "word"])
def test_percentiles_are_the_share_of_validation_lines_that_were_less_surprising(here, tokens):
    lines = ["backup of volume done"] * 69 + ["ping ok"] * 29 + ["disk 7 replaced", "no carrier on line 3"]
    here.write("valid.log", "\n".join(lines) + "\n")
    here.write("train.log", "\n".join(lines * 3) + "\n")
    options = ("--format", "lines", "--tokens", tokens, "--hidden", "9", "--epochs", "3", "--quiet", "-o", "m")
    assert here("train", "train.log", "--valid", "valid.log", *options).err == ""
    kinds = list(dict.fromkeys(lines))
    here.write("few.log", "\n".join([*kinds[::-1], *kinds]) + "\n")
    all_rows = here("predict", "m", "valid.log", "--score").rows(6)
    bits = {row[5].decode(): float(row[3]) for row in all_rows}
    expected = {line: 100 * sum(bits[other] < bits[line] - 1e-4 for other in lines) / len(lines) for line in kinds}
    assert 0.0 in expected.values()
    for done in (here("predict", "m", "few.log", "--score"), here("predict", "m", "valid.log", "--score")):
        for row in done.rows(6):
            assert float(row[4]) == pytest.approx(expected[row[5].decode()], abs=0.051)
    for line in kinds:  # one at a time, as of a stream
        (row,) = here("predict", "m", "--score", "--follow", input=line.encode() + b"\n").rows(6)
        assert float(row[4]) == pytest.approx(expected[line], abs=0.051)
