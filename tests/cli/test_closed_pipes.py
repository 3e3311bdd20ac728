"""Whoever reads stdout may leave at any time: every command ends with 0 and says nothing."""

import os

import pytest

COMMANDS = [
    ("--help",),
    ("--version",),
    ("train", "--help"),
    ("inspect", "MODEL"),
    ("inspect", "MODEL", "--json"),
    ("inspect", "MODEL", "text.txt", "--view", "states"),
    ("inspect", "MODEL", "--view", "graph", "--notation", "dot"),
    ("predict", "MODEL", "text.txt", "--evaluate"),
    ("predict", "MODEL", "text.txt", "--states", "last"),
]


def unread(run, *command):
    """The exit code and stderr of a command whose stdout nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as closed:
        process = run.start(*command, stdout=closed)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_pipe_that_nobody_reads_is_no_error(run, char_model, command):
    run.write("text.txt", "the baker sells seven boats.\n")
    assert unread(run, *(char_model if word == "MODEL" else word for word in command)) == (0, b"")


def test_a_plot_that_nobody_reads_is_no_error(run, here):
    here.write("table.csv", "v\n" + "".join(f"{i % 7}\n" for i in range(90)))
    assert here("train", "table.csv", "--target", "v", "--epochs", "1", "--hidden", "4", "-q", "-o", "m").code == 0
    assert unread(run, "predict", "m", "table.csv", "--plot") == (0, b"")
