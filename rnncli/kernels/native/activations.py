"""tanh, sigmoid and exp (kernels/activations.py) in plain arithmetic that LLVM turns into vector code.

In float32 tanh is a rational function and exp a polynomial, both fitted here by weighted least squares to a relative
error below 4e-7, a few roundings. In float64, which gradient checks and the dynamics of a network use, tanh is made of
expm1, and exp is the library's:

    tanh(a) = t / (t + 2)      t = expm1(2a) = 2ᵏ expm1(r) + 2ᵏ - 1      2a = k ln 2 + r, |r| <= ½ ln 2

with the power series of expm1(r), to a relative error below 1e-15.
"""

import math

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rnncli.kernels.activations import exp, sigmoid, tanh
from rnncli.kernels.stand_ins import give, overloaded

F = np.float32


def _of_type(float32, float64):
    """Choose by the type of the argument."""
    return lambda x: float32 if x == types.float32 else float64


def _tanh32(x):
    # Written so that a NaN stays a NaN: every comparison with it is false.
    x = F(9.0) if x > F(9.0) else x
    x = F(-9.0) if x < F(-9.0) else x
    u = x * x
    p = F(1.3336799322635673e-08) * u + F(2.0596240972731112e-05)
    p = p * u + F(3.4948091996595907e-03)
    p = p * u + F(1.3380370121901725e-01)
    p = p * u + F(0.9999999792622201)
    q = F(7.769263643196805e-07) * u + F(3.2843600803752923e-04)
    q = q * u + F(2.5874019938476673e-02)
    q = q * u + F(4.6713685554649853e-01)
    q = q * u + F(1.0)
    return x * p / q


def _tanh64(x):
    y = 2.0 * abs(x)
    y = 40.0 if y > 40.0 else y  # from there on tanh is 1; a NaN stays a NaN
    k = np.int32(y * 1.4426950408889634 + 0.5)
    r = (y - k * 0.6931471803691238) - k * 1.9082149292705877e-10  # ln 2 in two parts, k times the first is exact
    p = 1.6059043836821613e-10 * r + 2.08767569878681e-09
    p = p * r + 2.505210838544172e-08
    p = p * r + 2.755731922398589e-07
    p = p * r + 2.7557319223985893e-06
    p = p * r + 2.48015873015873e-05
    p = p * r + 0.0001984126984126984
    p = p * r + 0.001388888888888889
    p = p * r + 0.008333333333333333
    p = p * r + 0.041666666666666664
    p = p * r + 0.16666666666666666
    p = p * r + 0.5
    p = p * r + 1.0
    scale = power_of_two_64(k)
    t = scale * (p * r) + (scale - 1.0)
    return math.copysign(t / (t + 2.0), x)


def _sigmoid32(x):
    return F(0.5) + F(0.5) * tanh(F(0.5) * x)


def _sigmoid64(x):
    return 0.5 + 0.5 * tanh(0.5 * x)


def _exp32(x):
    x = F(-87.0) if x < F(-87.0) else x
    x = F(88.0) if x > F(88.0) else x
    k = np.int32(x * F(1.4426950408889634) + (F(0.5) if x > F(0) else F(-0.5)))
    r = x - F(k) * F(0.693359375) - F(k) * F(-2.12194440e-4)  # ln 2 in two parts, the first exact
    p = F(1.3941108469347112e-03) * r + F(8.375126398416406e-03)
    p = p * r + F(4.1666352896198126e-02)
    p = p * r + F(1.6666415514649008e-01)
    p = p * r + F(0.5000000047117971)
    p = p * r + F(1.0000000377162153)
    p = p * r + F(1.0)
    return p * power_of_two(k)


@intrinsic
def power_of_two(typingctx, k):
    """2^k in float32 for an int32 k, by writing the exponent bits."""

    def codegen(context, builder, signature, args):
        bits = builder.shl(builder.add(args[0], ir.IntType(32)(127)), ir.IntType(32)(23))
        return builder.bitcast(bits, ir.FloatType())

    return types.float32(types.int32), codegen


@intrinsic
def power_of_two_64(typingctx, k):
    """2^k in float64 for an int32 k, by writing the exponent bits."""

    def codegen(context, builder, signature, args):
        wide = ir.IntType(64)
        bits = builder.shl(builder.add(builder.zext(args[0], wide), wide(1023)), wide(52))
        return builder.bitcast(bits, ir.DoubleType())

    return types.float64(types.int32), codegen


give(tanh, overloaded(tanh, _of_type(_tanh32, _tanh64)))
give(sigmoid, overloaded(sigmoid, _of_type(_sigmoid32, _sigmoid64)))
give(exp, overloaded(exp, _of_type(_exp32, lambda x: math.exp(x))))  # noqa: PLW0108
