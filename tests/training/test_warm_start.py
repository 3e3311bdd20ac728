"""`--init` and `--config`: where a run begins, and where its options come from."""

import json
from pathlib import Path

import numpy as np
import pytest

from rnncli.tasks.trained import load_model


def test_an_untrained_copy_predicts_what_the_model_predicts(here, char_model, text):
    here.write("text.txt", text)
    done = here("train", "text.txt", "--init", char_model, "--epochs", "1e-6", "--lr", "1e-30", "-o", "copy", "--json")
    assert done.json()["config"]["hidden"] == 32
    old, new = load_model(char_model).network.theta, load_model(str(here.folder / "copy")).network.theta
    for name, array in old.items():
        np.testing.assert_allclose(new[name], array, atol=1e-6, err_msg=name)


STILL = ("--epochs", "1e-6", "--lr", "1e-30", "--batch", "2", "--steps", "8")  # nothing is learnt


@pytest.mark.parametrize("tokens", ["char", "word", "byte"])
def test_the_tokens_of_the_model_are_kept_and_new_ones_added(here, tokens, text):
    here.write("base.txt", text)
    here.write("more.txt", "zebras! 東京 the quick brown fox, the 東京 zebras!\n" * 40)
    here("train", "base.txt", "--tokens", tokens, "--hidden", "9", "--epochs", "1", "-q", "-o", "base")
    done = here("train", "more.txt", "--init", "base", *STILL, "-o", "fine")
    old, new = load_model("base"), load_model("fine")
    there, here_ = old.vocabulary.keys(), new.vocabulary.keys()
    assert set(there) < set(here_) or tokens == "byte"
    data = here.read("more.txt")
    content = data if tokens == "byte" else data.decode()
    used = set(np.unique(old.vocabulary.encode(content)).tolist()) | {old.vocabulary.unknown}
    unused = len(old.vocabulary) - len(used - {None})
    added = len(new.vocabulary) - len(old.vocabulary)
    assert f"{len(there)} tokens kept, {unused} of them not in the training part; {added} new" in done.err
    rows = [here_.index(key) for key in there]
    for name, array in old.network.theta.items():
        found = new.network.theta[name]
        found = found[rows] if name == "embedding.E" else found[..., rows] if name.startswith("output.") else found
        np.testing.assert_allclose(found, array, atol=1e-6, err_msg=name)
    # base text has the same unknown tokens, and the same predictions among the tokens that the base model has
    base, fine = here.each(*[["predict", model, "base.txt", "--evaluate"] for model in ("base", "fine")])
    assert fine.json()["unknown"] == base.json()["unknown"]
    here.write("line.txt", "the baker\n")
    base, fine = here.each(*[["predict", m, "line.txt", "--next", "400", "--json"] for m in ("base", "fine")])
    base, fine = ({r["token"]: r["probability"] for r in map(json.loads, d.out.splitlines())} for d in (base, fine))
    mass = sum(fine[token] for token in base)
    for token, p in base.items():
        assert fine[token] / mass == pytest.approx(p, abs=3e-6 / mass)


def test_without_new_tokens_the_copy_predicts_what_the_model_predicts(here, text, char_model):
    here.write("base.txt", text)
    here.write("more.txt", "the baker sells\n" * 40)
    here("train", "more.txt", "--init", char_model, *STILL, "-q", "-o", "fine")
    runs = here.each(*[["predict", model, "base.txt", "--evaluate"] for model in (char_model, "fine")])
    told = ("seen", "validation")  # of the files that each was trained on
    base, fine = ({name: value for name, value in run.json().items() if name not in told} for run in runs)
    assert fine == pytest.approx(base, abs=1e-6)


def test_the_other_way_has_the_tokens_of_the_new_text_alone(here, char_model):
    here.write("other.txt", "zebras! 東京 the quick brown fox\n" * 40)
    done = here("train", "other.txt", "--init", char_model, *STILL, "--new-vocabulary", "-o", "copy")
    assert done.code == 0
    old, new = load_model(char_model), load_model(str(here.folder / "copy"))
    keys = old.vocabulary.keys()
    known = [key for key in new.vocabulary.keys() if key in keys]  # noqa: SIM118
    assert f"{len(known)} of {len(new.vocabulary)} tokens known to it, {len(keys) - len(known)} of its" in done.err
    assert 5 < len(known) < len(new.vocabulary)
    for key in known:
        i, j = new.vocabulary.keys().index(key), keys.index(key)
        np.testing.assert_allclose(new.network.theta["embedding.E"][i], old.network.theta["embedding.E"][j], atol=1e-6)
        np.testing.assert_allclose(new.network.theta["output.W"][:, i], old.network.theta["output.W"][:, j], atol=1e-6)
    np.testing.assert_allclose(new.network.theta["0.R"], old.network.theta["0.R"], atol=1e-6)


