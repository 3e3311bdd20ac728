"""The programs of docs/exports.md run, and say what `predict` says."""

import json
import re
import shutil
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import pytest

from rnncli.data.word_grams import word_grams

pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "models" / "kept" / "format1"
PAGE = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


def test_the_program_for_a_text_finds_the_next_characters(here):
    shutil.copy(KEPT / "language.safetensors", here.folder / "tales.safetensors")
    commands = re.findall(r"^(?:.*`)?rnncli (.*?)`?(?: does:)?$", PAGE, re.M)
    assert commands[1] == "inspect tales.safetensors --export onnx --save tales.onnx"
    assert here(*commands[1].split()).code == 0
    program = [sys.executable, "-c", PROGRAMS[0]]
    done = subprocess.run(program, cwd=here.folder, capture_output=True, text=True, check=True)
    words = re.search(r"`rnncli (predict tales.safetensors) --prompt '(.*)' --next 3`", PAGE)
    rows = here(*words[1].split(), "--prompt", words[2], "--next", "3", "--to", "jsonl")
    assert literal_eval(done.stdout) == [json.loads(line)["token"] for line in rows.out.decode().splitlines()]


def test_the_hashes_of_a_word_are_ours():
    found = {}
    exec(PROGRAMS[1], found)
    for word in ("a", "Häuser", "x" * 100, "10:30", "E-Mail42"):
        assert found["ngrams"](word, 4096) == word_grams([word], 4096)[1].tolist()
        assert found["shaped_ngrams"](word, 4096) == word_grams([word], 4096, True)[1].tolist()
