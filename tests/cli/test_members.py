"""`train --members N`: one model of several networks, from the shell."""

import json
import signal
from dataclasses import replace

import numpy as np
import pytest

from rnncli.config import TrainConfig
from rnncli.errors import Interrupted
from rnncli.models.model_file import save_model
from rnncli.tasks.trained import load_model
from rnncli.training.experiment import Experiment
from rnncli.training.reports import MemberBegins, Progress
from tests.conftest import Here, Shell, make_text

K = 3
SMALL = ("--hidden", "12", "--batch", "4", "--steps", "16", "--epochs", "1", "--quiet")


def trained(here, *arguments):
    done = here("train", *arguments, "--json")
    assert done.code == 0, done.err
    return json.loads(done.out)


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    """A folder with text.txt, and m.st, a model of K networks of it."""
    here = Here(tmp_path_factory.mktemp("members"))
    (here.folder / "text.txt").write_text(make_text(80), encoding="utf-8")
    here.result = trained(Shell(here.folder), "text.txt", *SMALL, "--members", str(K), "-o", "m.st")
    return here


def apart(here, path, **summary):
    """The networks of a model, each in a file of its own."""
    model = load_model(str(here.folder / path))
    names = [f"{path}.{k}" for k in range(len(model.network.members))]
    for name, network in zip(names, model.network.members, strict=True):
        save_model(str(here.folder / name), replace(model, network=network, summary=model.summary | summary))
    return names


def test_each_member_is_the_network_of_its_own_seed(text):
    model = load_model(str(text.folder / "m.st"))
    for k, network in enumerate(model.network.members):
        alone = trained(text, "text.txt", *SMALL, "--seed", str(k), "-o", "alone.st")
        np.testing.assert_array_equal(load_model(str(text.folder / "alone.st")).network.theta.flat, network.theta.flat)
        assert alone["valid_loss"] == text.result["members"][k]
    assert text.result["valid_loss"] < np.mean(text.result["members"])  # as the logarithm is concave
    assert [h["member"] for h in model.history] == sorted(h["member"] for h in model.history)
    assert text.result["updates"] == model.history[-1]["update"]


def test_the_probability_of_a_token_is_the_mean_of_theirs(text):
    def nats(model):
        done = text("predict", model, "text.txt", "--score", "--per-token")
        return np.array([float(row[-1]) for row in done.rows(4)])

    alone = [nats(name) for name in apart(text, "m.st")]
    np.testing.assert_allclose(nats("m.st"), -np.log(np.mean(np.exp(-np.array(alone)), axis=0)), atol=2e-5)


def test_a_stream_goes_on_with_all_states_and_text_continues(text):
    lines = (text.folder / "text.txt").read_bytes().splitlines(keepends=True)
    whole = text("predict", "m.st", "-", "--score", input=b"".join(lines))
    parts = [
        text("predict", "m.st", "-", "--score", "--state-file", "s", input=b"".join(p))
        for p in (lines[:31], lines[31:])
    ]
    bits = [[row[2] for row in part.rows(6)] for part in (whole, *parts)]
    np.testing.assert_allclose(np.array(bits[1] + bits[2], float), np.array(bits[0], float), atol=1e-4)
    other, *_ = apart(text, "m.st")
    assert "the state of another model" in text("predict", other, "-", "--score", "--state-file", "s").message()
    cold = text("predict", "m.st", "--prompt", "the ", "--length", "12", "--temperature", "0").out.decode()
    assert cold.startswith("the ")


def test_classes_numbers_tags_and_forecasts_are_averaged(here):
    rng = np.random.default_rng(0)
    rows = [f"{'ab'[k % 2]}\t{'xy'[k % 2]} {'pqr'[k % 3]} w{k % 7}\t{k % 5}.5" for k in range(80)]
    here.write("texts.tsv", "label\ttext\tsize\n" + "\n".join(rows))
    here.write("tags.txt", "".join(f"w{k % 9} {'AB'[k % 2]}\n" + "\n" * (k % 6 == 5) for k in range(240)))
    wave = np.sin(np.arange(200) / 4) + 0.1 * rng.standard_normal(200)
    here.write("wave.csv", "level\n" + "\n".join(f"{v:.3f}" for v in wave))
    small = ("--hidden", "5", "--epochs", "1", "--members", "2", "--quiet")

    trained(here, "texts.tsv", "--text", "text", "--label", "label", *small, "-o", "c")
    assert_mean(here, "c", "texts.tsv", "--proba", temperature=1.0)
    trained(here, "texts.tsv", "--text", "text", "--target", "size", "--task", "regress", *small, "-o", "r")
    assert_mean(here, "r", "texts.tsv")
    trained(here, "wave.csv", "--target", "level", *small, "--horizon", "2", "-o", "f")
    assert_mean(here, "f", "wave.csv", "--from", "150", shifts=None)
    trained(here, "tags.txt", "--task", "tag", *small, "--crf", "-o", "t")
    assert here("predict", "t", "tags.txt", "--evaluate").code == 0


