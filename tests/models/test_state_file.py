"""The file of a state: whole or not at all, of the model that made it, and of no later version."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from rnncli.errors import RnncliError
from rnncli.models.state_file import ENTRY, FORMAT, StateFile


class Model:
    """Two models are told apart by this."""

    def __init__(self, name):
        self.name = name

    def fingerprint(self):
        return self.name


class Counter:
    """Holds numbers, whose last is a value of JSON."""

    def __init__(self):
        self.held = None

    def state(self):
        return self.held

    def set_state(self, state):
        self.held = state

    def to_tensors(self, state):
        return {"first": np.array(state[:-1])}, {"last": state[-1]}

    def from_tensors(self, tensors, entry):
        return [*tensors["first"].tolist(), entry["last"]]


@pytest.fixture
def path(tmp_path):
    return str(tmp_path / "s.state")


def load(path, model="one"):
    holder = Counter()
    StateFile(path, Model(model), holder).load()
    return holder.held


def test_a_state_is_the_same_again(path):
    StateFile(path, Model("one"), Counter()).save([1, 2, 3])
    assert load(path) == [1, 2, 3]
    StateFile(path, Model("one"), Counter()).save([7, 8])
    assert load(path) == [7, 8]


def test_a_file_that_is_not_there_is_a_new_stream(path):
    assert load(path) is None


def test_the_state_of_another_model_is_refused(path):
    StateFile(path, Model("one"), Counter()).save([1, 2])
    with pytest.raises(RnncliError, match="the state of another model"):
        load(path, "other")


def entry(path, **changes):
    meta = {"format": FORMAT, "model": "one", "last": 3} | changes
    save_file({"first": np.array([1, 2])}, path, {ENTRY: json.dumps(meta)})


def test_the_file_is_plain_safetensors_with_one_entry(path):
    StateFile(path, Model("one"), Counter()).save([1, 2, 3])
    assert load_file(path)["first"].tolist() == [1, 2]
    entry(path)
    assert load(path) == [1, 2, 3]


def test_a_file_of_a_later_version_is_refused_and_says_what_to_do(path):
    entry(path, format=FORMAT + 1)
    with pytest.raises(RnncliError, match=rf"format {FORMAT + 1}, expected at most {FORMAT}: upgrade rnncli"):
        load(path)


@pytest.mark.parametrize("damage", [b"", b"junk", b"\0" * 40, None])
def test_what_is_no_state_file_is_refused_in_one_line(path, damage):
    StateFile(path, Model("one"), Counter()).save([1, 2, 3])
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "wb") as file:
        file.write(whole[:-5] if damage is None else damage)
    with pytest.raises(RnncliError, match="not a state file") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_state_file(tmp_path):
    with pytest.raises(RnncliError, match=str(tmp_path)):
        load(str(tmp_path))
