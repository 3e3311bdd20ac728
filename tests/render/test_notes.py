"""Notes of the rooms below: once each, where the command line wants them."""

from rnncli.errors import Notes, note
from rnncli.render.notes import collect_notes, hear_notes, print_notes


def test_notes_go_to_stderr_once_unless_it_is_quiet(capsys):
    hear_notes(False)
    for line in ("a", "b", "a"):
        note(line)
    assert capsys.readouterr() == ("", "a\nb\n")
    hear_notes(True)
    note("a")
    assert capsys.readouterr() == ("", "")
    lines = collect_notes()
    note("a")
    assert (capsys.readouterr().err, lines) == ("", ["a"])
    print_notes(lines)
    assert (capsys.readouterr().err, lines) == ("a\n", [])
    Notes.begin(None)
