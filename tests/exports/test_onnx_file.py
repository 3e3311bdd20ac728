"""A file of ONNX gives in onnxruntime what the network gives here: every cell and task, lengths and batches."""

import json
from dataclasses import replace

import numpy as np
import pytest

from rnncli.data.batches import Batch
from rnncli.data.window import Window
from rnncli.data.word_grams import word_grams
from rnncli.errors import RnncliError
from rnncli.network.conformal import Calibration
from rnncli.network.likelihoods import squareplus
from rnncli.tasks import task_of
from tests.exports.models import CELLS, FEATURES, KINDS, LEVELS, TEMPERATURE, TOKENS, columns_of, model_of, unfolded
from tests.helpers import assert_close

onnx = pytest.importorskip("onnx")
onnxruntime = pytest.importorskip("onnxruntime")

from rnncli.exports.onnx_file import to_onnx  # noqa: E402

TOLERANCE = 1e-5
SIZES = [(T, N) for T in (1, 7, 40) for N in (1, 3)]
POOL = ["last", "mean", "max"]
cells = pytest.mark.parametrize("cell", CELLS)


class File:
    """The file of a model, checked, and run by onnxruntime."""

    def __init__(self, model):
        data = to_onnx(model, "MODEL")
        onnx.checker.check_model(data, full_check=True)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(data, options)
        self.names = [output.name for output in self.session.get_outputs()]
        self.properties = self.session.get_modelmeta().custom_metadata_map

    def __call__(self, N, states=None, **feed):
        """Outputs by name; states start from zero unless they are the outputs of a call before."""
        for given in self.session.get_inputs():
            if given.name.startswith("state_"):
                shape = [N, *given.shape[1:]]
                before = given.name.replace("state_", "next_", 1)
                feed[given.name] = states[before] if states else np.zeros(shape, np.float32)
        return dict(zip(self.names, self.session.run(None, feed), strict=True))


