"""The shape of an array within a kernel: what this means in Python; compiled code has native/arrays.py in its place.

NumPy's own `reshape` would do, but for a function of Numba's that looks whether it has to copy.
"""


def reshaped(array, shape):
    """A dense array, seen in another shape of as many numbers; the array has to live as long."""
    return array.reshape(shape)
