"""The conditional random field against the sum over every path, and finite differences of that."""

import itertools
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnncli.kernels.crf import TINY, crf_loss, viterbi
from tests.helpers import assert_close

ROOT = Path(__file__).parents[2]
REALS = [np.float32, np.float64]
T, N, C = 5, 7, 3
LENGTHS = [3, 0, 5, 1, 2, 4, 5]
SENTINEL = -77777.0


@dataclass
class Case:
    """Arguments of the kernels."""

    logits: np.ndarray
    targets: np.ndarray
    lengths: np.ndarray
    A: np.ndarray
    begin: np.ndarray
    end: np.ndarray

    def astype(self, dtype):
        reals = [array.astype(dtype) for array in (self.logits, self.A, self.begin, self.end)]
        return Case(reals[0], self.targets, self.lengths, *reals[1:])

    def row(self, n):
        """Row n alone, without its padding; one step at least."""
        steps = max(1, self.lengths[n])
        logits, targets = self.logits[:steps, n : n + 1].copy(), self.targets[:steps, n : n + 1].copy()
        return Case(logits, targets, self.lengths[n : n + 1].copy(), self.A, self.begin, self.end)


def random_case(spread=1.0, seed=0, steps=T, lengths=LENGTHS, tags=C):
    rng = np.random.default_rng(seed)
    rows = len(lengths)

    def normal(*shape):
        return spread * rng.standard_normal(shape)

    targets = rng.integers(0, tags, (steps, rows)).astype(np.int32)
    lengths = np.asarray(lengths, np.int32)
    targets[np.arange(steps)[:, None] >= lengths] = -1
    return Case(normal(steps, rows, tags), targets, lengths, normal(1, tags, tags), normal(tags), normal(tags))


def run_loss(case, scale=1.0, keep_logits=False, rows=None):
    """Name -> array that `crf_loss` wrote; what it did not touch is SENTINEL."""
    steps, count, tags = case.logits.shape
    dtype = case.logits.dtype
    first, last = rows or (0, count)
    shapes = {"losses": (steps, count), "dA": (count, tags * tags), "dbegin": (count, tags), "dend": (count, tags)}
    out = {name: np.full(shape, SENTINEL, dtype) for name, shape in shapes.items()}
    logits, alpha, beta = case.logits.copy(), np.full_like(case.logits, np.nan), np.full_like(case.logits, np.nan)
    crf_loss(
        logits,
        case.targets,
        case.lengths,
        case.A,
        case.begin,
        case.end,
        np.full(1, scale, dtype),
        *out.values(),
        alpha,
        beta,
        keep_logits,
        first,
        last,
    )
    return out | {"logits": logits}


def run_viterbi(case, rows=None):
    steps, count, tags = case.logits.shape
    paths, back = np.full((steps, count), -9, np.int32), np.full((steps, count, tags), 10**9, np.int32)
    viterbi(case.logits, case.lengths, case.A, case.begin, case.end, paths, back, *(rows or (0, count)))
    return paths


def all_paths(length, tags):
    return np.array(list(itertools.product(range(tags), repeat=length)))


def path_scores(x, A, begin, end, paths):
    """The score of each path; x (L, C)."""
    score = begin[paths[:, 0]] + end[paths[:, -1]]
    for t in range(paths.shape[1]):
        score = score + x[t, paths[:, t]]
    for t in range(1, paths.shape[1]):
        score = score + A[0][paths[:, t - 1], paths[:, t]]
    return score


def row_scores(case, n):
    """(paths, scores) of all paths of row n, in float64."""
    length = case.lengths[n]
    paths, exact = all_paths(length, case.logits.shape[2]), case.astype(np.float64)
    return paths, path_scores(exact.logits[:length, n], exact.A, exact.begin, exact.end, paths)


