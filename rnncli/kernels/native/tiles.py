"""The register tile of the matrix product (kernels/tile.py) as LLVM vector code."""

from llvmlite import binding, ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from rnncli.kernels import stand_ins, tile
from rnncli.kernels.tile import LANES, PANEL, TILE

HEIGHTS = {False: range(1, TILE + 1), True: (TILE // 2, TILE)}  # for which there is code; True: of strips

_SIZE = ir.IntType(64)
_INT32 = ir.IntType(32)
_BYTES = ir.IntType(8).as_pointer()


@intrinsic
def _tile(typingctx, height, A, ta, na, ka, P, j, k, depth, C, tc, nc, mc, add):
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
def _strip_tile(typingctx, height, strips, i, s, panel, depth, C, level, kc, add):
    def codegen(context, builder, signature, arguments):
        height, strips, i, s, panel, depth, C, level, kc, add = arguments
        real, at = _addressing(context, builder, signature)
        a, _ = at(1, strips, i, s, _SIZE(0))
        p, _ = at(4, panel, _SIZE(0), _SIZE(0), _SIZE(0))
        c, _ = at(6, C, level, builder.mul(kc, _SIZE(PANEL)))
        arguments = [a, _SIZE(1), p, depth, c, _SIZE(PANEL), _SIZE(PANEL), add]
        return _call_tile(context, builder, real, height, True, arguments)

    return _all_int64(height, strips, i, s, panel, depth, C, level, kc, add), codegen


def _copy(lanes, kept):
    """Load so many, store the first of them."""

    @intrinsic
    def copy(typingctx, source, row, column, target, i, j):
        def codegen(context, builder, signature, arguments):
            source, row, column, target, i, j = arguments
            real, at = _addressing(context, builder, signature)
            align = 4 if isinstance(real, ir.FloatType) else 8
            pointer = ir.VectorType(real, lanes).as_pointer()
            here, there = at(0, source, row, column)[0], at(3, target, i, j, _SIZE(0))[0]
            value = builder.load(builder.bitcast(here, pointer), align=align)
            if kept < lanes:
                order = ir.Constant(ir.VectorType(_INT32, kept), list(range(kept)))
                value = builder.shuffle_vector(value, ir.Constant(value.type, ir.Undefined), order)
                pointer = value.type.as_pointer()
            builder.store(value, builder.bitcast(there, pointer), align=align)
            return context.get_dummy_value()

        return _all_int64(source, row, column, target, i, j), codegen

    return copy


@intrinsic
def _prefetch(typingctx, A, i, j, k):
    def codegen(context, builder, signature, arguments):
        _, at = _addressing(context, builder, signature)
        address = builder.bitcast(at(0, *arguments)[0], _BYTES)
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, _INT32, _INT32, _INT32])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [address, _INT32(0), _INT32(2), _INT32(1)])  # to read, into the second-level cache, data
        return context.get_dummy_value()

    return _all_int64(A, i, j, k), codegen


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
    for rows in HEIGHTS[strips]:
        block = builder.append_basic_block(f"tile.{rows}")
        choice.add_case(_SIZE(rows), block)
        with builder.goto_block(block):
            function = _tile_function(builder.module, real, rows, strips)
            if binding.address_of_symbol(function.name) is None:
                raise LookupError(f"{function.name} is not there yet: see compiler.py")
            builder.call(function, arguments)
            builder.branch(end)
    builder.position_at_end(end)
    return context.get_dummy_value()


def symbols(real: str) -> list[str]:
    """The names of all tile functions of a type."""
    return [_symbol(real, rows, strips) for strips, heights in HEIGHTS.items() for rows in heights]


def _symbol(real, rows, strips) -> str:
    return f"rnncli_tile_{rows}x{PANEL}_{real}{'_strips' * strips}"


def defining(real: str):
    """A function for the compiler that leaves all tile functions of this type in its module."""

    @intrinsic
    def define(typingctx):
        def codegen(context, builder, signature, arguments):
            kind = ir.FloatType() if real == "float32" else ir.DoubleType()
            for strips, heights in HEIGHTS.items():
                for rows in heights:
                    function = _tile_function(builder.module, kind, rows, strips)
                    if real == "float64" and rows > TILE // 2:
                        _write_halves(builder.module, function, kind, rows, strips)
                    else:
                        _TileWriter(builder.module, function, kind, rows, TILE if strips else 1).write()
            return context.get_dummy_value()

        return types.void(), codegen

    def all_tiles():
        define()

    return all_tiles


