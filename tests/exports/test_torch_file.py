"""`rnncli inspect MODEL --export torch`: a state dict that PyTorch's modules load, and that gives what ours gives."""

import json
import re
import shutil
import subprocess
from ast import literal_eval
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

from rnncli.data.batches import Batch
from rnncli.errors import RnncliError
from rnncli.exports.torch_file import to_state_dict
from tests.exports.models import TEMPERATURE, TOKENS, model_of, unfolded
from tests.torch_weights import outputs_of, pytorch

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "models" / "kept" / "format1"
X = np.random.default_rng(0).integers(TOKENS, size=40)
CELLS = ("lstm", "gru", "rnn-tanh", "rnn-relu")


def logits_here(model, ids):
    """Of a language model over one row of ids (T, V)."""
    u, T = unfolded(model, len(ids), 1), len(ids)
    u.forward(Batch.to_read(np.asarray(ids, np.int32)[:, None], np.zeros((T, 1), np.uint8)))
    return np.concatenate([u.outputs(*block).copy() for block in u.blocks(T)])[:, 0]


def steady(cell, layers):
    """A language model; where states have no bounds, of smaller weights: else rounding would grow beyond all digits."""
    model = model_of("language", cell=cell, layers=layers)
    for name, array in model.network.theta.items():
        array *= 0.4 if cell == "rnn-relu" and name.endswith(".R") else 1
    return model


def exported(folder, model, name="w.safetensors"):
    """The tensors of its file, and what they mean."""
    (folder / name).write_bytes(to_state_dict(model, "MODEL"))
    with safe_open(folder / name, "numpy") as file:
        assert list(file.metadata()) == ["meaning"]
        return load_file(folder / name), json.loads(file.metadata()["meaning"])


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("layers", [1, 2])
def test_the_equations_of_pytorch_give_the_same_logits(tmp_path, cell, layers):
    model = steady(cell, layers)
    weights, _ = exported(tmp_path, model)
    activation = (lambda z: np.maximum(z, 0)) if cell == "rnn-relu" else np.tanh
    h = outputs_of(weights, weights["embedding.weight"][X], activation)
    expected = logits_here(model, X)
    found = h @ weights["output.weight"].T + weights["output.bias"]
    np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max())


LOAD = """
import json, sys, numpy as np, torch
from safetensors import safe_open
x = torch.tensor(np.load("x.npy"))
for path in sys.argv[1:]:
    with safe_open(path, "pt") as file:
        w = {name: file.get_tensor(name) for name in file.keys()}
        meaning = json.loads(file.metadata()["meaning"])
    a, more = meaning["architecture"], {}
    if meaning["module"] == "nn.RNN":
        more["nonlinearity"] = a["cell_options"].get("activation", "tanh")
    rnn = getattr(torch.nn, meaning["module"][3:])(a["embed"], a["hidden"], a["layers"], **more)
    rnn.load_state_dict({name[4:]: array for name, array in w.items() if name.startswith("rnn.")})
    logits = rnn(w["embedding.weight"][x])[0] @ w["output.weight"].T + w["output.bias"]
    np.save(f"{path}.npy", logits.detach().numpy())
"""


def test_the_modules_of_pytorch_give_the_same_logits(tmp_path):
    python = pytorch()
    models = {f"{cell}-{n}": steady(cell, n) for cell in CELLS for n in (1, 2)}
    for name, model in models.items():
        exported(tmp_path, model, name)
    np.save(tmp_path / "x.npy", X)
    subprocess.run([python, "-c", LOAD, *models], cwd=tmp_path, check=True, timeout=100)
    for name, model in models.items():
        expected, found = logits_here(model, X), np.load(tmp_path / f"{name}.npy")
        np.testing.assert_allclose(found, expected, atol=1e-6 * np.abs(expected).max(), err_msg=name)


def test_a_file_is_what_stdout_gets(here):
    kept = str(KEPT / "language.safetensors")
    done = here("inspect", kept, "--export", "torch", "--save", "w.safetensors")
    assert (done.code, done.out, done.err) == (0, b"", "w.safetensors is written\n")
    piped = here("inspect", kept, "--export", "torch")
    assert (piped.code, piped.err, piped.out) == (0, "", here.read("w.safetensors"))
    done = here("inspect", kept, "--export", "torch", "--save", "w.onnx")
    assert (done.code, "ends in .safetensors" in done.message()) == (2, True)


@pytest.mark.parametrize("name", ["classify", "tag", "forecast", "regress"])
def test_every_task_has_a_file(here, name):
    done = here("inspect", str(KEPT / f"{name}.safetensors"), "--export", "torch", "--save", "w.safetensors")
    assert done.code == 0, done.err
    with safe_open(here.folder / "w.safetensors", "numpy") as file:
        meaning = json.loads(file.metadata()["meaning"])
        assert {"rnn.weight_ih_l0", "output.weight"} < set(file.keys())
    assert meaning["task"] == name
    assert set(meaning) == {"architecture", "form", "module", "schema", "task", "version"}
    assert {"tag": "task.", "forecast": "the network alone"}.get(name, "is written") in done.err


@pytest.mark.parametrize("task", ["classify", "multilabel"])
def test_probabilities_have_their_temperature(tmp_path, task):
    """Else softmax of what PyTorch gives is not what predict writes."""
    (tmp_path / "w.safetensors").write_bytes(to_state_dict(model_of(task, pool=["last"]), "MODEL"))
    with safe_open(tmp_path / "w.safetensors", "numpy") as file:
        assert json.loads(file.metadata()["meaning"])["temperature"] == TEMPERATURE


@pytest.mark.parametrize(
    ("cell", "words"),
    [("conv", "the cell conv has no module"), ("mingru", "the cell mingru"), ("rnn-linear", "no activation=linear")]
    + [("rnn-leak", "nn.RNN has no leak=0.3")],
)
def test_what_pytorch_has_no_module_for_is_refused_by_name(cell, words):
    with pytest.raises(RnncliError, match=re.escape(words)):
        to_state_dict(model_of("language", cell=cell), "MODEL")


def test_one_of_several_networks_is_written(here):
    options = ("--members", "2", "--hidden", "4", "--epochs", "1e-6", "-q", "-o", "m.safetensors")
    here.write("t.txt", "abcdefgh " * 99)
    assert here("train", "t.txt", *options).code == 0
    first = here("inspect", "m.safetensors", "--export", "torch")
    assert "member 0 of 2" in first.err
    second = here("inspect", "m.safetensors", "--export", "torch", "--member", "1")
    assert (second.code, second.err) == (0, "")
    assert first.out != second.out


def test_the_program_of_the_page_finds_the_next_characters(here):
    page = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    (program,) = [text for text in re.findall(r"^```python\n(.*?)^```", page, re.M | re.S) if "import torch" in text]
    python = pytorch()
    shutil.copy(KEPT / "language.safetensors", here.folder / "tales.safetensors")
    assert "rnncli inspect tales.safetensors --export torch --save weights.safetensors\n" in page
    options = ("--export", "torch", "--save", "weights.safetensors")
    assert here("inspect", "tales.safetensors", *options).code == 0
    done = subprocess.run([python, "-c", program], cwd=here.folder, capture_output=True, text=True, check=True)
    rows = here("predict", "tales.safetensors", "--prompt", "Once upon a tim", "--next", "3", "--to", "jsonl")
    assert literal_eval(done.stdout) == [json.loads(line)["token"] for line in rows.out.decode().splitlines()]