def test_a_limit_below_what_is_kept_is_refused(here, char_model, text):
    here.write("text.txt", text)
    done = here("train", "text.txt", "--init", char_model, "--vocabulary", "5", "-o", "m")
    assert (done.code, "--new-vocabulary" in done.message()) == (2, True)
    done = here("train", "text.txt", "--new-vocabulary", "-o", "m")
    assert (done.code, "--init" in done.message()) == (2, True)


def test_a_warm_start_learns_faster(here, char_model, text):
    here.write("text.txt", text)
    options = ("--epochs", "0.3", "--hidden", "32", "--batch", "8", "--steps", "32", "--json", "--quiet")
    cold, warm = here.each(
        ["train", "text.txt", *options, "-o", "cold"],
        ["train", "text.txt", *options, "-o", "warm", "--init", char_model],
    )
    assert warm.json()["valid_loss"] < cold.json()["valid_loss"] - 0.3


def test_the_model_to_start_from_is_not_overwritten(here, char_model, text):
    here.write("text.txt", text)
    Path(here.folder / "text.safetensors").write_bytes(Path(char_model).read_bytes())
    done = here("train", "text.txt", "--init", "text.safetensors", "--epochs", "1")
    assert done.code == 2
    assert "--init text.safetensors and -o" in done.message()


def test_the_command_line_s_budget_goes_before_that_of_a_config_file(here, text):
    here.write("text.txt", text)
    here.write("c.toml", "minutes = 10\nhidden = 8\n")
    done = here("train", "text.txt", "--config", "c.toml", "--epochs", "0.2", "-o", "m", "--json")
    assert (done.json()["config"]["minutes"], done.json()["config"]["epochs"]) == (None, 0.2)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--hidden", "33"), "--hidden 33"),
        (("--cell", "gru"), "--cell gru"),
        (("--tokens", "word"), "--tokens word"),
        (("--tied",), "--tied True"),
    ],
)
def test_another_architecture_is_refused_and_named(here, char_model, text, options, words):
    here.write("text.txt", text)
    done = here("train", "text.txt", "--init", char_model, "--epochs", "1", *options)
    assert done.code == 2
    assert "--init" in done.message()
    assert words in done.message()


def test_a_config_file_gives_options_and_the_command_line_goes_before_it(here, text):
    here.write("text.txt", text)
    here.write("c.toml", 'hidden = 10\nepochs = 0.5\ncell = "gru"\nvalid-fraction = 0.2\nmin_count = 1\nquiet = true\n')
    done = here("train", "text.txt", "--config", "c.toml", "--hidden", "12", "-o", "m", "--json")
    assert done.err == ""
    config = done.json()["config"]
    expected = {"hidden": 12, "epochs": 0.5, "cell": "gru", "valid_fraction": 0.2, "min_count": 1}
    assert {name: config[name] for name in expected} == expected


def test_a_config_file_with_mistakes_is_refused_in_one_line(here, text):
    here.write("text.txt", text)
    cases = {
        "hiden = 10\n": (2, "hiden"),
        "config = 'x'\n": (2, "config"),
        "hidden\n": (1, "line 1"),
        "hidden = 'many'\n": (2, "--hidden"),
        "hidden = 0\n": (2, "--hidden 0"),
        "hidden = true\n": (2, "hidden = True"),
        "hidden = 12.5\n": (2, "12.5"),
        "lr = [1]\n": (2, "lr = [1]"),
        "tied = 1\n": (2, "tied = 1"),
        "\xff": (2, "ÿ"),
    }
    for content, (code, words) in cases.items():
        here.write("c.toml", content.encode("latin-1") if content == "\xff" else content)
        done = here("train", "text.txt", "--config", "c.toml")
        expected = 1 if content == "\xff" else code
        assert done.code == expected, content
        assert done.message().count("\n") == 1
        assert content == "\xff" or words in done.message()
    assert here("train", "text.txt", "--config", "missing.toml").code == 1
    assert "c.toml.safetensors" not in here.files()


@pytest.mark.parametrize("form", ["blocks", "lines", "text"])
@pytest.mark.parametrize(("name", "row"), [("t.jsonl", '{{"t": "sun {}", "k": 1}}\n'), ("t.csv", "sun {},x\n")])
def test_the_form_of_the_model_yields_to_a_column_of_texts(here, form, name, row):
    here.write("base.txt", "sun warm\nlight day\n\n" * 20)
    assert here("train", "base.txt", "--format", form, "--hidden", "4", "--epochs", "1", "-o", "base").code == 0
    here.write(name, "t,k\n" * name.endswith("csv") + "".join(row.format(i) for i in range(30)))
    done = here("train", name, "--init", "base", "--text", "t", "--task", "language", "--epochs", "1", "-o", "more")
    assert done.code == 0 and f"{name}  30 records, " in done.err
    assert not set(load_model("more").vocabulary.keys()) & set(map(ord, '{":,'))