def enumerated(case):
    """What `crf_loss` should write with scale 1, from the probability of every path."""
    steps, count, tags = case.logits.shape
    out = {"losses": np.zeros((steps, count)), "dA": np.zeros((count, tags * tags))}
    out |= {name: np.zeros((count, tags)) for name in ("dbegin", "dend")} | {"logits": np.zeros(case.logits.shape)}
    for n, length in enumerate(case.lengths):
        if length == 0:
            continue
        paths, scores = row_scores(case, n)
        right = (paths == case.targets[:length, n]).all(axis=1)
        top = scores.max()
        p = np.exp(scores - top)
        out["losses"][length - 1, n] = np.log(p.sum()) + top - scores[right][0]
        difference = p / p.sum() - right
        for t in range(length):
            np.add.at(out["logits"][t, n], paths[:, t], difference)
            if t > 0:
                np.add.at(out["dA"][n], paths[:, t - 1] * tags + paths[:, t], difference)
        out["dbegin"][n], out["dend"][n] = out["logits"][0, n], out["logits"][length - 1, n]
    return out


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 3e-6), (np.float64, 1e-13)])
@pytest.mark.parametrize("spread", [0.1, 1.0, 5.0])
def test_loss_and_gradients_equal_the_sum_over_all_paths(dtype, tolerance, spread):
    case = random_case(spread).astype(dtype)
    expected, written = enumerated(case), run_loss(case, scale=0.25)
    assert_close(written.pop("losses"), expected["losses"], tolerance)
    for name, array in written.items():
        assert_close(array, 0.25 * expected[name], tolerance)


def test_gradients_equal_finite_differences():
    case, step = random_case(), 1e-5
    written = run_loss(case, scale=0.5)
    gradients = {"logits": written["logits"]}
    gradients["A"] = written["dA"].sum(axis=0).reshape(1, C, C)
    gradients |= {"begin": written["dbegin"].sum(axis=0), "end": written["dend"].sum(axis=0)}
    for name, gradient in gradients.items():
        array, numeric = getattr(case, name), np.zeros_like(gradient)
        for index in np.ndindex(array.shape):
            value, sums = array[index], []
            for sign in (1, -1):
                array[index] = value + sign * step
                sums.append(run_loss(case, keep_logits=True)["losses"].sum())
            array[index] = value
            numeric[index] = 0.5 * (sums[0] - sums[1]) / (2 * step)
        assert_close(gradient, numeric, 1e-8)
        if name == "logits":
            inside = np.arange(T)[:, None] < case.lengths
            assert (gradient[inside] != 0).all()
            assert (gradient[~inside] == 0).all()
        else:
            assert (gradient != 0).all()


@pytest.mark.parametrize("dtype", REALS)
def test_keeping_the_logits_gives_the_same_losses_and_nothing_else(dtype):
    case = random_case(3.0).astype(dtype)
    kept, written = run_loss(case, keep_logits=True), run_loss(case)
    np.testing.assert_array_equal(kept["losses"], written["losses"])
    np.testing.assert_array_equal(kept["logits"], case.logits)
    for name in ("dA", "dbegin", "dend"):
        assert (kept[name] == SENTINEL).all()
        assert (written[name] != SENTINEL).all()


@pytest.mark.parametrize("dtype", REALS)
def test_losses_stand_at_the_last_step_and_rows_without_steps_are_zero(dtype):
    case = random_case().astype(dtype)
    written = run_loss(case)
    at_end = np.arange(T)[:, None] == case.lengths - 1
    assert (written["losses"][at_end] > 0).all()
    assert (written["losses"][~at_end] == 0).all()
    empty = LENGTHS.index(0)
    for name in ("dA", "dbegin", "dend"):
        assert (written[name][empty] == 0).all()
    assert (written["dA"][LENGTHS.index(1)] == 0).all()
    assert (written["logits"][:, empty] == 0).all()


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("spread", [1.0, 200.0])
def test_a_batch_equals_its_rows_one_by_one(dtype, spread):
    case = random_case(spread).astype(dtype)
    batch, paths = run_loss(case, scale=0.3), run_viterbi(case)
    for n, length in enumerate(LENGTHS):
        alone = run_loss(case.row(n), scale=0.3)
        for name in ("dA", "dbegin", "dend"):
            np.testing.assert_array_equal(batch[name][n], alone[name][0])
        for name in ("losses", "logits"):
            np.testing.assert_array_equal(batch[name][:length, n], alone[name][:length, 0])
        np.testing.assert_array_equal(paths[:length, n], run_viterbi(case.row(n))[:length, 0])


