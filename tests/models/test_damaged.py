"""Models, checkpoints and states that are damaged: one line that says what and where, before anything is computed."""

import json
import random
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save

from rnncli.models import tensors as files
from rnncli.models.tensors import read_tensors
from tests.conftest import Here
from tests.torture.damaged_models import FINE, commands, damaged, verdict
from tests.torture.kinds import KINDS, SMALL, USUAL, train, write_inputs

SHARE = 80  # damaged files; `make torture` reads many more
SOME = ("text", "classify", "read-out", "forecast")
ENOUGH = 1 << 62  # bytes: memory is looked at by `make torture` alone


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with the files of SOME, and their names by kind."""
    folder = tmp_path_factory.mktemp("damaged")
    write_inputs(folder)
    return folder, train(folder, SOME)


def test_a_share_of_damaged_files_is_refused_or_read(trained, tmp_path):
    folder, found = trained
    here, came = Here(folder), []
    for number in range(SHARE):
        rng = random.Random(number)
        name = rng.choice(SOME)
        file = rng.choice(found[name])
        bad = tmp_path / f"d{Path(file).suffix}"
        bad.write_bytes(damaged((folder / file).read_bytes(), rng))
        words = rng.choice(commands(name, file, str(bad)))
        came.append(verdict(here, words, ENOUGH, ENOUGH))
        assert came[-1] in FINE, (number, words)
    assert came.count("refused") > SHARE / 2


def test_the_trainings_of_the_torture_are_possible(trained):
    here = Here(trained[0])
    for name, kind in KINDS.items():
        done = here("train", kind.file, *(SMALL if kind.trained else USUAL), *kind.train, "--dry-run", "-o", "other")
        assert done.code == 0, (name, done.err)


def changed(path: Path, entry: str, change, tensors=None, seal: bool = True) -> bytes:
    """The file with its JSON changed in place, and with other tensors; its checksum is right again."""
    with safe_open(str(path), "numpy") as file:
        arrays, entries = {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118
    values = json.loads(entries[entry])
    change(values)
    first = next(name for name in entries if name.startswith("rnncli"))
    values.pop("crc32", None)
    entries[entry] = json.dumps(values)
    arrays |= tensors(arrays) if tensors else {}
    if seal:
        text = json.dumps({k: v for k, v in json.loads(entries[first]).items() if k != "crc32"})
        seal_of = files._checksum(arrays, entries | {first: text})
        entries[first] = f'{text[:-1]}, "crc32": {seal_of}}}'
    return save(arrays, entries)


def inner(*path, to):
    """A change of the value at this place."""

    def change(values):
        for key in path[:-1]:
            values = values[key]
        values[path[-1]] = to

    return change


FILTERS = ("architecture", "features", 0)
CASES = {  # kind, change of its model, where the message says it is
    "a longer season": ("forecast", inner("schema", "outlook", "season", to=40), "architecture.numbers"),
    "no flag": ("forecast", inner("schema", "flagged", to=[]), "architecture.numbers"),
    "a flag of no column": ("forecast", inner("schema", "flagged", to=[7]), "schema.flagged"),
    "another period": ("forecast", inner("schema", "outlook", "periods", to=["day", "week"]), "architecture.numbers"),
    "an unknown period": ("forecast", inner("schema", "outlook", "periods", to=["moon"]), "schema.outlook.periods[0]"),
    "more categories": ("classify", inner("schema", "categories", 0, 1, to=["a", "b", "c"]), "architecture.categories"),
    "more buckets": ("classify", inner("schema", "buckets", to=10**7), "architecture.grams"),
    "no line end": ("text", inner("vocabulary", "codes", to=[65, 66, 67]), "vocabulary.codes"),
    "a million layers": ("text", inner("architecture", "layers", to=10**6), "architecture.layers"),
    "more units": ("text", inner("architecture", "hidden", to=16_000), "architecture: found '"),
    "another task": ("classify", inner("config", "task", to="regress"), "config.task"),
    "an unknown task": ("classify", inner("config", "task", to="dream"), "config: --task dream"),
    "a width of 0": ("forecast", inner("schema", "outlook", "std", 0, 0, to=0.0), "schema.outlook.std[0][0]"),
    "more signals": ("read-out", inner(*FILTERS, "signals", to=65), "architecture.features[0].signals"),
    "a huge dilation": (
        *("read-out", inner(*FILTERS, "dilations", 0, to=1 << 40)),
        "architecture.features[0].dilations[0]",
    ),
    "fewer labels": ("classify", inner("schema", "labels", to=["ham"]), "architecture.outputs"),
    "no history": ("text", inner("history", to=None), "model.history"),
    "half a hash": (
        "classify",
        inner("summary", "seen", "trained", "hashes", to="AAAA"),
        "summary.seen.trained.hashes",
    ),
    "a temperature of next to nothing": (
        *("classify", inner("summary", "temperature", to=1e-320)),
        "summary.temperature",
    ),
    "weights that are no table": (
        *("forecast", lambda values: values["schema"]["outlook"].update(anchor="linear", weights=[[0.0] * 3, [0.0]])),
        "schema.outlook.weights[1]",
    ),
    "a temperature of 0": ("classify", inner("summary", "temperature", to=0), "summary.temperature"),
    "a clock of 0": ("forecast", inner("schema", "outlook", "calendar", "step", to=0), "schema.outlook.calendar.step"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_would_lie_beyond_arrays_is_refused_by_its_place(trained, tmp_path, case):
    folder, _ = trained
    name, change, where = CASES[case]
    bad = tmp_path / "bad.model"
    bad.write_bytes(changed(folder / f"{name}.model", "rnncli", change))
    message = Here(folder)("predict", str(bad), KINDS[name].file, *KINDS[name].predict).message()
    assert f"bad.model: a damaged model file: {where}" in message
    assert message.endswith(": train it again\n")


@pytest.mark.parametrize(
    ("tensors", "where"),
    [
        (lambda a: {"output.bias": a["output.bias"] * np.nan}, "output.bias: found 'NaN"),
        (lambda a: {"output.bias": a["output.bias"][:-1]}, "output.bias: found"),
        (lambda a: {"output.bias": a["output.bias"].astype(np.float64)}, "output.bias: found"),
        (lambda a: {"rnn.bias_ih_l0": np.zeros((), np.float32)}, "rnn.bias_ih_l0: found"),
        (lambda a: {"x": a["output.bias"]}, "x: found 'a tensor of this name', expected none"),
    ],
)
def test_weights_that_are_no_numbers_or_of_another_shape_are_refused(trained, tmp_path, tensors, where):
    folder, _ = trained
    bad = tmp_path / "bad.model"
    bad.write_bytes(changed(folder / "text.model", "rnncli", lambda values: None, tensors))
    assert f"a damaged model file: {where}" in Here(folder)("predict", str(bad), "text.txt", "--score").message()


def test_a_file_that_was_changed_is_told_by_its_checksum_alone(trained, tmp_path):
    folder, _ = trained
    bad = tmp_path / "bad.model"
    sound = bytearray((folder / "text.model").read_bytes())
    for data, where in (
        (changed(folder / "text.model", "rnncli", inner("data_hash", to="x"), seal=False), "read"),
        (bytes(sound[:-1]) + bytes([sound[-1] ^ 1]), "crc32: found"),
    ):
        bad.write_bytes(data)
        done = Here(folder)("predict", str(bad), "text.txt", "--score")
        assert done.code == 0 if where == "read" else f"a damaged model file: {where}" in done.message()


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (inner("last", to=-1), "state.last"),
        (inner("last", to=100_000), "last: found 100000"),
        (inner("last", to="a"), "state.last: found 'a'"),
        (inner("tokens", to=-5), "state.tokens"),
    ],
)
def test_a_state_of_no_token_is_refused(trained, tmp_path, change, where):
    folder, _ = trained
    bad = tmp_path / "bad.state"
    bad.write_bytes(changed(folder / "text.state", "rnncli-state", change))
    message = Here(folder)("predict", "text.model", "text.txt", "--score", "--state-file", str(bad)).message()
    assert f"a damaged state file: {where}" in message


@pytest.mark.parametrize("option", ["layers", "embed"])
def test_options_of_another_network_are_refused_where_training_starts_from_it(trained, tmp_path, option):
    bad = tmp_path / "bad.model"
    bad.write_bytes(changed(trained[0] / "text.model", "rnncli", inner("config", option, to=5)))
    message = Here(trained[0])("train", "text.txt", "--init", str(bad), "--quiet", "-o", str(tmp_path / "m")).message()
    assert "bad.model: a damaged model file: config: found 'options that make " in message
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("name", "change", "shown"),
    [
        ("text", inner("summary", "best_update", to=None), b"nats"),
        ("text", inner("config", "epochs", to=None), b"training"),
        ("text", inner("config", "dropout", to=None), b"dropout ?"),
        ("text", inner("history", 0, "valid_loss", to=None), b"nats"),
        ("read-out", inner("summary", "readout", to={}), b"? features"),
    ],
)
def test_what_a_model_does_not_say_of_its_training_is_left_out(trained, tmp_path, name, change, shown):
    bad = tmp_path / "bad.model"
    bad.write_bytes(changed(trained[0] / f"{name}.model", "rnncli", change))
    done = Here(trained[0])("inspect", str(bad))
    assert done.code == 0
    assert shown in done.out


def test_a_state_of_a_series_without_its_times_or_rows_is_refused(trained, tmp_path):
    here, state = Here(trained[0]), tmp_path / "s"
    words = ("sales.csv", "--target", "sales", "--time", "none")
    here("train", *words, "--hidden", "4", "--epochs", "0.1", "--quiet", "-o", str(tmp_path / "m"))
    predict = partial(here, "predict", str(tmp_path / "m"), "sales.csv", "--state-file", str(state))
    assert predict().code == 0
    sound = state.read_bytes()
    state.write_bytes(changed(state, "rnncli-state", inner("dated", to=True)))
    assert "s: a damaged state file: times: found 'no tensor'" in predict().message()
    state.write_bytes(sound)
    state.write_bytes(changed(state, "rnncli-state", lambda values: None, lambda arrays: {"numbers": np.zeros(())}))
    assert "s: a damaged state file: rows: found " in predict().message()


def test_an_infinite_number_in_a_checkpoint_does_not_reach_the_model(trained, tmp_path):
    folder, _ = trained
    words = [*KINDS["text"].train, "--hidden", "4", "--seed", "3", "--quiet", "--resume", "-o", str(tmp_path / "m")]

    def infinite(arrays):
        return {"training.best": np.full_like(arrays["training.best"], np.inf)}

    (tmp_path / "m.checkpoint").write_bytes(
        changed(folder / "text.model.checkpoint", "training", lambda values: None, infinite)
    )
    message = Here(folder)("train", "text.txt", *words, "--epochs", "1").message()
    assert "m.checkpoint: a damaged model file: best: found 'NaN or an infinite number'" in message
    assert message.endswith(": begin again with --restart\n")
    assert not (tmp_path / "m").exists()


def test_a_window_beyond_all_bounds_in_a_checkpoint_is_refused_before_it_is_unfolded(trained, tmp_path):
    folder, _ = trained
    words = [*KINDS["text"].train, "--hidden", "4", "--seed", "3", "--quiet", "--resume", "-o", str(tmp_path / "m")]
    (tmp_path / "m.checkpoint").write_bytes(
        changed(folder / "text.model.checkpoint", "training", inner("window", to=1 << 40))
    )
    message = Here(folder)("train", "text.txt", *words, "--epochs", "1").message()
    assert "m.checkpoint: a damaged model file: training.window: found 1099511627776, expected at most " in message


def test_a_checkpoint_that_does_not_say_the_dropout_is_refused(trained, tmp_path):
    folder, _ = trained
    words = [*KINDS["text"].train, "--hidden", "4", "--seed", "3", "--quiet", "--resume", "-o", str(tmp_path / "m")]
    (tmp_path / "m.checkpoint").write_bytes(
        changed(folder / "text.model.checkpoint", "rnncli", inner("config", "dropout", to=None))
    )
    message = Here(folder)("train", "text.txt", *words, "--epochs", "1").message()
    assert "m.checkpoint: a damaged model file: config.dropout: found None, expected a number" in message


def test_deep_json_is_no_traceback(trained, tmp_path):
    folder, _ = trained
    opened = read_tensors(str(folder / "text.model"), "model file")
    bad = tmp_path / "bad.model"
    bad.write_bytes(save(opened.tensors, {"rnncli": "[" * 100_000}))
    assert "a damaged model file: rnncli: no JSON" in Here(folder)("inspect", str(bad)).message()