def in_two_calls(file, T, N, feed):
    """The first outputs of two calls, joined, the second of which goes on from the states of the first."""
    cut = max(1, T // 3)
    first = file(N, **{name: array[:, :cut] for name, array in feed.items()})
    if cut == T:
        return first[file.names[0]]
    second = file(N, first, **{name: array[:, cut:] for name, array in feed.items()})
    return np.concatenate([one[file.names[0]] for one in (first, second)], axis=1)


def refuse_difference(file, T, N, feed, expected):
    """One call and two calls are both as expected (T, N, ..)."""
    expected = np.swapaxes(expected, 0, 1)
    assert_close(file(N, **feed)[file.names[0]], expected, TOLERANCE)
    assert_close(in_two_calls(file, T, N, feed), expected, TOLERANCE)


def read(u, x, T, N):
    """The outputs (T, N, V) over a window."""
    u.forward(Batch.to_read(x, np.zeros((T, N), np.uint8)))
    return np.concatenate([u.outputs(*block).copy() for block in u.blocks(T)])


# -- streams ----------------------------------------------------------------------------------------------------------


def check_language(**said):
    model = model_of("language", **said)
    file, rng = File(model), np.random.default_rng(1)
    for T, N in SIZES:
        x = rng.integers(TOKENS, size=(T, N)).astype(np.int32)
        refuse_difference(file, T, N, {"tokens": x.T.astype(np.int64)}, read(unfolded(model, T, N), x, T, N))
    return file


@cells
@pytest.mark.parametrize("layers", [1, 2])
def test_language(cell, layers):
    file = check_language(cell=cell, layers=layers)
    assert file.names[0] == "logits"
    assert len(file.names) == 1 + layers * (2 if cell in ("lstm", "conv", "conv-2") else 1)
    assert json.loads(file.properties["rnncli.vocabulary"])["codes"] == [10, *range(97, 106)]


def test_language_with_tied_embeddings():
    check_language(tied=True)


@cells
def test_members_of_a_language_model_are_averaged(cell):
    file = check_language(cell=cell, members=3)
    assert "next_" + file.session.get_inputs()[1].name.removeprefix("state_") in file.names


def outputs_of(task, params):
    """What the file says of parameters (.., W)."""
    loss = task.loss
    if loss.name == "quantile":
        return Calibration(loss, None, None)(params)[1]
    of_link = {
        "identity": lambda z: z,
        "squareplus": squareplus,
        "exp": np.exp,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }
    z = params.astype(np.float64)
    return np.stack([of_link[link](z[..., w]) for w, link in enumerate(loss.links)], axis=-1)


def check_forecast(**said):
    model = model_of("forecast", **said)
    file, rng, task = File(model), np.random.default_rng(2), task_of(model)
    for T, N in SIZES:
        ids = [rng.integers(-1, size + 1, (T, N)).astype(np.int32) for size in (len(KINDS), 2, 2)]
        X = rng.standard_normal((T, N, FEATURES)).astype(np.float32)
        found = read(unfolded(model, T, N), Window(ids, X), T, N)
        expected = outputs_of(task, found.reshape(T, N, 3, 2, task.loss.width))
        feed = {"categories": np.stack(ids, axis=2).swapaxes(0, 1).astype(np.int64), "features": X.swapaxes(0, 1)}
        refuse_difference(file, T, N, feed, expected)
    return file


@cells
@pytest.mark.parametrize("layers", [1, 2])
def test_forecast(cell, layers):
    file = check_forecast(cell=cell, layers=layers)
    assert file.names[0] == "quantiles"
    assert json.loads(file.properties["rnncli.levels"]) == LEVELS
    categories = json.loads(file.properties["rnncli.categories"])
    assert categories == {"kind": KINDS, "place": ["here", "there"], "series": ["north", "south"]}


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("loss", ["quantile", "gaussian", "student", "poisson", "negbin", "bernoulli", "mse", "mae"])
def test_forecasts_of_every_loss(loss, members):
    file = check_forecast(loss=loss, members=members)
    assert file.names[0] == ("quantiles" if loss == "quantile" else "parameters")


# -- whole sequences --------------------------------------------------------------------------------------------------


def feed_of(model, columns):
    """What a program gives to the file: raw numbers and ids, padded with what must not matter."""
    lengths, schema = columns.lengths, model.schema
    inside = np.arange(lengths.max()) < lengths[:, None]
    numbers, ids = np.full((*inside.shape, 3), 1e3), np.full((*inside.shape, 2), 1, np.int64)
    numbers[inside] = columns.numbers
    for c, (name, values) in enumerate(schema.categories.items()):
        known = {value: i for i, value in enumerate(values, start=1)}
        ids[inside, c] = [known.get(text, 0) for text in columns.coded[name].texts()]
    feed = {"numbers": numbers, "categories": ids, "lengths": lengths.astype(np.int64)}
    if schema.word:
        words = columns.coded[schema.word].texts()
        grams = [word_grams([word], schema.buckets, schema.shaped)[1] for word in words]
        feed["ngrams"] = np.full((*inside.shape, max(map(len, grams))), -1, np.int64)
        for (n, t), found in zip(np.argwhere(inside), grams, strict=True):
            feed["ngrams"][n, t, : len(found)] = found
    return feed


def expected_of(model, columns):
    """The outputs (sequences, ..) by the code that predicts; of tags those of all rows."""
    task, kept = task_of(model), replace(columns, numbers=columns.numbers.copy())  # which are scaled in their place
    examples = model.schema.encode(kept)
    T, N = int(examples.lengths.max()), len(examples)
    u = unfolded(model, T, N)
    task.temperature = TEMPERATURE
    if not task.by_step:
        found = task.predictions(u, examples)
        return task.probabilities(found) if hasattr(task, "probabilities") else found
    ((indices, batch),) = u.over(examples)
    logits = np.concatenate([u.outputs(*block).copy() for block in u.blocks(batch.steps)]).swapaxes(0, 1)
    return logits[np.argsort(indices)][np.arange(T) < examples.lengths[:, None]]


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


MEANT = {"multilabel": lambda z: 1 / (1 + np.exp(-z.astype(np.float64) / TEMPERATURE)), "tag": softmax}


def check_whole(task, meant=None, **said):
    model = model_of(task, **({} if task == "tag" else {"pool": POOL}) | said)
    file, meant = File(model), meant or MEANT.get(task, lambda z: z)
    for T, N in SIZES:
        lengths = np.array([T, 1, max(1, T // 2)][:N])
        columns = columns_of(lengths, seed=T + N)
        feed, expected = feed_of(model, columns), meant(expected_of(model, columns))
        found = file(N, **feed)[file.names[0]]
        if task == "tag":
            found = found[np.arange(T) < lengths[:, None]]
        scale = np.array(model.schema.target_std) if task == "regress" else 1.0
        mean = np.array(model.schema.target_mean) if task == "regress" else 0.0
        assert_close((found - mean) / scale, (expected - mean) / scale, TOLERANCE)
    return file


@cells
@pytest.mark.parametrize("both", [False, True], ids=["one way", "both ways"])
@pytest.mark.parametrize("task", ["classify", "multilabel", "regress", "tag"])
def test_whole_sequences(task, both, cell):
    for layers in (1, 2) if task == "tag" else (2,):  # what follows the layers does not ask how many they are
        file = check_whole(task, cell=cell, bidirectional=both, layers=layers)
    assert file.names == ["values" if task == "regress" else "probabilities"]
    key = "rnncli.targets" if task == "regress" else "rnncli.labels"
    assert len(json.loads(file.properties[key])) == (2 if task == "regress" else 4)


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("pool", POOL)
def test_every_pooling_by_itself(pool, both):
    check_whole("classify", pool=[pool], bidirectional=both)


@pytest.mark.parametrize("task", ["classify", "multilabel", "regress", "tag"])
def test_members_are_averaged(task):
    check_whole(task, members=3, bidirectional=True)


@pytest.mark.parametrize("task", ["classify", "tag"])
def test_ngrams_of_words_are_read_by_their_hashes(task):
    file = check_whole(task, word=True, bidirectional=True)
    assert file.properties["rnncli.buckets"] == "13"


@pytest.mark.parametrize("members", [1, 2])
def test_of_a_random_field_the_emissions_are_given_and_the_scores_of_paths_kept(members):
    file = check_whole("tag", lambda z: z, crf=True, members=members)
    assert file.names == ["emissions"]
    assert np.array(json.loads(file.properties["rnncli.transitions"])).shape == (4, 4)
    assert len(json.loads(file.properties["rnncli.begin"])) == len(json.loads(file.properties["rnncli.end"])) == 4


@pytest.mark.parametrize("cell", ["lstm", "mingru", "conv"])
def test_lengths_beyond_the_steps_and_ids_beyond_the_last_are_errors_and_no_numbers(cell):
    model = model_of("classify", cell=cell, pool=["last"])
    file, feed = File(model), feed_of(model, columns_of([4, 2]))
    for name, wrong in (("lengths", np.array([4, 5])), ("categories", np.full((2, 4, 2), len(KINDS) + 1))):
        with pytest.raises(Exception, match="out of data bounds"):
            file(2, **feed | {name: wrong})


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn-tanh", "rnn-relu"])
def test_operators_are_asked_for_nothing_that_runtimes_leave_out_in_silence(cell):
    """Lengths, directions, activations: see findings/openvino-lengths-with-free-dimensions.sh and docs/exports.md."""
    model = onnx.load_from_string(to_onnx(model_of("tag", cell=cell, bidirectional=True), "MODEL"))
    nodes = [node for node in model.graph.node if node.op_type in ("LSTM", "GRU", "RNN")]
    assert len(nodes) == (0 if cell == "rnn-relu" else 2)
    assert all(len(node.input) == 4 for node in nodes)  # X, W, R, B
    assert {said.name for node in nodes for said in node.attribute} <= {"hidden_size", "linear_before_reset"}


# -- the file ---------------------------------------------------------------------------------------------------------


def test_a_file_is_the_same_every_time():
    assert to_onnx(model_of("tag"), "a") == to_onnx(model_of("tag"), "b")


def test_a_cell_without_nodes_is_refused_by_its_name(monkeypatch):
    monkeypatch.setattr("rnncli.exports.networks.CELLS", "rnncli.exports")
    with pytest.raises(RnncliError, match="the cell lstm has no ONNX nodes"):
        to_onnx(model_of("language"), "MODEL")