@pytest.mark.parametrize("dtype", REALS)
def test_padding_changes_nothing(dtype):
    case, other = random_case().astype(dtype), random_case().astype(dtype)
    padding = np.arange(T)[:, None] >= case.lengths
    other.logits[padding] = np.nan
    other.targets[padding] = 10**9
    written = run_loss(case)
    for name, array in run_loss(other).items():
        np.testing.assert_array_equal(array, written[name])
    np.testing.assert_array_equal(run_viterbi(other), run_viterbi(case))


def test_only_the_rows_asked_for_are_touched():
    case = random_case().astype(np.float32)
    whole, part = run_loss(case), run_loss(case, rows=(2, 5))
    paths, some = run_viterbi(case), run_viterbi(case, rows=(2, 5))
    for name, array in part.items():
        by_row, expected = (np.moveaxis(a, 1, 0) if name in ("losses", "logits") else a for a in (array, whole[name]))
        np.testing.assert_array_equal(by_row[2:5], expected[2:5])
        untouched = case.logits.swapaxes(0, 1)[[0, 1, 5, 6]] if name == "logits" else SENTINEL
        assert (by_row[[0, 1, 5, 6]] == untouched).all()
    np.testing.assert_array_equal(some[:, 2:5], paths[:, 2:5])
    assert (some[:, [0, 1, 5, 6]] == -9).all()


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-4), (np.float64, 1e-11)])
@pytest.mark.parametrize("spread", [30.0, 100.0, 500.0])
@pytest.mark.parametrize("seed", range(5))
def test_scores_hundreds_apart_are_as_exact(dtype, tolerance, spread, seed):
    """Most steps here are sums that underflow."""
    case = random_case(spread, seed).astype(dtype)
    expected = enumerated(case)
    for name, array in run_loss(case).items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-6, atol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-4), (np.float64, 1e-11)])
def test_what_comes_later_may_outweigh_what_underflows(dtype, tolerance):
    """Every tag is forbidden to follow the others, and no single step has both paths in sight."""
    case = random_case(0.5, steps=4, lengths=[4, 4, 4, 3])
    case.A[0] = np.where(np.eye(C) > 0, 0.0, -1000.0)
    case.logits[0] += np.array([300.0, 0.0, 0.0])
    case.logits[2] += np.array([0.0, 300.0, 0.0])
    case.targets[:3], case.targets[3, :3] = 1, 1
    case.targets[:, 1] = [0, 0, 2, 1]  # two forbidden transitions: a loss of about 2000 nats
    case = case.astype(dtype)
    expected, written = enumerated(case), run_loss(case)
    assert 1900 < written["losses"][3, 1] < 2500
    assert 0.1 < written["logits"][0, 0, 0] < 0.9
    for name, array in written.items():
        np.testing.assert_allclose(array, expected[name], rtol=1e-6, atol=tolerance)


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("size", [1e2, 1e3, 1e4])
def test_great_magnitudes_stay_finite(dtype, size):
    case = random_case(size, steps=40, lengths=[40, 1, 17, 0], tags=11).astype(dtype)
    for array in run_loss(case).values():
        assert np.isfinite(array).all()
    assert (run_loss(case)["losses"] >= 0).all()


@pytest.mark.parametrize("spread", [1.0, 8.0])
def test_float32_is_close_to_float64(spread):
    case = random_case(spread, steps=60, lengths=[60, 1, 33, 59], tags=23).astype(np.float32)
    exact = run_loss(case.astype(np.float64))
    for name, array in run_loss(case).items():
        assert_close(array, exact[name], 2e-5)


@pytest.mark.parametrize("spread", [0.5, 20.0, 300.0])
def test_marginals_sum_to_one_at_every_step(spread):
    """So the gradients sum to zero, and those of the transitions agree with those of the logits."""
    lengths = [30, 7, 29]
    case = random_case(spread, steps=30, lengths=lengths, tags=17)
    written = run_loss(case)
    np.testing.assert_allclose(written["logits"].sum(axis=2), 0, atol=1e-10)
    pairs = written["dA"].reshape(3, 17, 17)
    for n, length in enumerate(lengths):
        np.testing.assert_allclose(pairs[n].sum(axis=1), written["logits"][: length - 1, n].sum(axis=0), atol=1e-10)
        np.testing.assert_allclose(pairs[n].sum(axis=0), written["logits"][1:length, n].sum(axis=0), atol=1e-10)


