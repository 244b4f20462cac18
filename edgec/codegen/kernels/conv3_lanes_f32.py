"""Convolutions of float32 by windows of three columns on hosts: the image stays as it lies, pixels share inputs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from edgec.codegen.ctree import ZERO, Call, Evaluate, Expr, For, Int, Name, Stmt, add, mul
from edgec.codegen.emitter import Emitter, Kernel
from edgec.codegen.kernels.literals import clamp_fields
from edgec.codegen.kernels.pad_lanes_f32 import strip_rows, strips
from edgec.codegen.kernels.products_lanes_f32 import ends_with_sum, tile_work
from edgec.codegen.kernels.registry import known
from edgec.codegen.kernels.rows import loops
from edgec.codegen.kernels.strips import geometry
from edgec.codegen.kernels.tiles_f32 import Group, Product, edges
from edgec.ir import Array, Value
from edgec.ir.ops import Conv2d


def conv3(op: Conv2d, product: Product) -> Kernel:
    """A convolution of one group by such tiles."""
    rows, columns = geometry(op)
    lanes, channels, batch = product.lanes, op.x.shape[3], op.x.shape[0]
    line, outs = columns.out * product.channels, product.channels
    strip = strip_rows(rows, 4 * columns.extent * channels) if len(product.groups) > 1 else rows.out

    def tiles(group: Group) -> list[tuple[int, int, int, int, int]]:
        tallest = lanes.tallest(group.vectors, True)
        return [*edges(columns.out, tallest, columns.padding, columns.behind, columns.stride)]

    def name(group: Group, pixels: int) -> str:
        return lanes.kernel(f"conv3_{pixels}x{group.vectors}s{columns.stride}")

    def emit(emitter: Emitter, product: Product = product, results: Sequence[Value] = (op.result,)) -> list[Stmt]:
        weights, bias = product.packed(emitter, _crossed(known(op, op.w)), known(op, op.bias))
        x, *ends = (
            add(emitter.pointer(v), mul(Name("n"), Int(v.type.elements // batch)) if batch > 1 else ZERO)
            for v in (op.x, *results)
        )

        def one(first: Expr, count: int) -> list[Stmt]:
            statements: list[Stmt] = []
            done = 0
            for group in product.groups:
                step, index = group.vectors * lanes.lanes, Name("group") if group.count > 1 else ZERO
                shape = _shape(emitter, op, group, product)
                number = add(first, Name("line") if count > 1 else ZERO)
                w = add(add(weights, Int(done * product.windows.size)), mul(index, Int(step * product.windows.size)))
                b = add(add(bias, Int(done)), mul(index, Int(step)))
                body: list[Stmt] = []
                for start, pixels, same, left, right in tiles(group):
                    at = Int(start * columns.stride - columns.padding)
                    offset = add(mul(number, Int(line)), mul(index, Int(step)))
                    y, *more = (add(add(end, offset), Int(group.first + start * outs)) for end in ends)
                    places = (x, w, b, *(more or [Name("NULL")]), y)
                    arguments = (shape, Int(same), number, at, Int(left), Int(right), *places)
                    body.append(Evaluate(Call(name(group, pixels), arguments)))
                body = [For("line", 0, count, body)] if count > 1 else body
                statements += [For("group", 0, group.count, body)] if group.count > 1 else body
                done += group.count * step
            return statements

        return loops([Name("n")], [batch], strips(rows.out, strip, one))

    work = tile_work(product, [(rows.out, columns.out)] * batch)
    kernel = Kernel(lanes.kernel("conv3"), "conv3_lanes_f32.h", emit, work=work)
    return replace(kernel, ending=partial(ends_with_sum, kernel, product, emit))


def _shape(emitter: Emitter, op: Conv2d, group: Group, product: Product) -> Expr:
    rows, columns = geometry(op)
    channels = op.x.shape[3]
    numbers = {
        "channels": channels,
        "height": rows.extent,
        "row": columns.extent * channels,
        "stride": rows.stride,
        "top": -rows.before,
        "rows": rows.kernel,
        "apart": rows.dilation,
        "y_pixel": product.channels,
        "last": group.last,
    }
    fields = {name: Int(value) for name, value in numbers.items()}
    return emitter.struct("edgec_conv3", {**fields, **clamp_fields(product.clamp)}, f"group{len(emitter.structs)}")


def _crossed(weights: Array) -> Array:
    """``[O, rows, columns, channels]`` as ``[O, rows * channels * columns]``."""
    crossed: Array = weights.transpose(0, 1, 3, 2).reshape(len(weights), -1)
    return crossed
