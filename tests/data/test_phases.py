"""Phases that take long say how far they are, on stderr, unless --quiet."""

import pytest

from rnncli.data import phases
from rnncli.data.phases import Phases, told
from rnncli.readers import source


@pytest.fixture
def clock(monkeypatch):
    """Seconds, to be moved on."""
    now = [100.0]
    monkeypatch.setattr(phases, "monotonic", lambda: now[0])
    return now


def test_a_phase_says_how_much_has_gone_by_after_a_second_and_then_now_and_then(clock, monkeypatch):
    lines, seen = [], []
    monkeypatch.setattr(Phases, "say", lines.append)
    for block in told("reading a.txt", "tokens", ["abc"] * 16):
        seen.append(block)
        clock[0] += 0.5
    assert seen == ["abc"] * 16
    assert lines == ["reading a.txt: 6 tokens", "reading a.txt: 36 tokens"]


def test_nothing_is_said_of_a_single_block_however_long_it_takes(clock, monkeypatch):
    lines = []
    monkeypatch.setattr(Phases, "say", lines.append)
    for _ in told("reading", "tokens", ["abc"]):
        clock[0] += 9
    assert lines == []


def test_nothing_is_said_of_a_short_phase_or_if_nobody_listens(clock, monkeypatch):
    lines = []
    monkeypatch.setattr(Phases, "say", lines.append)
    assert list(told("reading", "tokens", ["abc"] * 3)) == ["abc"] * 3
    monkeypatch.setattr(Phases, "say", None)
    for _ in told("reading", "tokens", ["abc"] * 3):
        clock[0] += 9
    assert lines == []


@pytest.mark.parametrize("quiet", [False, True])
def test_training_says_it_of_reading_encoding_and_counting(here, tmp_path, monkeypatch, quiet):
    monkeypatch.setattr(phases, "FIRST_S", 0.0)
    monkeypatch.setattr(source, "BLOCK", 800)
    path = tmp_path / "a.txt"
    path.write_text("abc abd\n" * 200)
    arguments = ["--hidden", "4", "--epochs", "0.1", "-o", tmp_path / "m.safetensors", *(["--quiet"] if quiet else [])]
    said = here("train", str(path), *map(str, arguments)).err
    for line in (f"reading {path}: 1,600 tokens", "encoding: 1,600 tokens", "rivals, n-grams: 2 of 5 lengths"):
        assert (line in said) != quiet