def assert_mean(here, path, *arguments, **summary):
    """All numbers that a model predicts are the means of those of its networks."""

    def numbers(model):
        done = here("predict", model, *arguments, "--to", "jsonl")
        assert done.code == 0, done.err
        return np.array([list(_numbers(json.loads(line))) for line in done.out.splitlines()])

    names = apart(here, path, **summary)
    model = load_model(path)
    kept = {name: value for name, value in (model.summary | summary).items() if value is not None}
    save_model("together", replace(model, summary=kept))
    for name in names:
        one = load_model(name)
        save_model(name, replace(one, summary={n: v for n, v in one.summary.items() if v is not None}))
    np.testing.assert_allclose(
        numbers("together"), np.mean([numbers(name) for name in names], axis=0), rtol=1e-4, atol=1e-4
    )


def _numbers(value):
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _numbers(one)
    elif isinstance(value, float):
        yield value


def test_a_stopped_run_goes_on_with_the_member_it_was_at(here, monkeypatch):
    monkeypatch.setattr("rnncli.training.loop.REPORT_SECONDS", 0.0)
    here.write("text.txt", make_text(40))
    options = ("--hidden", "8", "--batch", "4", "--steps", "16", "--epochs", "2", "--members", "3")
    trained(here, "text.txt", *options, "-q", "-o", "whole")
    config = TrainConfig(hidden=8, batch=4, steps=16, epochs=2.0, members=3)
    experiment, member = Experiment(["text.txt"], config, "m", 1), 0
    with pytest.raises(Interrupted, match=r"m\.checkpoint"):
        for report in experiment.reports():
            member = report.member if isinstance(report, MemberBegins) else member
            if isinstance(report, Progress) and member == 1:
                experiment.stop(signal.SIGINT)
    assert here("predict", "m.checkpoint", "--prompt", "a", "--length", "3").code == 0
    assert len(load_model("m.checkpoint").network.members) == 2
    done = here("train", "text.txt", *options, "-o", "m", "--resume")
    assert "continuing from update" in done.err
    assert here.read("m") == here.read("whole")


def test_training_goes_on_from_one_or_from_all(text):
    for start, count in (("m.st", None), ("m.st.0", 2)):
        apart(text, "m.st")
        more = ("--members", str(count)) if count else ()
        result = trained(text, "text.txt", "--init", start, *more, "--epochs", "0.5", "-q", "-o", "on.st")
        assert len(result["members"]) == (count or K)
        assert result["valid_loss"] < text.result["valid_loss"]
    refused = text("train", "text.txt", "--init", "m.st", "--members", "2", "-o", "on.st")
    assert "--init m.st and --members 2 cannot be combined: the model has 3" in refused.message()
    (text.folder / "topics.tsv").write_text(
        "label\ttext\n" + "".join(f"{'ab'[k % 2]}\tthe {'xy'[k % 2]}\n" for k in range(60))
    )
    reader = ("topics.tsv", "--text", "text", "--label", "label", "--init", "m.st", "--epochs", "1", "-q")
    assert "members" not in trained(text, *reader, "-o", "topics.st")


def test_views_look_at_one_member(text):
    (text.folder / "short.txt").write_text("the baker sells\n")

    def view(model, *arguments):
        done = text("inspect", model, "short.txt", "--view", "states", "--json", *arguments)
        return json.loads(done.out), done.err

    names = apart(text, "m.st")
    for k, name in enumerate(names):
        assert view("m.st", "--member", str(k))[0] == view(name)[0]
    first, said = view("m.st")
    assert first == view(names[0])[0]
    assert "member 0 of 3, counted from 0: --member chooses another" in said
    assert "m.st has 3 network(s), counted from 0" in text("inspect", "m.st", "--member", "3").message()
    sizes = [text("inspect", "m.st", *member, "--json").json()["parameters"] for member in ((), ("--member", "1"))]
    assert sizes[0] == K * sizes[1]
    shown = text("inspect", "m.st").out.decode()
    assert "3 members" in shown
    assert "alone" in shown
    for k in range(K):
        own, of_all = (text("inspect", "m.st", *which, "--json").json() for which in (("--member", str(k)), ()))
        mine = [entry["valid_loss"] for entry in of_all["history"] if entry["member"] == k]
        assert (own["valid_loss"], own["verdict"]["own"], own["members"]) == (of_all["members"][k],) * 2 + (None,)
        assert [entry["valid_loss"] for entry in own["history"]] == mine
        assert K * own["training"]["updates"] == of_all["training"]["updates"] == K * own["history"][-1]["update"]
        assert (
            own["valid_loss"] == pytest.approx(min(mine)) and own["training"]["tokens"] == own["history"][-1]["tokens"]
        )
