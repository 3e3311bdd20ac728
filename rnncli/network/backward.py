"""Forward, loss and backward through an unfolded network, and the gradients of its parameters: the works of a team.

    rows    forward, logits, loss, dlogits, backward: each thread goes through with its part of the batch
    sums    over the rows and steps, see sums.py: tokens' and vectors' gradients first, then those of the matrices

Where the logits take more than one block of steps, rows and sums of the output layer take turns, block by block.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from rnncli.data.batches import Batch
from rnncli.kernels.parts import Part, of_parts
from rnncli.kernels.product import add_transposed, product
from rnncli.kernels.threads import Work, share
from rnncli.network.sums import Outer, Sums

Block = tuple[int, int]  # the first step, and how many


def there_and_back(u: Any, loss: Callable, dropped: bool, parts: list[Part], batch: Batch) -> list[Work]:
    """What fills the losses and gradients of the unfolding u."""
    blocks = list(u.blocks(batch.steps))
    if len(blocks) == 1:
        return [rows(u, loss, dropped, parts, batch), *_sums(u, batch, blocks[0]), *_tied(u)]
    works = [of_parts(parts, partial(u.forward_part, batch, dropped))]
    for block in blocks:
        works += [of_parts(parts, partial(_loss, u, loss, batch, block)), *_output_sums(u, block)]
    return [*works, of_parts(parts, partial(_back, u, batch.steps, dropped)), *_sums(u, batch), *_tied(u)]


def rows(u: Any, loss: Callable, dropped: bool, parts: list[Part], batch: Batch, ended: bool = True) -> Work:
    """Forward, loss and backward of the rows, the output layer in one block; they meet after that only. `ended`: no
    gradient comes to the end states; else it is there.
    """
    there, back = partial(u.forward_part, batch, dropped), partial(_back, u, batch.steps, dropped, ended=ended)
    (block,) = u.blocks(batch.steps)
    return of_parts(parts, there, partial(_loss, u, loss, batch, block), back)


def _loss(u: Any, loss: Callable, batch: Batch, block: Block, part: Part) -> None:
    """The logits of a block, their gradients, and dY of the top layer."""
    t0, steps = block
    u.output_part(t0, steps, part)
    loss(u, batch, t0, steps, *part.own)
    part.meet()
    panels = part.panels(u.dtop.shape[2])
    product(u.logits[:steps], u.outT_panels, u.dtop[t0 : t0 + steps], *part.rows, *panels, False)


def _back(
    u: Any, steps: int, dropped: bool, part: Part, ended: bool = True, span: tuple[int, int] | None = None
) -> None:
    """Through all layers, or those of a span."""
    part.meet()
    last = len(u.layers) - 1
    first, end = span or (0, last + 1)
    if u.pooling and end > last:
        u.drop(u.dtop, dropped, last, 1, part)
        u.pooling.backward(u.layers[-1].dY, steps, *part.own)
    for index in range(end - 1, first - 1, -1):
        layer = u.layers[index]
        if index < last or not u.pooling:
            u.drop(layer.dY, dropped, index, steps, part)
        if ended:
            layer.clear_end_gradients(part)
        part.meet()
        layer.backward(u.layers[index - 1].dY if index else u.input.dX, steps, part)
        part.meet()
    if first == 0:
        u.input.backward(u.layers[0], steps, part)
        u.drop_inputs(u.input.dX, dropped, steps, part)


def _sums(u: Any, batch: Batch, block: Block | None = None) -> list[Work]:
    """The gradients of all layers and of the inputs, and of the output layer if its only block is given."""
    output = ([_output_product(u, *block)], [partial(_output_bias, u, *block)]) if block else ([], [])
    return layer_sums(u, _read(u, batch), batch.steps, True, *output)


def _read(u: Any, batch: Batch) -> list[tuple[Any, Any]]:
    """The layers, each with what it reads."""
    read = [u.input.rows(batch.x), *(layer.Y for layer in u.layers[:-1])]
    return list(zip(u.layers, read, strict=True))


def layer_sums(
    u: Any,
    layers: list[tuple[Any, Any]],
    steps: int,
    inputs: bool,
    products: Sequence[Outer] = (),
    vectors: Sequence[Work] = (),
) -> list[Work]:
    """The gradients of layers, each given with what it reads; of `inputs` too, if the first of them reads these; and
    some more `products` and `vectors`.
    """
    more, of_steps = _over_steps(u, layers, steps, inputs)
    return _works(u, u.sums, [layer for layer, _ in layers], inputs, [*products, *more], [*vectors, *of_steps])


def _works(
    u: Any,
    sums: Sums,
    layers: list[Any],
    inputs: bool,
    products: Sequence[Outer] = (),
    vectors: Sequence[Work] = (),
) -> list[Work]:
    """These sums over steps, and what is made of them."""
    own = u.input.products(layers[0]) if inputs else []
    after = [partial(u.input.gradients, layers[0], sums)] if inputs else []
    unfolded = [layer.unfold for layer in layers if layer.cell.gains]
    return [*sums.works([*products, *own], vectors, after), *unfolded]


def turns(
    u: Any, loss: Callable, dropped: bool, parts: list[Part], blocks: list[Block]
) -> Iterator[tuple[Any, Callable[[Batch], list[Work]]]]:
    """There and back of some rows of a batch, and the sums over them, of which nothing is made yet; each turn with its
    name: the output layer, block by block if it takes several, and layer by layer from the top.
    """
    last, several = len(u.layers) - 1, len(blocks) > 1

    def there(batch: Batch) -> list[Work]:
        return [of_parts(parts, partial(u.forward_part, batch, dropped))]

    def output(block: Block, batch: Batch) -> list[Work]:
        return [of_parts(parts, partial(_loss, u, loss, batch, block)), *_output_sums(u, block)]

    def back(index: int, batch: Batch) -> list[Work]:
        """A layer; the only block of the output layer goes with the top one."""
        products, vectors = _over_steps(u, [_read(u, batch)[index]], batch.steps, index == 0)
        steps = [partial(_back, u, batch.steps, dropped, span=(index, index + 1))]
        if index == last and not several:
            (block,) = blocks
            products, vectors = [_output_product(u, *block), *products], [partial(_output_bias, u, *block), *vectors]
            steps = [partial(u.forward_part, batch, dropped), partial(_loss, u, loss, batch, block), *steps]
        return [of_parts(parts, *steps), *u.sums.works(products, vectors)]

    if several:
        yield "there", there
        for block in blocks:
            yield block, partial(output, block)
    for index in range(last, -1, -1):
        yield index, partial(back, index)


def segment_sums(u: Any, batch: Batch) -> list[Work]:
    """The sums over the steps of a segment, whose output layer is one block."""
    (block,) = u.blocks(batch.steps)
    products, vectors = _over_steps(u, _read(u, batch), batch.steps, True)
    return u.sums.works([_output_product(u, *block), *products], [partial(_output_bias, u, *block), *vectors])


def whole_sums(u: Any, sums: Sums) -> list[Work]:
    """What is made of the sums over the steps, once these are whole."""
    return [*_works(u, sums, u.layers, True), *_tied(u)]


def _over_steps(u: Any, layers: list[tuple[Any, Any]], steps: int, inputs: bool) -> tuple[list[Outer], list[Work]]:
    """The products and the vectors that are sums over the steps."""
    products: list[Outer] = []
    vectors: list[Work] = []
    for layer, x in layers:
        products += layer.products(x, steps, u.sums)
        vectors.append(partial(layer.bias_gradients, x, steps, u.sums))
    if inputs:
        vectors.append(partial(u.input.sums, layers[0][0], steps, u.sums))
    return products, vectors


def _output_sums(u: Any, block: Block) -> list[Work]:
    return u.sums.works([_output_product(u, *block)], [partial(_output_bias, u, *block)])


def _output_product(u: Any, t0: int, steps: int) -> Outer:
    Y, dlogits = (array.reshape(steps * u.N, -1) for array in (u.top[t0 : t0 + steps], u.logits[:steps]))
    return u.sums.product(Y, dlogits, u.dW_out, steps, t0 > 0)


def _output_bias(u: Any, t0: int, steps: int, thread: int, threads: int) -> None:
    dlogits = u.logits[:steps].reshape(steps * u.N, -1)
    u.sums.columns(dlogits, u.sums.groups(steps), u.grads["output.b"], thread, threads, add=t0 > 0)


def _tied(u: Any) -> list[Work]:
    """Where the output's weights are the embeddings: dE += dW_outᵀ, the columns of this thread's share."""

    def add(thread: int, threads: int) -> None:
        dE = u.grads["embedding.E"]
        add_transposed(u.dW_out[0], dE, *share(dE.shape[1], thread, threads))

    return [add] if u.network.architecture.tied else []
