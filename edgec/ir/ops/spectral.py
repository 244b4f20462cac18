"""Discrete Fourier transforms. A signal's last axis holds its components: one if real, two if complex."""

from dataclasses import dataclass

from edgec.ir.graph import Op, Value
from edgec.ir.ops.base import expect
from edgec.ir.types import FLOATS, TensorType


def _components(x: Value) -> None:
    expect(x.type.dtype in FLOATS, f"a Fourier transform of {x.type.dtype.value}")
    expect(x.type.rank >= 2 and x.shape[-1] in (1, 2), f"{list(x.shape)} does not end in one or two components")


@dataclass(eq=False)
class Dft(Op):
    """``y[k] = sum(x[n] * exp(-2 pi i k n / length))`` along ``axis``; x is cut, or padded with zeros, to ``length``.

    ``inverse`` turns the exponent's sign and divides by the length. ``onesided`` keeps the first ``length // 2 + 1``
    frequencies; of an inverse transform, x is these, the others are their conjugates, and the result is real.
    """

    x: Value
    axis: int
    length: int
    inverse: bool = False
    onesided: bool = False

    def infer(self) -> list[TensorType]:
        """Output type: that of x with another extent along the axis and two components, or one."""
        _components(self.x)
        expect(0 <= self.axis < self.x.type.rank - 1, f"axis {self.axis} is no signal axis of {list(self.x.shape)}")
        expect(self.length > 0, f"length {self.length} is not positive")
        shape = [*self.x.shape[:-1], 1 if self.inverse and self.onesided else 2]
        shape[self.axis] = self.length // 2 + 1 if self.onesided and not self.inverse else self.length
        return [self.x.type.with_shape(*shape)]


@dataclass(eq=False)
class Stft(Op):
    """The Dft of frames of ``length`` elements, ``step`` apart, times ``window[length]``.

    ``x[batch, signal, components] -> [batch, frames, frequencies, 2]``; ``onesided`` as of Dft.
    """

    x: Value
    window: Value | None
    length: int
    step: int
    onesided: bool = True

    def infer(self) -> list[TensorType]:
        """Output type: that of x with frames and frequencies."""
        _components(self.x)
        expect(self.x.type.rank == 3, f"{list(self.x.shape)} is not [batch, signal, components]")
        expect(0 < self.length <= self.x.shape[1], f"frames of {self.length} do not fit {self.x.shape[1]} elements")
        expect(self.step > 0, f"step {self.step} is not positive")
        if self.window is not None:
            expect(self.window.shape == (self.length,), f"the window is {list(self.window.shape)}, not [{self.length}]")
            expect(self.window.type.dtype is self.x.type.dtype, f"the window is {self.window.type.dtype.value}")
        frames = (self.x.shape[1] - self.length) // self.step + 1
        frequencies = self.length // 2 + 1 if self.onesided else self.length
        return [self.x.type.with_shape(self.x.shape[0], frames, frequencies, 2)]
