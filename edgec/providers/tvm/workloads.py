"""Layers as TVM's tensor expressions: what is computed, in which layout, before anything is scheduled."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Window:
    """One axis of a convolution: extents of input and output, taps, their stride and dilation, the padding before."""

    extent: int
    out: int
    taps: int
    stride: int
    dilation: int
    before: int


@dataclass(frozen=True)
class Conv2d:
    """``y = clamp(conv(x, w) + b)``: x ``[N,H,W,I]``, w ``[KH,KW,I/groups,O]``, b ``[O]``, y ``[N,OH,OW,O]``, f32."""

    batch: int
    rows: Window
    columns: Window
    inputs: int
    outputs: int
    groups: int
    clamp: tuple[float, float] | None

    def arguments(self) -> list[Any]:
        """x, w, b, y as TVM's tensors."""
        from tvm import te, tirx

        r, c = self.rows, self.columns
        x = te.placeholder((self.batch, r.extent, c.extent, self.inputs), name="x")
        w = te.placeholder((r.taps, c.taps, self.inputs // self.groups, self.outputs), name="w")
        b = te.placeholder((self.outputs,), name="b")
        reach = [(a.out - 1) * a.stride + (a.taps - 1) * a.dilation + 1 for a in (r, c)]
        padded = x
        if any(a.before or n > a.extent for a, n in zip((r, c), reach, strict=True)):
            padded = te.compute(
                (self.batch, *reach, self.inputs),
                lambda n, y, x_, i: tirx.if_then_else(
                    tirx.all(y >= r.before, y < r.extent + r.before, x_ >= c.before, x_ < c.extent + c.before),
                    x[n, y - r.before, x_ - c.before, i],
                    tirx.const(0, "float32"),
                ),
                name="padded",
            )
        ky, kx = te.reduce_axis((0, r.taps), name="ky"), te.reduce_axis((0, c.taps), name="kx")
        i = te.reduce_axis((0, self.inputs // self.groups), name="i")
        each_in, each_out = self.inputs // self.groups, self.outputs // self.groups
        sums = te.compute(
            (self.batch, r.out, c.out, self.outputs),
            lambda n, y, x_, o: te.sum(
                padded[
                    n,
                    y * r.stride + ky * r.dilation,
                    x_ * c.stride + kx * c.dilation,
                    (tirx.floordiv(o, each_out) * each_in if self.groups > 1 else 0) + i,
                ]
                * w[ky, kx, i, o],
                [ky, kx, i],
            ),
            name="sums",
        )
        y = te.compute(
            (self.batch, r.out, c.out, self.outputs),
            lambda n, y, x_, o: _clamped(sums[n, y, x_, o] + b[o], self.clamp),
            name="y",
        )
        return [x, w, b, y]


@dataclass(frozen=True)
class Dense:
    """``y = clamp(x w + b)``: x ``[M,K]``, w ``[K,N]``, b ``[N]``, y ``[M,N]``, f32."""

    rows: int
    inputs: int
    outputs: int
    clamp: tuple[float, float] | None

    def arguments(self) -> list[Any]:
        """x, w, b, y as TVM's tensors."""
        from tvm import te

        x = te.placeholder((self.rows, self.inputs), name="x")
        w = te.placeholder((self.inputs, self.outputs), name="w")
        b = te.placeholder((self.outputs,), name="b")
        k = te.reduce_axis((0, self.inputs), name="k")
        sums = te.compute((self.rows, self.outputs), lambda m, o: te.sum(x[m, k] * w[k, o], [k]), name="sums")
        y = te.compute((self.rows, self.outputs), lambda m, o: _clamped(sums[m, o] + b[o], self.clamp), name="y")
        return [x, w, b, y]


@dataclass(frozen=True)
class MatMul:
    """``y = a b``, batched: a ``[B,M,K]`` or ``[1,M,K]``, b ``[B,K,N]`` or ``[1,K,N]``, y ``[B,M,N]``, f32."""

    batches: tuple[int, int]
    rows: int
    inner: int
    columns: int

    def arguments(self) -> list[Any]:
        """a, b, y as TVM's tensors."""
        from tvm import te

        of_a, of_b = self.batches
        a = te.placeholder((of_a, self.rows, self.inner), name="a")
        b = te.placeholder((of_b, self.inner, self.columns), name="b")
        k = te.reduce_axis((0, self.inner), name="k")
        y = te.compute(
            (max(of_a, of_b), self.rows, self.columns),
            lambda n, m, o: te.sum(a[n if of_a > 1 else 0, m, k] * b[n if of_b > 1 else 0, k, o], [k]),
            name="sums",
        )
        return [a, b, y]


Workload = Conv2d | Dense | MatMul


def _clamped(value: Any, limits: tuple[float, float] | None) -> Any:
    from tvm import tirx

    if limits is None:
        return value
    low, high = limits
    value = tirx.max(value, tirx.const(low, "float32")) if low > -float("inf") else value
    return tirx.min(value, tirx.const(high, "float32")) if high < float("inf") else value
