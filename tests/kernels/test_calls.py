"""Kernels called by compiled code get the arguments that Python would give them, or are refused."""

import struct

import numpy as np
import pytest

from rnncli.kernels.calls import Layout
from rnncli.kernels.compiler import Kernel, kernel, recorded
from rnncli.kernels.states import clear
from rnncli.kernels.threads import Team

pytestmark = pytest.mark.skipif(not isinstance(kernel("void(real[::1])")(len), Kernel), reason="nothing is compiled")


@kernel("void(real[:,:,::1], uint8[:,::1], int32[::1], real, boolean, int64, uint32)")
def every_kind(A, bits, numbers, factor, negative, last, offset):
    """A sum that shows each argument's type, shape and value."""
    for i in range(A.shape[0]):
        for j in range(A.shape[1]):
            for k in range(last):
                value = A[i, j, k] * factor + bits[j, k] * numbers[i] + offset
                A[i, j, k] = -value if negative else value


def arguments(dtype, negative):
    rng = np.random.default_rng(0)
    bits, numbers = rng.integers(0, 256, (3, 4), np.uint8), np.array([-(1 << 31), (1 << 31) - 1], np.int32)
    return rng.standard_normal((2, 3, 4)).astype(dtype), bits, numbers, dtype(-1e-30), negative, 3, np.uint32(1 << 31)


@pytest.mark.parametrize("negative", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_call_has_the_arguments_of_the_kernel(dtype, negative):
    A, *rest = arguments(dtype, negative)
    given, before = A.copy(), A.copy()
    every_kind(A, *rest)
    program = Team(1).program(lambda thread, threads: every_kind(given, *rest))
    np.testing.assert_array_equal(given, before)  # it is noted, not called
    program()
    np.testing.assert_array_equal(given, A)
    assert not np.array_equal(given[..., :3], before[..., :3])
    np.testing.assert_array_equal(given[..., 3], before[..., 3])
    every_kind(A, *rest)
    program()
    np.testing.assert_array_equal(given, A)


@pytest.mark.parametrize("array", [np.zeros((2, 3)), np.frombuffer(bytes(48)).reshape(2, 3), np.empty((0, 3))])
def test_a_block_has_the_address_of_any_array(array):
    block = Layout("void(float64[:,::1])").block((array,))
    assert struct.unpack("=qqq", block) == (array.ctypes.data, *array.shape)


@pytest.mark.parametrize(
    ("index", "wrong"),
    [
        (0, np.zeros((2, 3, 8), np.float32)[..., ::2]),
        (0, np.zeros((4, 3), np.float32)),
        (1, np.zeros((3, 4), np.int8)),
        (2, np.zeros(2, np.int64)),
        (5, 2.5),
    ],
)
def test_arguments_of_other_types_are_refused(index, wrong):
    chosen = list(arguments(np.float32, False))
    chosen[index] = wrong
    with pytest.raises(TypeError):
        Team(1).program(lambda thread, threads: every_kind(*chosen))
    every_kind(*arguments(np.float32, False))  # and calls are made again


def test_a_kernel_that_returns_something_is_refused():
    @kernel("int64(real[::1])")
    def length(A):
        return A.shape[0]

    with pytest.raises(TypeError, match="that returns nothing"):
        length(np.zeros(3))


@kernel("void(real[::1], int64)", makes_arrays=True)
def faulty(A, count):
    """A kernel that may raise an error."""
    A[:] = np.zeros(count)[0] if count > 0 else 1
    if count < 0:
        raise ValueError("less than nothing")


def test_an_error_of_a_kernel_is_raised_where_it_is_called():
    A = np.ones(2)
    faulty(A, 3)
    assert not A.any()
    with pytest.raises(RuntimeError, match="a kernel failed: .*less than nothing"):
        faulty(A, -1)
    faulty(A, 3)


def test_an_error_of_a_kernel_in_a_program_is_raised_and_the_team_works_on():
    team, A = Team(3), np.ones(2)
    work = lambda thread, threads: faulty(A, -1 if thread == 1 else 3)  # noqa: E731
    program = team.program(work, lambda thread, threads: None)
    for _ in range(2):
        with pytest.raises(MemoryError):
            program()
    team.program(lambda thread, threads: faulty(A, 3))()
    assert not A.any()


def test_what_is_noted_is_kept():
    calls = []
    with recorded(calls):
        every_kind(*arguments(np.float32, False))
    every_kind(*arguments(np.float32, False))
    assert len(calls) == 1
    assert all(isinstance(word, int) and word > 0 for word in calls[0][:3])


def test_symbols_have_names_of_their_own():
    """Numba counts functions by process: two of one name, each the first of its process, would have one symbol."""
    from rnncli.kernels.native import build

    for code in (
        build.caller("void(float32[::1])", "calls.some-float32"),
        build.kernel(clear.function, clear.signature.replace("real", "float32"), "calls.some-float32", False),
    ):
        assert "calls_some_float32" in code.symbols[0]
