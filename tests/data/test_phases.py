"""Phases that take long say how far they are, on stderr, unless --quiet."""

import pytest

from rnncli.process import phases
from rnncli.process.phases import Phases, told, under_way
from rnncli.readers import source
from rnncli.render import notes


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


def test_what_is_under_way_has_the_count_of_the_blocks_before(monkeypatch):
    monkeypatch.setattr(Phases, "now", None)
    found = [Phases.now[0] for _ in told("reading a.txt", "tokens", [[1, 2], [3]])]
    found += [Phases.now[0] for _ in told("reading", "tokens", [[1, 2], [3]], lambda block: 1000)]
    assert found == ["reading a.txt", "reading a.txt: 2 tokens", "reading", "reading: 1,000 tokens"]


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


def test_a_phase_without_blocks_is_said_with_the_time_it_takes_and_the_next_one_anew(monkeypatch, capsys):
    now, looks = [0.0], [(0.2, ("sorting",)), (0.9, ()), (1.3, ()), (5.0, ()), (6.4, ())]
    looks += [(7.0, ("update", 1234, 5.0)), (11.9, ()), (12.1, ())]

    class Done:
        def wait(self, seconds):
            if looks:
                now[0], begun = looks.pop(0)
                if begun:
                    under_way(*begun)
                return False
            return True

    monkeypatch.setattr(Phases, "now", None)
    monkeypatch.setattr(notes.time, "monotonic", lambda: now[0])
    notes._watch(Done())
    assert capsys.readouterr().err.splitlines() == ["sorting .. 0:01", "sorting .. 0:06", "update 1,234 .. 0:05"]
