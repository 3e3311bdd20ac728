"""tanh, sigmoid and exp.

Here stands what they mean, in plain Python; compiled code has the arithmetic of native/activations.py in their place.
"""

import math


def tanh(x):
    """tanh(x)."""
    return math.tanh(x)


def sigmoid(x):
    """σ(x) = 1 / (1 + exp(-x)) = ½ + ½ tanh(x/2)."""
    return type(x)(0.5) + type(x)(0.5) * type(x)(math.tanh(type(x)(0.5) * x))


def exp(x):
    """exp(x); in float32 not below exp(-87), about 1e-38."""
    return math.exp(max(x, -700.0))
