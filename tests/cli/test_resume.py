"""Same data, options and seed: the same MODEL, whatever the threads and however often the run was stopped."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted, RnncliError, UsageError
from rnncli.tasks.trained import load_checkpoint, load_model
from rnncli.training import loop
from rnncli.training.experiment import Experiment
from rnncli.training.reports import CheckpointDue, Progress, Saved
from rnncli.training.search import resolve

SMALL = ("--hidden", "16", "--batch", "8", "--steps", "24")


def test_the_seed_changes_the_model_and_threads_and_names_do_not(here, text):
    here.write("text.txt", text)
    kinds = {
        "stream": ("--layers", "2", "--dropout", "0.2"),
        "lines": ("--format", "lines", "--cell", "gru", "--optimizer", "rmsprop"),
    }
    common = ("train", "text.txt", "--hidden", "20", "--batch", "7", "--epochs", "1", "--quiet")
    for kind, options in kinds.items():
        one, two = here.each(
            [*common, *options, "--threads", "1", "-o", f"{kind}.one"],
            [*common, *options, "--threads", "2", "-o", f"{kind} with another name.two"],
        )
        assert (one.code, two.code) == (0, 0)
        assert here.read(f"{kind}.one") == here.read(f"{kind} with another name.two")
    other = here(*common, *kinds["stream"], "--seed", "1", "-o", "other")
    assert other.code == 0
    assert here.read("other") != here.read("stream.one")


def interrupted(run, command, number):
    """Start it, send the signal after the first line of an update, return the exit code and stderr."""
    process = run.start(*command)
    lines = []
    for line in process.stderr:
        lines.append(line.decode())
        if line.startswith(b"update"):
            process.send_signal(number)
            break
    out, rest = process.communicate(timeout=60)
    assert out == b""
    return process.returncode, "".join(lines) + rest.decode()


def test_a_run_that_is_stopped_twice_ends_as_if_it_never_was(here, run, text):
    here.write("text.txt", text)
    command = ("train", "text.txt", *SMALL, "--epochs", "60")
    whole = here(*command, "--quiet", "-o", "whole.st")
    assert (whole.code, whole.err) == (0, "")

    code, err = interrupted(run, [*command, "-o", "m.st"], signal.SIGINT)
    assert code == 130
    assert here.files() == ["m.st.checkpoint", "text.txt", "whole.st"]
    last = err.splitlines()[-1]
    assert re.match(r"rnncli: stopped at update [\d,]+", last)
    assert "m.st.checkpoint" in last
    assert "--resume" in last
    stopped = int(re.search(r"update ([\d,]+)", last)[1].replace(",", ""))

    looked, continued = here.each(
        ["inspect", "m.st.checkpoint", "--json"],
        ["predict", "m.st.checkpoint", "--prompt", "the ", "--length", "5"],
    )
    assert looked.json()["config"]["epochs"] == 60
    assert len(continued.out.decode()) == len("the ") + 5 + 1

    code, err = interrupted(run, [*command, "-o", "m.st", "--resume", "--threads", "2"], signal.SIGTERM)
    assert code == 143
    assert f"continuing from update {stopped:,}" in err
    assert "--resume" in err.splitlines()[-1]
    assert here.files() == ["m.st.checkpoint", "text.txt", "whole.st"]

    ended = here(*command, "-o", "m.st", "--resume", "--log", "log.jsonl", "--threads", "1")
    assert ended.code == 0
    assert "continuing from update" in ended.err
    assert here.files() == ["log.jsonl", "m.st", "text.txt", "whole.st"]
    assert here.read("m.st") == here.read("whole.st")
    assert all(len(json.loads(line)) == 9 for line in here.read("log.jsonl").splitlines())


def test_a_signal_before_training_leaves_nothing(run):
    for number in (signal.SIGINT, signal.SIGTERM):
        process = run.start("train", "-")
        process.stdin.write(b"the data never ends\n" * 10_000)  # more than a pipe holds: it is being read
        process.stdin.flush()
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == 128 + number
        assert b"Traceback" not in err
        assert run.files() == []


def test_sigusr1_stops_a_training_when_it_suits(here, run, text):
    here.write("text.txt", text)
    command = ("train", "text.txt", *SMALL, "--epochs", "60")
    assert here(*command, "--quiet", "-o", "whole.st").code == 0
    code, err = interrupted(run, [*command, "-o", "m.st"], signal.SIGUSR1)
    assert (code, here.files()) == (130, ["m.st.checkpoint", "text.txt", "whole.st"])
    assert re.match(
        r"rnncli: stopped at update [\d,]+; everything is in m.st.checkpoint: .*--resume", err.splitlines()[-1]
    )
    assert here(*command, "-o", "m.st", "--resume", "--quiet").code == 0
    assert here.read("m.st") == here.read("whole.st")


def test_sigusr1_before_training_waits_for_the_first_update(run, text):
    process = run.start("train", "-", *SMALL, "--epochs", "60", "-o", "m.st")
    process.stdin.write(text.encode() * 10)  # more than a pipe holds: it is being read
    process.stdin.flush()
    for _ in range(3):
        process.send_signal(signal.SIGUSR1)
        time.sleep(0.01)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, run.files()) == (130, ["m.st.checkpoint"])
    assert b"rnncli: stopped at update 1; everything is in m.st.checkpoint" in err


def test_resume_without_a_checkpoint_starts_afresh_and_says_so(here, text):
    here.write("text.txt", text)
    command = ("train", "text.txt", *SMALL, "--epochs", "1")
    plain, resumed = here.each([*command, "-o", "plain.st"], [*command, "-o", "m.st", "--resume"])
    assert (plain.code, resumed.code) == (0, 0)
    assert "m.st.checkpoint: starting afresh" in resumed.err
    assert "afresh" not in plain.err
    assert here.read("m.st") == here.read("plain.st")

    os.utime(here.folder / "m.st", (1, 1))
    again = here(*command, "-o", "m.st", "--resume")
    assert again.code == 0
    assert "finished" in again.err
    assert not re.search(r"^update", again.err, re.M)
    assert (here.folder / "m.st").stat().st_mtime > 1
    assert here.read("m.st") == here.read("plain.st")
    assert here.files() == ["m.st", "plain.st", "text.txt"]


def test_json_tells_of_a_finished_model_too(here, text):
    here.write("text.txt", text)
    command = ("train", "text.txt", *SMALL, "--epochs", "1", "--json", "--resume")
    first, second = here(*command).json(), here(*command).json()
    assert second["model"] == "text.safetensors"
    assert second["valid_loss"] == first["valid_loss"]


def test_a_minutes_budget_ends_by_itself_with_a_whole_model(here, text):
    here.write("text.txt", text)
    result = here("train", "text.txt", *SMALL, "--minutes", "0.05", "--json", "--quiet").json()
    assert result["stopped"] == "done"
    assert result["config"]["minutes"] == 0.05
    assert result["updates"] > 10
    assert here.files() == ["text.safetensors", "text.txt"]


# -- without processes: stopped at every update -------------------------------------------------------------------


class Trainer:
    """Experiments on one text; a progress report after each update, as if a second had passed."""

    def __init__(self, folder: Path, monkeypatch):
        self.folder, self.monkeypatch = folder, monkeypatch
        monkeypatch.setattr(loop, "REPORT_SECONDS", 0)

    def path(self, name: str) -> Path:
        return self.folder / name

    def train(self, config, name="m.st", data="text.txt", valid=None, resume=False, stop_at=None, die_at=None):
        """The bytes of MODEL; None if it was stopped by a signal at an update, or killed after a checkpoint at one."""
        self.monkeypatch.setattr(loop, "CHECKPOINT_SECONDS", 60.0 if die_at is None else 0.0)
        valid = valid and str(self.path(valid))
        experiment = Experiment([str(self.path(data))], config, str(self.path(name)), 1, valid, resume)
        try:
            for report in experiment.reports():
                if isinstance(report, Progress) and report.step == stop_at:
                    experiment.stop(signal.SIGINT)
                elif isinstance(report, CheckpointDue) and experiment.training.counters.step == die_at:
                    return None
                elif isinstance(report, Saved):
                    assert Path(report.path).exists()
        except Interrupted as error:
            assert error.exit_code == 130
            return None
        return self.path(name).read_bytes()

    def clear(self, name="m.st"):
        for path in (self.path(name), self.path(name + ".checkpoint")):
            path.unlink(missing_ok=True)


@pytest.fixture
def trainer(tmp_path, monkeypatch, text):
    (tmp_path / "text.txt").write_text(text)
    return Trainer(tmp_path, monkeypatch)


CONFIGS = {
    "fewer updates than validations": TrainConfig(epochs=1, hidden=12, batch=32, steps=36),
    "lines, gru, patience": TrainConfig(
        epochs=1.5, hidden=12, batch=32, steps=48, format="lines", cell="gru", optimizer="rmsprop", patience=9
    ),
    "no validation, two layers, dropout": TrainConfig(
        epochs=1, hidden=12, batch=32, steps=36, valid_fraction=0.0, layers=2, dropout=0.3, optimizer="sgd"
    ),
}


@pytest.mark.parametrize("how", ["stop_at", "die_at"])
@pytest.mark.parametrize("name", CONFIGS)
def test_a_run_may_end_after_any_update_and_go_on(trainer, name, how):
    whole = trainer.train(CONFIGS[name], "whole.st")
    updates = load_model(str(trainer.path("whole.st"))).summary["updates"]
    assert 5 < updates < 30
    for update in range(1 + (how == "die_at"), updates, 2):  # the odd ones or the even ones
        assert trainer.train(CONFIGS[name], **{how: update}) is None, update
        assert trainer.path("m.st.checkpoint").exists()
        assert not trainer.path("m.st").exists()
        assert trainer.train(CONFIGS[name], resume=True) == whole, f"ended after update {update} of {updates}"
        assert not trainer.path("m.st.checkpoint").exists()
        trainer.clear()


@pytest.mark.parametrize("how", ["stop_at", "die_at"])
@pytest.mark.parametrize("name", CONFIGS)
def test_a_run_may_end_between_its_last_update_and_its_model(trainer, name, how):
    whole = trainer.train(CONFIGS[name], "whole.st")
    last = load_model(str(trainer.path("whole.st"))).summary["updates"]
    assert trainer.train(CONFIGS[name], **{how: last}) is None
    assert trainer.train(CONFIGS[name], resume=True) == whole


def test_a_longer_budget_goes_on_from_the_checkpoint(trainer):
    short = TrainConfig(epochs=1, hidden=12, batch=32, steps=36)
    long = TrainConfig(epochs=2, hidden=12, batch=32, steps=36)
    assert trainer.train(short, stop_at=5) is None
    assert trainer.train(long, resume=True) is not None
    model = load_model(str(trainer.path("m.st")))
    assert model.config.epochs == 2
    assert model.summary["updates"] == 16
    updates = [entry["update"] for entry in model.history]
    assert updates == sorted(set(updates))


def test_another_budget_than_that_of_a_finished_model_starts_afresh_with_its_own_options(trainer):
    short, long = (TrainConfig(epochs=epochs, hidden=12, batch=32, steps=36) for epochs in (1, 2))
    fresh = trainer.train(long, name="fresh.st")
    assert trainer.train(short) is not None
    assert trainer.train(long, resume=True) == fresh  # --dropout, which follows from the epochs, included


def test_what_auto_chose_stays_when_the_budget_gets_longer(trainer, text):
    trainer.path("long.txt").write_text(text * 8)
    short, long, found = TrainConfig(minutes=0.002), TrainConfig(minutes=3.0), []
    for config, update in ((short, 1), (long, 2)):
        assert trainer.train(config, data="long.txt", resume=config is long, stop_at=update) is None
        found.append(load_checkpoint(str(trainer.path("m.st.checkpoint")))[0].config)
    before, after = found
    assert resolve(long, 64_000, 40).hidden > before.hidden
    assert (after.hidden, after.dropout, after.minutes) == (before.hidden, before.dropout, 3.0)


SIZES = {"hidden": 16, "batch": 8, "steps": 24}
OTHER = {
    "seed": (TrainConfig(epochs=1, **SIZES, seed=1), "text.txt", None, "--seed 0, found 1 now"),
    "cell": (TrainConfig(epochs=1, **SIZES, cell="gru"), "text.txt", None, "--cell lstm, found gru now"),
    "rate": (TrainConfig(epochs=1, **SIZES, lr=0.1), "text.txt", None, "--lr 0.004, found 0.1 now"),
    "size": (TrainConfig(epochs=1, **SIZES | {"hidden": 17}), "text.txt", None, "--hidden 16, found 17 now"),
    "rare": (TrainConfig(epochs=1, **SIZES, min_count=1), "text.txt", None, "--min-count 2, found 1 now"),
    "letters": (TrainConfig(epochs=1, **SIZES), "same length.txt", None, "other data"),
    "more": (TrainConfig(epochs=1, **SIZES), "more.txt", None, "other data"),
    "more, and sizes that follow it": (TrainConfig(epochs=1), "more.txt", None, "other data"),
    "validation": (TrainConfig(epochs=1, **SIZES), "text.txt", "same length.txt", "other data"),
}


@pytest.fixture(scope="module")
def ends(tmp_path_factory, text):
    """Whether the training ended -> the name of what it left, and the bytes of it."""
    with pytest.MonkeyPatch.context() as patch:
        trainer = Trainer(tmp_path_factory.mktemp("ends"), patch)
        trainer.path("text.txt").write_text(text)
        trainer.train(TrainConfig(epochs=1, **SIZES), stop_at=2)
        stopped = trainer.path("m.st.checkpoint").read_bytes()
        trainer.clear()
        return {False: ("m.st.checkpoint", stopped), True: ("m.st", trainer.train(TrainConfig(epochs=1, **SIZES)))}


@pytest.mark.parametrize("ended", [False, True])
@pytest.mark.parametrize("name", OTHER)
def test_other_data_or_options_are_refused_by_name_and_nothing_is_touched(trainer, text, name, ended, ends):
    config, data, valid, words = OTHER[name]
    trainer.path("same length.txt").write_text(text.replace("a", "e"))
    trainer.path("more.txt").write_text(text * 5)
    made, before = trainer.path(ends[ended][0]), ends[ended][1]
    made.write_bytes(before)
    os.utime(made, (1, 1))
    files = sorted(trainer.folder.iterdir())
    with pytest.raises(UsageError, match=words) as caught:
        trainer.train(config, data=data, valid=valid, resume=True)
    assert str(made) in str(caught.value)
    assert sorted(trainer.folder.iterdir()) == files
    assert (made.read_bytes(), made.stat().st_mtime) == (before, 1)


def test_a_refusal_to_resume_exits_2_in_one_line(here, trainer):
    assert trainer.train(TrainConfig(epochs=1, **SIZES), stop_at=2) is None
    done = here("train", "text.txt", *SMALL, "--epochs", "1", "-o", "m.st", "--resume", "--seed", "3")
    assert done.code == 2
    assert "--seed 0, found 3 now" in done.message()
    assert "m.st.checkpoint" in done.message()


def test_a_damaged_checkpoint_is_refused_in_one_line(here, trainer):
    assert trainer.train(TrainConfig(epochs=1, **SIZES), stop_at=2) is None
    here.write("m.st.checkpoint", here.read("m.st.checkpoint")[:5000])
    done = here("train", "text.txt", *SMALL, "--epochs", "1", "-o", "m.st", "--resume")
    assert done.code == 1
    assert "m.st.checkpoint" in done.message()


def test_a_model_under_the_name_of_a_checkpoint_is_refused(trainer):
    config = TrainConfig(epochs=1, **SIZES)
    assert trainer.train(config) is not None
    shutil.copy(trainer.path("m.st"), trainer.path("m.st.checkpoint"))
    with pytest.raises(RnncliError, match=r"m\.st\.checkpoint: ") as caught:
        trainer.train(config, resume=True)
    assert caught.value.exit_code == 1
