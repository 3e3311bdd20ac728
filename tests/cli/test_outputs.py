"""Every option that names a file to write: what would destroy something is refused before any work."""

import os
import stat

import pytest

from tests.views.helpers import brief_dynamics

QUICK = ["--hidden", "4", "--epochs", "1", "--quiet"]


@pytest.fixture
def place(here, text):
    """A folder with a text, and a model of it."""
    here.write("text.txt", text[:2000])
    assert here("train", "text.txt", "-o", "m.safetensors", *QUICK).code == 0
    return here


def refused(done, *words):
    message = done.message()
    assert done.code == 2, message
    assert all(word in message for word in words), message


def commands(output):
    """Option -> a command that writes `output`."""
    return {
        "-o": ["train", "text.txt", "-o", output, *QUICK],
        "--log": ["train", "text.txt", "-o", "new", "--log", output, *QUICK],
        "--state-file": ["predict", "m.safetensors", "text.txt", "--score", "--state-file", output],
        "--save": ["inspect", "m.safetensors", "text.txt", "--view", "states", "--save", output],
        "--report": ["inspect", "m.safetensors", "text.txt", "--report", output],
    }


@pytest.mark.parametrize("option", commands(""))
def test_no_option_writes_over_an_input_or_into_a_fifo(option, place):
    name = {"--save": "text.svg", "--report": "text.html"}.get(option, "text.copy")
    os.link(place.folder / "text.txt", place.folder / name)
    before = place.files(), place.read("text.txt")
    refused(place(*commands(name)[option]), option, name, "would be overwritten")
    assert (place.files(), place.read("text.txt")) == before
    fifo = name.replace("text", "fifo")
    os.mkfifo(place.folder / fifo)
    before = place.files()
    refused(place(*commands(fifo)[option]), option, fifo, "a FIFO")
    assert place.files() == before
    assert stat.S_ISFIFO((place.folder / fifo).stat().st_mode)


def test_the_model_is_no_output_of_predict_and_inspect(place):
    model = place.read("m.safetensors")
    refused(place("predict", "m.safetensors", "text.txt", "--score", "--state-file", "m.safetensors"), "--state-file")
    os.link(place.folder / "m.safetensors", place.folder / "m.html")
    refused(place("inspect", "m.safetensors", "text.txt", "--report", "m.html"), "--report")
    assert place.read("m.safetensors") == model


def test_the_name_that_train_chooses_itself_and_the_checkpoint_are_looked_at_too(place):
    place.write("corpus.safetensors", place.read("text.txt"))
    refused(place("train", "corpus.safetensors", *QUICK), "the input corpus.safetensors and -o corpus.safetensors")
    place.write("x.checkpoint", place.read("text.txt"))
    refused(place("train", "x.checkpoint", "-o", "x", *QUICK), "the input x.checkpoint and -o x.checkpoint")
    for option in ("--valid", "--init"):
        refused(
            place("train", "text.txt", option, "m.safetensors", "-o", "m.safetensors", *QUICK),
            f"{option} m.safetensors and -o m.safet",
        )
    place.write("c.toml", "hidden = 4\n")
    refused(place("train", "text.txt", "--config", "c.toml", "-o", "c.toml"), "--config c.toml and -o c.toml")
    refused(place("train", "text.txt", "-o", "n", "--log", "n", *QUICK), "-o and --log name the same file n")
    refused(place("train", "text.txt", "-o", "n", "--log", "n.checkpoint", *QUICK), "-o and --log name the same file")


def test_stdin_from_the_output_is_refused(here, run, text):
    run.write("text.txt", text[:2000])
    with open(run.folder / "text.txt", "rb") as file:
        process = run.start("train", "-", "-o", "text.txt", *QUICK, stdin=file)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"the input <stdin> and -o text.txt are the same file" in err
    assert run.read("text.txt") == text[:2000].encode()
    assert here("train", "text.txt", "-o", "m", *QUICK).code == 0
    run.write("page.html", text[:2000])
    with open(run.folder / "page.html", "rb") as file:
        process = run.start("inspect", "m", "--report", "page.html", stdin=file)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"the input <stdin> and --report page.html are the same file" in err


@pytest.mark.parametrize(
    "command",
    [
        ["predict", "m", "hard", "--score"],
        ["predict", "m", "--score"],
        ["predict", "text.txt", "--prompt", "a"],
        ["inspect", "m", "text.txt", "--view", "states"],
        ["train", "other.txt", "-o", "n", "--valid", "link", "--json", *QUICK],
    ],
    ids=["another name", "stdin", "MODEL", "inspect", "--valid"],
)
def test_stdout_is_no_input_which_would_grow_for_ever(here, run, text, command):
    for name in ("text.txt", "other.txt"):
        run.write(name, text[:2000])
    assert here("train", "text.txt", "-o", "m", *QUICK).code == 0
    os.link(run.folder / "text.txt", run.folder / "hard")
    (run.folder / "link").symlink_to("text.txt")
    with open(run.folder / "text.txt", "rb") as file, open(run.folder / "text.txt", "ab") as out:
        process = run.start(*command, stdin=file, stdout=out)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert b"and <stdout> are the same file: redirect it to another one" in err
    assert run.read("text.txt") == text[:2000].encode()


def test_a_link_stays_a_link_and_its_target_is_the_model(place):
    place.write("old", "old")
    (place.folder / "link").symlink_to("old")
    assert place("train", "text.txt", "-o", "link", *QUICK).code == 0
    assert (place.folder / "link").is_symlink()
    assert place.read("old") == place.read("m.safetensors")


def test_a_null_device_is_written_into_and_stays(place):
    try:
        os.mknod(place.folder / "null", 0o666 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device")
    place.write("null.checkpoint", "of somebody else")
    before = place.files()
    assert place("train", "text.txt", "-o", "null", "--log", "null", *QUICK).code == 0
    assert place.read("null.checkpoint") == b"of somebody else"
    os.unlink(place.folder / "null.checkpoint")
    before.remove("null.checkpoint")
    assert place("train", "text.txt", "-o", "null", "--resume", *QUICK).code == 0
    assert len(place("predict", "m.safetensors", "text.txt", "--score", "--state-file", "null").rows(6)) > 10
    assert place.files() == before
    assert stat.S_ISCHR((place.folder / "null").stat().st_mode)


def test_pictures_are_there_whole_or_not_at_all(place, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    before = place.files()
    monkeypatch.setattr(os, "fsync", full)
    for option, name in (("--save", "v.svg"), ("--save", "v.html"), ("--save", "v.png"), ("--report", "r.html")):
        with brief_dynamics():
            done = place(*commands(name)[option])
        assert done.code == 1
        assert f"{name}: no space left on device" in done.err
    assert place.files() == before