def _tile_function(module, real, rows, strips):
    """One tile: `tile(a, a_stride, p, depth, c, c_stride, columns, add)`; strides in elements.

    Row r of A begins at a + r·a_stride; along k it is dense, or in `strips` a constant TILE apart.

    fmuladd becomes a fused multiply-add wherever the CPU has one, and vectors of 8 become what the CPU has.
    """
    name = _symbol("float32" if isinstance(real, ir.FloatType) else "float64", rows, strips)
    if name in module.globals:
        return module.globals[name]
    pointer = real.as_pointer()
    kind = [pointer, _SIZE, pointer, _SIZE, pointer, _SIZE, _SIZE, ir.IntType(1)]
    return ir.Function(module, ir.FunctionType(ir.VoidType(), kind), name)


def _write_halves(module, function, real, rows, strips):
    """One half of the rows after the other: of float64 the registers hold the sums of so many only."""
    b, half = ir.IRBuilder(function.append_basic_block("entry")), TILE // 2
    a, a_stride, p, depth, c, c_stride, columns, add = function.args
    for first, count in ((0, half), (half, rows - half)):
        there = [b.gep(base, [b.mul(stride, _SIZE(first))]) for base, stride in ((a, a_stride), (c, c_stride))]
        arguments = [there[0], a_stride, p, depth, there[1], c_stride, columns, add]
        b.call(_tile_function(module, real, count, strips), arguments)
    b.ret_void()


class _TileWriter:
    """Writes the blocks: old values of C or zeros, the loop over k, stores. Unrolled it is no faster."""

    def __init__(self, module, function, real, rows, a_step):
        self.module, self.function, self.rows, self.a_step = module, function, rows, a_step
        self.a, self.a_stride, self.p, self.depth, self.c, self.c_stride, self.columns, self.add = function.args
        self.lanes, self.vectors = LANES, range(PANEL // LANES)  # of a row of the tile
        self.align = 4 if isinstance(real, ir.FloatType) else 8
        self.vector = ir.VectorType(real, self.lanes)
        self.tag = f"v{self.lanes}f{8 * self.align}"
        self.builder = ir.IRBuilder(function.append_basic_block("entry"))
        self.parts = [(r, h) for r in range(rows) for h in self.vectors]

    def write(self):
        b, block = self.builder, self.function.append_basic_block
        entry, load, begin, store = b.block, block("load"), block("begin"), block("store")
        self.address = {(r, h): self._c_address(r, h) for r, h in self.parts}
        self.mask = [self._mask(h) for h in self.vectors]
        whole = b.icmp_signed(">=", self.columns, _SIZE(PANEL))
        self.whole = whole if self.a_step == 1 else ir.IntType(1)(1)  # those of strips always are
        b.cbranch(self.add, load, begin)
        b.position_at_end(load)
        old, loaded = self._load()
        b.branch(begin)
        b.position_at_end(begin)
        sums = {part: b.phi(self.vector) for part in self.parts}
        for part in self.parts:
            sums[part].add_incoming(ir.Constant(self.vector, None), entry)
            sums[part].add_incoming(old[part], loaded)
        self._store(self._loop(sums, store))

    def _loop(self, sums, after):
        """for k in range(depth): sums[r] += a[r, k] * p[k]."""
        b, block = self.builder, self.function.append_basic_block
        before, head, body = b.block, block("head"), block("body")
        b.branch(head)
        b.position_at_end(head)
        k, phis = b.phi(_SIZE), {part: b.phi(self.vector) for part in self.parts}
        b.cbranch(b.icmp_signed("<", k, self.depth), body, after)
        b.position_at_end(body)
        current = self._step(k, phis)
        k.add_incoming(_SIZE(0), before)
        k.add_incoming(b.add(k, _SIZE(1)), body)
        for part in self.parts:
            phis[part].add_incoming(sums[part], before)
            phis[part].add_incoming(current[part], body)
        b.branch(head)
        b.position_at_end(after)
        return phis

    def _step(self, k, sums):
        b = self.builder
        row = b.gep(self.p, [b.mul(k, _SIZE(PANEL))])
        places = [b.gep(row, [_SIZE(h * self.lanes)]) for h in self.vectors]
        columns = [b.load(self._vector_pointer(place), align=self.align) for place in places]
        fma = self._declare("llvm.fmuladd", ir.FunctionType(self.vector, [self.vector] * 3))
        out = {}
        for r in range(self.rows):
            address = b.gep(self.a, [b.add(b.mul(k, _SIZE(self.a_step)), b.mul(self.a_stride, _SIZE(r)))])
            scalar = self._splat(b.load(address), self.vector)
            for h in self.vectors:
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
        """Which of the lanes of vector h are columns of the matrix."""
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


stand_ins.give(tile.tile, _tile)
stand_ins.give(tile.strip_tile, _strip_tile)
stand_ins.give(tile.copy_strip, _copy(LANES, TILE))
stand_ins.give(tile.prefetch, _prefetch)
stand_ins.give(tile.copy_row, _copy(PANEL, PANEL))
