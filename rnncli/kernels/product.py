"""The matrix product that everything runs on: rows times a packed matrix, by a register tile of 6 x 16.

A matrix B (K, N) is packed into panels of 16 columns, `P[j, k, c] = B[k, 16 j + c]`, the last one filled with zeros. A
tile multiplies up to 6 rows of A with one panel: 12 vector accumulators stay in registers while k runs. Each element
of C is one sum over k in ascending order, whatever the tile, so neither the number of rows nor the thread that owns
them changes a bit.
"""

import numpy as np
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic

from rnncli.kernels.compiler import helper, kernel

PANEL = 16  # columns of a panel: two vectors of 8
TILE = 6  # rows of a tile: 6 x 2 accumulators, 2 vectors of B, 1 of A: 15 of AVX2's 16 registers
UNROLL = 4
DEPTH = 256  # rows of B at a time: a panel of them (16 KB) stays in the first-level cache
BLOCK = 96  # rows of A at a time: they stay in the second-level cache while the panels stream by
SLAB = 256  # summands of a weight gradient at a time
STRIP = 8  # floats a row of a strip: 6 for a tile, padded to one vector

_SIZE = ir.IntType(64)
_INT32 = ir.IntType(32)


def panels_of(rows: int, columns: int) -> tuple[int, int, int]:
    """Shape of the panels of a (rows, columns) matrix."""
    return -(-columns // PANEL), rows, PANEL


def aligned(shape: tuple[int, ...], dtype) -> np.ndarray:
    """Zeros that begin at a cache line (64 bytes), so that no vector load crosses two lines."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    buffer = np.zeros(count * dtype.itemsize + 64, np.uint8)
    start = -buffer.ctypes.data % 64
    return buffer[start : start + count * dtype.itemsize].view(dtype).reshape(shape)


@kernel("void(real[:,::1], real[:,:,::1], int64, int64)")
def pack(B, P, first, last):
    """P[j, k, c] = B[k, 16 j + c] for the panels first <= j < last; B (K, N)."""
    for j in range(first, last):
        copy_panel(B, 0, B.shape[0], P, j, j * PANEL)


@kernel("void(real[:,::1], real[:,:,::1], int64, int64)")
def pack_transposed(B, P, first, last):
    """P[j, k, c] = B[16 j + c, k] for the panels first <= j < last: the panels of Bᵀ; B (N, K)."""
    N, K = B.shape
    for j in range(first, last):
        width = min(PANEL, N - j * PANEL)
        for k0 in range(0, K, PANEL):  # squares of 16: both sides use whole cache lines
            for c in range(width):
                for k in range(k0, min(k0 + PANEL, K)):
                    P[j, k, c] = B[j * PANEL + c, k]


@helper
def copy_panel(B, k0, depth, P, j, column):
    """P[j, k, c] = B[k0 + k, column + c] for k < depth and the columns that there are."""
    if column + PANEL <= B.shape[1]:
        for k in range(depth):
            copy16(B, k0 + k, column, P, j, k)
    else:
        for k in range(depth):
            for c in range(B.shape[1] - column):
                P[j, k, c] = B[k0 + k, column + c]


@helper
def multiply(A, ta, P, C, tc, steps, first, last, add):
    """C[tc + t, n] = A[ta + t, n] · B, plus C's old value if `add`, for t < steps and rows first <= n < last.

    A (., N, K), P the panels of B (K, M), C (., N, M).
    """
    K, rows = P.shape[1], last - first
    chunk = max(1, BLOCK // max(1, rows))
    for k in range(0, K, DEPTH):
        depth = min(DEPTH, K - k)
        for t0 in range(0, steps, chunk):
            for n0 in range(first, last, BLOCK):
                n1 = min(n0 + BLOCK, last)
                tiles = -(-(n1 - n0) // TILE)
                for j in range(P.shape[0]):
                    for t in range(t0, min(t0 + chunk, steps)):
                        n = n0
                        for s in range(tiles, 0, -1):  # rows split evenly: 25 are five tiles of 5
                            height = (n1 - n + s - 1) // s
                            tile(height, A, ta + t, n, k, P, j, k, depth, C, tc + t, n, j * PANEL, add or k > 0)
                            n += height


@kernel("void(real[:,:,::1], real[:,:,::1], real[:,:,::1], int64, int64, boolean)")
def product(A, P, C, first, last, add):
    """C[t, n] = A[t, n] · B, plus C's old value if `add`, for all t and the rows first <= n < last; see `multiply`."""
    T, N, K = A.shape
    M = C.shape[2]
    if last - first == N:  # all rows: one matrix of T·N rows, in whole tiles
        multiply(A.reshape(1, T * N, K), 0, P, C.reshape(1, T * N, M), 0, 1, 0, T * N, add)
    else:
        multiply(A, 0, P, C, 0, T, first, last, add)


@kernel("void(real[:,:,::1], real[:,:,::1], real[::1], real[:,:,::1], int64, int64)")
def affine(A, P, b, C, first, last):
    """C[t, n] = b + A[t, n] · B for all t and the rows first <= n < last; b (M,)."""
    T, N, K = A.shape
    M = C.shape[2]
    for t in range(T):
        for n in range(first, last):
            for m in range(M):
                C[t, n, m] = b[m]
    if last - first == N:
        multiply(A.reshape(1, T * N, K), 0, P, C.reshape(1, T * N, M), 0, 1, 0, T * N, True)
    else:
        multiply(A, 0, P, C, 0, T, first, last, True)


@kernel("void(real[:,::1], real[:,::1], real[:,:,::1], int64, int64, real[:,:,::1], real[:,:,::1])")
def outer(A, B, C, first, last, strips, panel):
    """C[:, 16 first : 16 last] += Aᵀ · B over those column panels; A (S, K), B (S, N), C (1, K, N).

    Scratch of the calling thread: `strips` (K/6, SLAB, 8), columns of A by tile, and `panel` (1, SLAB, 16). Sums run
    over s in order.
    """
    K = C.shape[1]
    for s0 in range(0, A.shape[0], SLAB):
        depth = min(SLAB, A.shape[0] - s0)
        copy_strips(A, s0, depth, strips)
        for j in range(first, last):
            copy_panel(B, s0, depth, panel, 0, j * PANEL)
            for i in range(-(-K // TILE)):
                strip_tile(min(TILE, K - i * TILE), strips, i, panel, depth, C, i * TILE, j * PANEL)


@helper
def copy_strips(A, s0, depth, strips):
    """strips[i, s, r] = A[s0 + s, 6 i + r]; 8 at a time where there are 8, of which a tile uses 6."""
    K = A.shape[1]
    for i in range(-(-K // TILE)):
        column = i * TILE
        if column + STRIP <= K:
            for s in range(depth):
                copy8(A, s0 + s, column, strips, i, s)
        else:
            for s in range(depth):
                for r in range(K - column):
                    strips[i, s, r] = A[s0 + s, column + r]


def outer_scratch(K, dtype):
    """Scratch for `outer` with up to K columns of A."""
    return aligned((-(-K // TILE), SLAB, STRIP), dtype), aligned((1, SLAB, PANEL), dtype)


@kernel("void(real[:,::1], int64, real[::1], int64, int64)")
def column_sums(B, offset, out, first, last):
    """out[m] += Σ_s B[s, offset + m] for first <= m < last."""
    target = out[first:last]
    for s in range(B.shape[0]):
        source = B[s, offset + first : offset + last]
        for m in range(target.shape[0]):
            target[m] += source[m]


def tile(height, A, ta, na, ka, P, j, k, depth, C, tc, nc, mc, add):
    """C[tc, nc:nc+height, mc:mc+16] = A[ta, na:na+height, ka:ka+depth] · P[j, k:k+depth], plus C if `add`."""
    width = min(PANEL, C.shape[2] - mc)
    value = A[ta, na : na + height, ka : ka + depth] @ P[j, k : k + depth, :width]
    target = C[tc, nc : nc + height, mc : mc + width]
    target[...] = target + value if add else value


def strip_tile(height, strips, i, panel, depth, C, kc, mc):
    """C[0, kc:kc+height, mc:mc+16] += strips[i, :depth, :height]ᵀ · panel[0, :depth]."""
    width = min(PANEL, C.shape[2] - mc)
    C[0, kc : kc + height, mc : mc + width] += strips[i, :depth, :height].T @ panel[0, :depth, :width]


def copy8(source, row, column, target, i, j):
    """target[i, j, :8] = source[row, column : column + 8]."""
    target[i, j, :8] = source[row, column : column + 8]


def copy16(source, row, column, target, i, j):
    """target[i, j, :16] = source[row, column : column + 16]."""
    target[i, j, :16] = source[row, column : column + 16]


if not config.DISABLE_JIT:  # the same as machine code

    @intrinsic
    def tile(typingctx, height, A, ta, na, ka, P, j, k, depth, C, tc, nc, mc, add):  # noqa: F811
        def codegen(context, builder, signature, arguments):
            height, A, ta, na, ka, P, j, k, depth, C, tc, nc, mc, add = arguments
            real, at = _addressing(context, builder, signature)
            a, a_stride = at(1, A, ta, na, ka)
            p, _ = at(5, P, j, k, _SIZE(0))
            c, c_stride = at(9, C, tc, nc, mc)
            arguments = [a, a_stride, p, depth, c, c_stride, builder.sub(c_stride, mc), add]
            return _call_tile(context, builder, real, height, False, arguments)

        return _all_int64(height, A, ta, na, ka, P, j, k, depth, C, tc, nc, mc, add), codegen

    @intrinsic
    def strip_tile(typingctx, height, strips, i, panel, depth, C, kc, mc):  # noqa: F811
        def codegen(context, builder, signature, arguments):
            height, strips, i, panel, depth, C, kc, mc = arguments
            real, at = _addressing(context, builder, signature)
            a, _ = at(1, strips, i, _SIZE(0), _SIZE(0))
            p, _ = at(3, panel, _SIZE(0), _SIZE(0), _SIZE(0))
            c, c_stride = at(5, C, _SIZE(0), kc, mc)
            arguments = [a, _SIZE(1), p, depth, c, c_stride, builder.sub(c_stride, mc), ir.IntType(1)(1)]
            return _call_tile(context, builder, real, height, True, arguments)

        return _all_int64(height, strips, i, panel, depth, C, kc, mc), codegen

    def _copy(lanes):
        @intrinsic
        def copy(typingctx, source, row, column, target, i, j):
            def codegen(context, builder, signature, arguments):
                source, row, column, target, i, j = arguments
                real, at = _addressing(context, builder, signature)
                align = 4 if isinstance(real, ir.FloatType) else 8
                pointer = ir.VectorType(real, lanes).as_pointer()
                here, there = at(0, source, row, column)[0], at(3, target, i, j, _SIZE(0))[0]
                value = builder.load(builder.bitcast(here, pointer), align=align)
                builder.store(value, builder.bitcast(there, pointer), align=align)
                return context.get_dummy_value()

            return _all_int64(source, row, column, target, i, j), codegen

        return copy

    copy8, copy16 = _copy(8), _copy(16)


def _all_int64(*arguments):
    """void(..) with every integer as int64."""
    return types.void(*(types.int64 if isinstance(a, types.Integer) else a for a in arguments))


def _addressing(context, builder, signature):
    """The arrays' real type, and at(position, array, i, j, k) -> pointer to array[i, j, k], length of its rows."""

    def at(position, value, *index):
        array = context.make_array(signature.args[position])(context, builder, value)
        offset = index[0]
        for axis in range(1, len(index)):
            offset = builder.add(builder.mul(offset, builder.extract_value(array.shape, axis)), index[axis])
        return builder.gep(array.data, [offset]), builder.extract_value(array.shape, len(index) - 1)

    reals = [argument.dtype for argument in signature.args if isinstance(argument, types.Array)]
    return context.get_value_type(reals[0]), at


def _call_tile(context, builder, real, height, strips, arguments):
    """Jump to the tile function of this height."""
    end = builder.append_basic_block("tile.end")
    choice = builder.switch(height, end)
    for rows in range(1, TILE + 1):
        block = builder.append_basic_block(f"tile.{rows}")
        choice.add_case(_SIZE(rows), block)
        with builder.goto_block(block):
            builder.call(_tile_function(builder.module, real, rows, strips), arguments)
            builder.branch(end)
    builder.position_at_end(end)
    return context.get_dummy_value()


def _tile_function(module, real, rows, strips):
    """LLVM code of one tile: `tile(a, a_stride, p, depth, c, c_stride, columns, add)`; strides in elements.

    Row r of A begins at a + r·a_stride; along k it is dense, or in `strips` a constant STRIP apart.

    fmuladd becomes a fused multiply-add wherever the CPU has one, and vectors of 8 become what the CPU has.
    """
    name = f"tile_{rows}x{PANEL}_{real}{'_strips' * strips}"
    if name in module.globals:
        return module.globals[name]
    pointer = real.as_pointer()
    kind = [pointer, _SIZE, pointer, _SIZE, pointer, _SIZE, _SIZE, ir.IntType(1)]
    function = ir.Function(module, ir.FunctionType(ir.VoidType(), kind), name)
    function.linkage = "internal"
    function.attributes.add("noinline")
    _TileWriter(module, function, real, rows, STRIP if strips else 1).write()
    return function


class _TileWriter:
    """Writes the blocks: old values of C or zeros, the loop over k unrolled and its rest, stores."""

    def __init__(self, module, function, real, rows, a_step):
        self.module, self.function, self.rows, self.a_step = module, function, rows, a_step
        self.a, self.a_stride, self.p, self.depth, self.c, self.c_stride, self.columns, self.add = function.args
        self.lanes = PANEL // 2
        self.align = 4 if isinstance(real, ir.FloatType) else 8
        self.vector = ir.VectorType(real, self.lanes)
        self.tag = f"v{self.lanes}f{8 * self.align}"
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.parts = [(r, h) for r in range(rows) for h in range(2)]

    def write(self):
        b, block = self.builder, self.function.append_basic_block
        entry, load, begin, middle, store = b.block, block("load"), block("begin"), block("middle"), block("store")
        self.address = {(r, h): self._c_address(r, h) for r, h in self.parts}
        self.mask = [self._mask(h) for h in range(2)]
        self.whole = b.icmp_signed(">=", self.columns, _SIZE(PANEL))
        b.cbranch(self.add, load, begin)
        b.position_at_end(load)
        old, loaded = self._load()
        b.branch(begin)
        b.position_at_end(begin)
        sums = {part: b.phi(self.vector) for part in self.parts}
        for part in self.parts:
            sums[part].add_incoming(ir.Constant(self.vector, None), entry)
            sums[part].add_incoming(old[part], loaded)
        limit = b.sub(self.depth, _SIZE(UNROLL - 1))
        k, sums = self._loop(_SIZE(0), limit, UNROLL, sums, middle)
        k, sums = self._loop(k, self.depth, 1, sums, store)
        self._store(sums)

    def _loop(self, start, limit, unroll, sums, after):
        """for k = start; k < limit; k += unroll: sums[r] += a[r, k] * p[k]."""
        b = self.builder
        before, head, body = (
            b.block,
            self.function.append_basic_block("head"),
            self.function.append_basic_block("body"),
        )
        b.branch(head)
        b.position_at_end(head)
        k, phis = b.phi(_SIZE), {part: b.phi(self.vector) for part in self.parts}
        b.cbranch(b.icmp_signed("<", k, limit), body, after)
        b.position_at_end(body)
        current = dict(phis)
        for u in range(unroll):
            current = self._step(b.add(k, _SIZE(u)), current)
        k.add_incoming(start, before)
        k.add_incoming(b.add(k, _SIZE(unroll)), body)
        for part in self.parts:
            phis[part].add_incoming(sums[part], before)
            phis[part].add_incoming(current[part], body)
        b.branch(head)
        b.position_at_end(after)
        return k, phis

    def _step(self, k, sums):
        b = self.builder
        row = b.gep(self.p, [b.mul(k, _SIZE(PANEL))])
        columns = [
            b.load(self._vector_pointer(b.gep(row, [_SIZE(h * self.lanes)])), align=self.align) for h in range(2)
        ]
        fma = self._declare("llvm.fmuladd", ir.FunctionType(self.vector, [self.vector] * 3))
        out = {}
        for r in range(self.rows):
            address = b.gep(self.a, [b.add(b.mul(k, _SIZE(self.a_step)), b.mul(self.a_stride, _SIZE(r)))])
            scalar = self._splat(b.load(address), self.vector)
            for h in range(2):
                out[r, h] = b.call(fma, [scalar, columns[h], sums[r, h]])
        return out

    def _load(self):
        """Old values of C; masked where the panel sticks out of the matrix."""
        b, block = self.builder, self.function.append_basic_block
        whole, part, end = block("load.whole"), block("load.part"), block("load.end")
        kind = ir.FunctionType(self.vector, [self.vector.as_pointer(), _INT32, self.mask[0].type, self.vector])
        masked = self._declare("llvm.masked.load", kind, ".p0")
        b.cbranch(self.whole, whole, part)
        b.position_at_end(whole)
        full = {q: b.load(self.address[q], align=self.align) for q in self.parts}
        b.branch(end)
        b.position_at_end(part)
        zero = ir.Constant(self.vector, None)
        some = {q: b.call(masked, [self.address[q], _INT32(self.align), self.mask[q[1]], zero]) for q in self.parts}
        b.branch(end)
        b.position_at_end(end)
        old = {q: b.phi(self.vector) for q in self.parts}
        for q in self.parts:
            old[q].add_incoming(full[q], whole)
            old[q].add_incoming(some[q], part)
        return old, end

    def _store(self, sums):
        b, block = self.builder, self.function.append_basic_block
        whole, part = block("store.whole"), block("store.part")
        kind = ir.FunctionType(ir.VoidType(), [self.vector, self.vector.as_pointer(), _INT32, self.mask[0].type])
        masked = self._declare("llvm.masked.store", kind, ".p0")
        b.cbranch(self.whole, whole, part)
        b.position_at_end(whole)
        for q in self.parts:
            b.store(sums[q], self.address[q], align=self.align)
        b.ret_void()
        b.position_at_end(part)
        for q in self.parts:
            b.call(masked, [sums[q], self.address[q], _INT32(self.align), self.mask[q[1]]])
        b.ret_void()

    def _c_address(self, r, h):
        b = self.builder
        return self._vector_pointer(b.gep(self.c, [b.add(b.mul(self.c_stride, _SIZE(r)), _SIZE(h * self.lanes))]))

    def _mask(self, h):
        """Which of the lanes of half h are columns of the matrix."""
        b, lanes = self.builder, ir.VectorType(_SIZE, self.lanes)
        left = self._splat(b.sub(self.columns, _SIZE(h * self.lanes)), lanes)
        return b.icmp_signed("<", ir.Constant(lanes, list(range(self.lanes))), left)

    def _splat(self, value, kind):
        b, undefined = self.builder, ir.Constant(kind, ir.Undefined)
        order = ir.Constant(ir.VectorType(_INT32, kind.count), [0] * kind.count)
        return b.shuffle_vector(b.insert_element(undefined, value, _INT32(0)), undefined, order)

    def _vector_pointer(self, address):
        return self.builder.bitcast(address, self.vector.as_pointer())

    def _declare(self, name, kind, suffix=""):
        name = f"{name}.{self.tag}{suffix}"
        return self.module.globals.get(name) or ir.Function(self.module, kind, name)
