"""A graph of ONNX under construction: nodes, constants, named inputs and outputs.

Values are known by their names. Dimensions that are texts, `batch` and `time`, are free: any size will do.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

OPSET = 17  # the last one that every runtime since 2022 reads, and the first that has all that is used here
IR = 8  # of files, that of this opset
TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.float64): TensorProto.DOUBLE}
TYPES |= {np.dtype(np.int64): TensorProto.INT64, np.dtype(np.int32): TensorProto.INT32}
Shape = Sequence[int | str]


class Graph:
    """What is added to it is in order: a node stands behind those whose values it reads."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, TensorProto] = {}
        self.inputs: list[ValueInfoProto] = []
        self.outputs: list[ValueInfoProto] = []
        self._shared: dict[tuple, str] = {}  # constants by their values
        self._count = 0
        self._prefix = ""  # of all names

    def constant(self, values: Any, dtype: Any = np.float32) -> str:
        """An array, or a number; one that is there already is the same."""
        array = np.ascontiguousarray(np.asarray(values, dtype)) if np.ndim(values) else np.asarray(values, dtype)
        key = array.dtype.str, array.shape, array.tobytes()
        if key not in self._shared:
            self._shared[key] = name = self._name("constant")
            self.constants[name] = numpy_helper.from_array(array, name)
        return self._shared[key]

    def whole(self, values: Any) -> str:
        """A constant of whole numbers, such as axes and ids."""
        return self.constant(values, np.int64)

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """The one value of a node."""
        return self.several(kind, 1, *inputs, **attributes)[0]

    def several(self, kind: str, count: int, *inputs: str, **attributes: Any) -> list[str]:
        """The first `count` values of a node."""
        out = [self._name(kind.lower()) for _ in range(count)]
        self.nodes.append(helper.make_node(kind, list(inputs), out, **attributes))
        return out

    def _name(self, kind: str) -> str:
        self._count += 1
        return f"{self._prefix}{kind}_{self._count}"

    # -- what the file reads and writes -------------------------------------------------------------------------

    def input(self, name: str, dtype: Any, shape: Shape) -> str:
        """A named input."""
        self.inputs.append(helper.make_tensor_value_info(name, TYPES[np.dtype(dtype)], shape))
        return name

    def output(self, name: str, value: str, dtype: Any, shape: Shape) -> None:
        """A value under a name of its own."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        self.outputs.append(helper.make_tensor_value_info(name, TYPES[np.dtype(dtype)], shape))

    def model(self, name: str, producer: str, version: str, properties: dict[str, str]) -> ModelProto:
        """The whole, with metadata."""
        graph = helper.make_graph(self.nodes, name, self.inputs, self.outputs, list(self.constants.values()))
        opsets = [helper.make_opsetid("", OPSET)]
        found = helper.make_model(
            graph, opset_imports=opsets, ir_version=IR, producer_name=producer, producer_version=version
        )
        helper.set_model_props(found, properties)
        return found

    # -- usual pieces -------------------------------------------------------------------------------------------

    def cast(self, x: str, dtype: Any) -> str:
        """x in another type."""
        return self.node("Cast", x, to=TYPES[np.dtype(dtype)])

    def swapped(self, x: str, *order: int) -> str:
        """x with its axes in this order."""
        return self.node("Transpose", x, perm=list(order))

    def size(self, x: str, axis: int) -> str:
        """How long x is along an axis (1,)."""
        return self.node("Slice", self.node("Shape", x), self.whole([axis]), self.whole([axis + 1]))

    def zeros(self, sizes: list[str], dtype: Any = np.float32) -> str:
        """An array of these sizes, each (1,)."""
        shape = self.node("Concat", *sizes, axis=0)
        zero = helper.make_tensor("value", TYPES[np.dtype(dtype)], [1], [0])
        return self.node("ConstantOfShape", shape, value=zero)

    def part(self, x: str, axis: int, begin: int, end: int) -> str:
        """x from `begin` to `end` along an axis, counted from the end where they are negative."""
        return self.node("Slice", x, self.whole([begin]), self.whole([end]), self.whole([axis]))

    def affine(self, x: str, W: np.ndarray, b: np.ndarray) -> str:
        """x·W + b along the last axis."""
        return self.node("Add", self.node("MatMul", x, self.constant(W)), self.constant(b))

    def scan(self, body: "Graph", initial: list[str], over: list[str]) -> list[str]:
        """The states at the end, then what each step gave: the body's inputs are states and a step of each of `over`
        along their first axis, its outputs the next states and what the step gives.
        """
        graph = helper.make_graph(body.nodes, "step", body.inputs, body.outputs, list(body.constants.values()))
        inputs = (*initial, *over)
        return self.several("Scan", len(body.outputs), *inputs, body=graph, num_scan_inputs=len(over))

    def body(self) -> "Graph":
        """An empty graph for the body of a scan; no name of it is one of this graph."""
        other = Graph()
        other._prefix = f"{self._name('scan')}."
        return other

    def free(self, name: str) -> str:
        """A name that no other graph has, for an input or output of a body."""
        return f"{self._prefix}{name}"
