"""When JSON lines are taken for a log, and by which key its messages are read."""

import json

import pytest

from rnncli.readers.log_guess import message_key
from rnncli.readers.text_forms import recognise_texts

FILE = "app.jsonl"
RECORDS = {
    "msg": {"time": "2024-01-01T00:00:00Z", "level": "info", "msg": "started", "pid": 7},
    "message": {"@timestamp": "2024-01-01T00:00:00Z", "log.level": "info", "message": "started", "http": {"a": 1}},
    "log": {"log": "started\n", "stream": "stdout", "time": "2024-01-01T00:00:00.1Z"},
    "event": {"event": "started", "level": "info", "timestamp": 1704067200.5},
    "body": {"timestamp": "2024-01-01", "severity_text": "INFO", "body": "started", "attributes": {}},
    "@m": {"@t": "2024-01-01T00:00:00Z", "@l": "Warning", "@m": "started"},
    "text": {"id": 7, "date": "2024-01-01T00:00:00", "from": "Ann", "text": "on my way"},
    "content": {"timestamp": 1704067200000, "author": "Ann", "content": "on my way", "reactions": []},
    "MESSAGE": {"__REALTIME_TIMESTAMP": "1704067200000000", "PRIORITY": "6", "MESSAGE": "started"},
}
OTHERS = {
    "two messages": {"time": 1, "level": "info", "msg": "a", "message": "b"},
    "no level": {"time": 1, "message": "a"},
    "no time": {"level": "info", "message": "a"},
    "a label": {"time": 1, "level": "info", "message": "a", "label": "b"},
    "events of a sensor": {"time": 1, "level": "ground", "event": "open", "flow": 0.42},
    "measurements": {"time": 1, "level": 1.5, "valve": "open"},
    "numbers": {"time": 1, "level": "info", "msg": 5},
    "a chat with labels": {"date": "2024-01-01", "user": "ann", "text": "on my way", "sentiment": "good"},
    "a sender that is a number": {"date": "2024-01-01", "user": 7, "text": "on my way"},
    "a sequence": {"x": "a text", "y": "a"},
}


def lines(record, count=8):
    return [json.dumps(record)] * count


@pytest.mark.parametrize(("key", "record"), RECORDS.items())
def test_objects_with_a_time_a_level_or_a_sender_and_a_message_are_a_log(key, record):
    assert message_key(lines(record)) == key
    assert message_key(lines(record, 7)) is None
    assert message_key([*lines(record, 20), "", "{"]) == key
    assert message_key([*lines(record, 8), "no object"]) is None


@pytest.mark.parametrize("record", OTHERS.values(), ids=OTHERS)
def test_other_objects_are_none(record):
    assert message_key(lines(record, 20)) is None


@pytest.mark.parametrize("name", ["app.jsonl", "app.log", "app.json"])
def test_its_texts_are_the_messages(file, said, name):
    path = file("\n".join(lines(RECORDS["msg"])), name)
    form = recognise_texts(path, "auto", None, "utf-8")
    assert (form.name, form.text) == ("jsonl", "msg")
    assert len(said) == 1 and "the texts are in key msg of time, level, msg, pid: --text NAME selects" in said[0]
    assert recognise_texts(path, "text", None, "utf-8").name == "text"
    assert recognise_texts(path, "auto", "level", "utf-8").text == "level"


def test_of_several_texts_the_one_of_a_usual_name_is_read(file, said):
    path = file(json.dumps({"id": "a7", "text": "a text", "lang": "en"}) + "\n")
    assert recognise_texts(path, "auto", None, "utf-8").text == "text"
    table = file("n,review,author\n1,a b,c d\n2,e f,g h\n", "a.csv")
    assert recognise_texts(table, "auto", None, "utf-8").text == "review"
    assert "key text of id, text, lang: --text" in said[0] and "column review of n, review, author" in said[1]
