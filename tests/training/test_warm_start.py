"""`--init` and `--config`: where a run begins, and where its options come from."""

from pathlib import Path

import numpy as np
import pytest

from rnncli.models.model_file import load_model


def test_an_untrained_copy_predicts_what_the_model_predicts(here, char_model, text):
    here.write("text.txt", text)
    done = here("train", "text.txt", "--init", char_model, "--epochs", "1e-6", "--lr", "1e-30", "-o", "copy", "--json")
    assert done.json()["config"]["hidden"] == 32
    old, new = load_model(char_model).network.theta, load_model(str(here.folder / "copy")).network.theta
    for name, array in old.items():
        np.testing.assert_allclose(new[name], array, atol=1e-6, err_msg=name)


def test_tokens_are_matched_by_what_they_stand_for(here, char_model):
    here.write("other.txt", "zebras! 東京 the quick brown fox\n" * 40)
    options = ("--init", char_model, "--epochs", "1e-6", "--lr", "1e-30", "--batch", "2", "--steps", "8")
    done = here("train", "other.txt", *options, "-o", "copy")
    assert done.code == 0
    old, new = load_model(char_model), load_model(str(here.folder / "copy"))
    keys = old.vocabulary.keys()
    known = [key for key in new.vocabulary.keys() if key in keys]  # noqa: SIM118
    assert f"{len(known)} of {len(new.vocabulary)} tokens known" in done.err
    assert 5 < len(known) < len(new.vocabulary)
    for key in known:
        i, j = new.vocabulary.keys().index(key), keys.index(key)
        np.testing.assert_allclose(new.network.theta["embedding.E"][i], old.network.theta["embedding.E"][j], atol=1e-6)
        np.testing.assert_allclose(new.network.theta["output.W"][:, i], old.network.theta["output.W"][:, j], atol=1e-6)
    np.testing.assert_allclose(new.network.theta["0.R"], old.network.theta["0.R"], atol=1e-6)


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
