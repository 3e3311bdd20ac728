"""Notes of the rooms below: once each, where the command line wants them."""

from rnncli.errors import Notes, note
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