@pytest.mark.parametrize("dtype", REALS)
def test_a_single_tag_has_no_loss(dtype):
    case = random_case(5.0, lengths=[5, 2], tags=1).astype(dtype)
    for array in run_loss(case).values():
        np.testing.assert_allclose(array, 0, atol=1e-5 if dtype == np.float32 else 1e-12)
    np.testing.assert_array_equal(run_viterbi(case), [[0, 0], [0, 0], [0, -1], [0, -1], [0, -1]])


def test_without_transitions_it_is_a_softmax():
    case = random_case()
    case.A[...] = case.begin[...] = case.end[...] = 0
    p = np.exp(case.logits) / np.exp(case.logits).sum(axis=2, keepdims=True)
    expected = p - np.eye(C)[case.targets]
    expected[np.arange(T)[:, None] >= case.lengths] = 0
    np.testing.assert_allclose(run_loss(case)["logits"], expected, atol=1e-14)


def best_path(case, n):
    """By score, among equals by the lowest tag at the last step, the one before it and so on."""
    paths, scores = row_scores(case, n)
    return min(paths[scores == scores.max()].tolist(), key=lambda path: path[::-1])


@pytest.mark.parametrize("dtype", REALS)
@pytest.mark.parametrize("spread", [0.1, 1.0, 300.0])
def test_viterbi_finds_the_best_of_all_paths(dtype, spread):
    case = random_case(spread, seed=3).astype(dtype)
    paths = run_viterbi(case)
    assert len(set(paths[paths >= 0])) == C
    for n, length in enumerate(LENGTHS):
        assert (paths[length:, n] == -1).all()
        if length:
            assert paths[:length, n].tolist() == best_path(case, n)


@given(st.sampled_from(REALS), st.integers(0, 10**6), st.integers(1, 4))
def test_viterbi_among_equals_takes_the_lower_tag(dtype, seed, tags):
    rng, shape = np.random.default_rng(seed), (4, 3, tags)
    logits, A, begin, end = (rng.integers(0, 2, s).astype(dtype) for s in (shape, (1, tags, tags), tags, tags))
    case = Case(logits, np.zeros(shape[:2], np.int32), np.array([4, 3, 1], np.int32), A, begin, end)
    paths = run_viterbi(case)
    for n, length in enumerate(case.lengths):
        assert paths[:length, n].tolist() == best_path(case, n)


def test_viterbi_ties_in_every_step_give_tag_zero():
    case = random_case()
    for array in (case.logits, case.A, case.begin, case.end):
        array[...] = 1
    np.testing.assert_array_equal(run_viterbi(case), np.where(np.arange(T)[:, None] < case.lengths, 0, -1))


def test_no_steps_at_all():
    case = random_case(steps=0, lengths=[0, 0])
    written = run_loss(case)
    for name in ("dA", "dbegin", "dend"):
        assert (written[name] == 0).all()
    assert run_viterbi(case).shape == (0, 2)


def save(path):
    """Write what both kernels compute where sums underflow and where they do not."""
    arrays = {}
    for spread in (1.0, 100.0):
        case = random_case(spread).astype(np.float32)
        arrays |= {f"{name} {spread}": array for name, array in run_loss(case).items()}
        arrays[f"paths {spread}"] = run_viterbi(case)
    np.savez(path, **arrays)


def test_plain_python_computes_the_same(tmp_path):
    save(tmp_path / "compiled.npz")
    code = f"from tests.kernels.test_crf import save; save({str(tmp_path / 'plain.npz')!r})"
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    with np.load(tmp_path / "plain.npz") as plain, np.load(tmp_path / "compiled.npz") as compiled:
        for name in compiled:
            np.testing.assert_allclose(plain[name], compiled[name], rtol=1e-5, atol=1e-4)


def test_the_underflow_of_float32_is_far_below_what_is_trusted():
    assert np.exp(-87.0) < 1e-12 * TINY
