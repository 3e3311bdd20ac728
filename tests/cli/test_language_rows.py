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
