"""Notes of the rooms below: once each, where the command line wants them."""

import threading
import time

import pytest

from rnncli.errors import Notes, note
from rnncli.render import notes
from rnncli.render.notes import collect_notes, hear_notes, print_notes


def test_notes_go_to_stderr_once(capsys):
    hear_notes()
    for line in ("a", "b", "a"):
        note(line)
    assert capsys.readouterr() == ("", "a\nb\n")
    lines = collect_notes()
    note("a")
    assert (capsys.readouterr().err, lines) == ("", ["a"])
    print_notes(lines)
    assert (capsys.readouterr().err, lines) == ("a\n", [])
    Notes.begin(None)


def test_a_note_is_one_line_whatever_it_quotes(capsys):
    hear_notes()
    note("found 'a\nb\x1b[31m'")
    assert capsys.readouterr().err == "found 'a\\nb\\x1b[31m'\n"
    Notes.begin(None)


@pytest.mark.parametrize(("terminal", "said"), [(True, ["a view .. 0:00", "a view .. 0:00"]), (False, [])])
def test_what_takes_long_is_said_on_a_terminal_and_later_elsewhere(monkeypatch, terminal, said):
    lines, twice = [], threading.Event()

    def hear(line):
        lines.append(line)
        if len(lines) == 2:
            twice.set()

    monkeypatch.setattr(notes, "say", hear)
    monkeypatch.setattr(notes, "SOON", 0.01)
    monkeypatch.setattr(notes, "LATER", 0.02 if terminal else 60)
    monkeypatch.setattr(notes.sys.stderr, "isatty", lambda: terminal, raising=False)
    with notes.patience("a view"):
        assert twice.wait(10 if terminal else 0.1) == terminal
        heard = lines[:2]
    assert heard == said
    count = len(lines)
    time.sleep(0.05)
    assert len(lines) == count  # nothing is said when it is done
