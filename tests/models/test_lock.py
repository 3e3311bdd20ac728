"""One training at a time writes a MODEL, and none replaces what was stopped unless it is told to."""

import errno
import json
import os
import signal
from pathlib import Path

import pytest

from rnncli.errors import RnncliError
from rnncli.models import lock
from rnncli.models.lock import ENTRY, locked
from tests.helpers import ready_processes

HOLD = (
    "import sys; from rnncli.models.lock import locked\nwith locked(sys.argv[1:]): print(flush=True); sys.stdin.read()"
)
HOST = os.uname().nodename


@pytest.fixture
def held():
    """`held(model)` is a process that trains it, as far as the lock can tell."""
    with ready_processes() as begin:
        yield lambda *models: begin(HOLD, *models)


@pytest.fixture
def model(tmp_path):
    return str(tmp_path / "m.st")


def owner_of(model):
    return json.loads(Path(f"{model}.lock").read_text())[ENTRY]


def test_a_second_training_is_refused_and_the_first_named(model, held):
    process = held(model)
    for ignore in (False, True):
        with pytest.raises(RnncliError) as error, locked([model], ignore):
            pass
        assert f"process {process.pid} on host {HOST}" in str(error.value)
    process.communicate()
    assert not os.path.exists(f"{model}.lock")
    with locked([model]):
        assert owner_of(model)["process"] == os.getpid()
    assert not os.path.exists(f"{model}.lock")


def test_the_lock_of_a_process_that_was_killed_is_taken_over(model, held):
    process = held(model)
    process.kill()
    process.wait()
    assert os.path.exists(f"{model}.lock")
    with locked([model]):
        assert owner_of(model)["process"] == os.getpid()
    assert not os.path.exists(f"{model}.lock")


@pytest.mark.parametrize("boot", ["", "another one"])
def test_the_lock_of_another_host_is_refused_until_it_is_lifted(model, boot):
    owner = {"process": os.getpid(), "host": "elsewhere", "boot": boot}
    with open(f"{model}.lock", "w") as file:
        json.dump({ENTRY: owner}, file)
    with pytest.raises(RnncliError, match="on host elsewhere trains it; .* --ignore-lock"), locked([model]):
        pass
    assert owner_of(model) == owner
    with locked([model], ignore=True):
        pass
    assert not os.path.exists(f"{model}.lock")


def test_a_container_of_this_machine_is_no_other_host(model):
    with open(f"{model}.lock", "w") as file:
        json.dump({ENTRY: {"process": 1, "host": "a container", "boot": lock.BOOT.read_text().strip()}}, file)
    with locked([model]):
        pass


def test_a_name_that_leads_to_the_model_is_the_model(model, held, tmp_path):
    (tmp_path / "link").symlink_to(model)
    held(model)
    with pytest.raises(RnncliError, match="trains it"), locked([str(tmp_path / "link")]):
        pass


@pytest.mark.parametrize("content", [b"mine", b"{}", b"[" * 4000, json.dumps({ENTRY: 3}).encode()])
def test_a_file_that_is_no_lock_stays(model, content):
    Path(f"{model}.lock").write_bytes(content)
    with locked([model]):
        pass
    assert Path(f"{model}.lock").read_bytes() == content


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL])
def test_where_files_cannot_be_locked_training_goes_on(model, monkeypatch, code):
    def refuse(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(lock.fcntl, "flock", refuse)
    with locked([model]):
        assert not os.path.exists(f"{model}.lock")


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda path: os.symlink("target", path)])
def test_what_is_no_file_is_no_lock(model, make):
    make(f"{model}.lock")
    with locked([model]):
        pass
    assert os.path.lexists(f"{model}.lock")
    assert not os.path.lexists(os.path.join(os.path.dirname(model), "target"))


def test_the_null_device_has_no_lock():
    with locked([os.devnull]), locked([os.devnull]):
        assert not os.path.exists(f"{os.devnull}.lock")


# -- through the shell ------------------------------------------------------------------------------------------------

SMALL = ("--hidden", "8", "--batch", "4", "--steps", "16")


def test_two_trainings_do_not_write_one_model(here, run, text, held):
    here.write("text.txt", text)
    process = run.start("train", "text.txt", *SMALL, "--epochs", "1000", "-o", "m.st")
    assert any(line.startswith(b"update") for line in process.stderr)
    second = here("train", "text.txt", *SMALL, "--epochs", "1", "-o", "m.st", "--resume")
    assert second.code == 1
    assert f"m.st: process {process.pid} on host {HOST} trains it" in second.message()
    process.kill()
    process.wait()
    assert "m.st.lock" in here.files()
    process = run.start("train", "text.txt", *SMALL, "--epochs", "1000", "-o", "m.st", "--restart")
    assert any(line.startswith(b"update") for line in process.stderr)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert here.files() == ["m.st.checkpoint", "text.txt"]


def test_all_models_of_a_comparison_are_locked(here, text, held):
    here.write("text.txt", text)
    process = held("m-gru")
    done = here("train", "text.txt", *SMALL, "--epochs", "1", "--cells", "rnn,gru", "-o", "m")
    assert done.code == 1
    assert f"m-gru: process {process.pid}" in done.message()
    assert here.files() == ["m-gru.lock", "text.txt"]


def test_a_checkpoint_is_not_replaced_unasked(here, text):
    here.write("text.txt", text)
    here.write("m-gru.checkpoint", "precious")
    for output, options in (("m-gru", ()), ("m", ("--cells", "rnn,gru"))):
        done = here("train", "text.txt", *SMALL, "--epochs", "1", "-o", output, *options)
        assert done.code == 1
        assert done.message().startswith("rnncli: m-gru.checkpoint: a training that was stopped: --resume")
        assert here.files() == ["m-gru.checkpoint", "text.txt"]
    both = here("train", "text.txt", "-o", "m-gru", "--resume", "--restart")
    assert both.code == 2 and "--resume and --restart" in both.message()
    assert here("train", "text.txt", *SMALL, "--epochs", "1", "-q", "-o", "m-gru", "--restart").code == 0
    assert here.files() == ["m-gru", "text.txt"]
