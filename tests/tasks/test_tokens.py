"""The tokens of texts are chosen by the texts alone, whatever else the file holds and whatever form it has."""

import gzip
import io
import json
import sys

import polars as pl
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import Notes
from rnncli.tasks import task_class

CODES = [f"{'ACGT' * (i % 5)}GGGGG{'TTGCA' * (i % 3)}" for i in range(12)]
SENTENCES = [f"the {'good' if i % 2 else 'bad'} film, number {i}" for i in range(12)]
LABELS = ["in the first half", "in the second half"]
PADDED = [f"   {code}          " for code in CODES]
NOTE = "a note of many words"


def csv(separator, texts, note=False):
    rows = [("note", "text", "label")] + [(NOTE, text, LABELS[i % 2]) for i, text in enumerate(texts)]
    return "".join(separator.join(f'"{field}"' for field in row[not note :]) + "\n" for row in rows).encode()


def parquet(texts):
    out = io.BytesIO()
    pl.DataFrame({"note": NOTE, "text": texts, "label": LABELS * (len(texts) // 2)}).write_parquet(out)
    return out.getvalue()


def jsonl(texts):
    rows = ({"note": NOTE, "text": text, "label": LABELS[i % 2]} for i, text in enumerate(texts))
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def fasttext(texts):
    return "".join(f"__label__{i % 2} {text}\n" for i, text in enumerate(texts)).encode()


FORMS = {
    "x.csv": lambda texts: csv(",", texts),
    "notes.csv": lambda texts: csv(",", texts, True),
    "x.tsv": lambda texts: csv("\t", texts),
    "x.csv.gz": lambda texts: gzip.compress(csv(",", texts)),
    "x.parquet": parquet,
    "x.jsonl": jsonl,
    "x.txt": fasttext,
    "-": lambda texts: csv(",", texts, True),
}


def prepared(path, **options):
    named = {} if path.endswith("x.txt") else {"text": "text", "label": "label"}
    return task_class("classify").prepare([path], TrainConfig(task="classify", **named, **options), None, None)


@pytest.fixture
def path_of(tmp_path, monkeypatch):
    def write(name, texts):
        content = FORMS[name](texts)
        if name == "-":
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(content))))
            return name
        (tmp_path / name).write_bytes(content)
        return str(tmp_path / name)

    return write


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    ("texts", "tokens", "lengths"),
    [
        (CODES, "char", list(map(len, CODES))),
        (PADDED, "char", list(map(len, CODES))),
        (SENTENCES, "word", [6] * 12),
        (["two words", "of one"] * 6, "char", [9, 6] * 6),
        (["three words now", "of some"] * 6, "char", [15, 7] * 6),
        (["ยินดีต้อนรับครับ"] * 12, "char", [16] * 12),  # no blanks between words
    ],
    ids=["codes", "padded", "sentences", "two", "less than three", "Thai"],
)
def test_tokens_are_chosen_by_the_texts_alone(path_of, name, texts, tokens, lengths):
    material = prepared(path_of(name, texts))
    assert material.config.tokens == tokens
    assert material.train.lengths.tolist() == lengths


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("物流很快，包装完好 质量非常不错 下次还会再来购买", "char"),
        ("物流 很 快 ， 包装 完好 质量 非常 不错 下次 还 会 再 来 购买", "word"),
        ("とても面白い映画でした\u3000また観たいと思います\u3000音楽も良かった", "char"),
        ("とても 面白い 映画 でし た また 観 たい と 思い ます 音楽 も 良かっ た", "word"),
        ("ワイヤレス イヤホン ノイズ キャンセリング 機能 付き", "word"),
        ("อาหารอร่อยมากครับ บริการดีเยี่ยม ราคาไม่แพงเลย", "char"),
        ("อาหาร อร่อย มาก ครับ บริการ ดี เยี่ยม ราคา ไม่ แพง เลย", "word"),
        ("ម្ហូបឆ្ងាញ់ណាស់ សេវាកម្មល្អណាស់ តម្លៃថោក", "char"),
        ("यह फ़िल्म बहुत अच्छी थी", "word"),
        ("이 영화는 정말 재미있었어요", "word"),
        ("эти фильмы очень хорошие", "word"),
        ("the film 千と千尋の神隠し is very good , and the music too", "word"),
    ],
)
def test_clauses_of_scripts_without_blanks_between_words_are_no_words(path_of, text, tokens):
    assert prepared(path_of("x.jsonl", [text] * 12)).config.tokens == tokens


@pytest.mark.parametrize("name", FORMS)
def test_texts_of_one_word_are_said(path_of, name):
    said = []
    Notes.begin(said.append)
    prepared(path_of(name, [*CODES[:4], "I", *SENTENCES[:7]]))
    assert said == ["4 of 12 texts have one word, so one step: --tokens char reads characters"]
    said.clear()
    Notes.begin(said.append)
    prepared(path_of(name, SENTENCES))
    prepared(path_of(name, CODES))
    assert not said
    Notes.begin(None)
