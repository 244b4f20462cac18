"""Meaning of discrete Fourier transforms, computed in float64."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from edgec.ir.graph import Array
from edgec.ir.interp.registry import meaning
from edgec.ir.ops import Dft, Stft


def _complex(x: Array) -> Array:
    wide = x.astype(np.float64)
    return np.asarray(wide[..., 0] + 1j * wide[..., 1] if x.shape[-1] == 2 else wide[..., 0] + 0j)


def _parts(x: Array, like: Array) -> Array:
    return np.stack([x.real, x.imag], axis=-1).astype(like.dtype)


@meaning(Dft)
def _dft(op: Dft, x: Array) -> Array:
    axis, signal = op.axis + 1, _complex(x)
    if not op.inverse:
        spectrum = np.fft.fft(signal, op.length, axis)
        return _parts(spectrum.take(np.arange(op.result.shape[op.axis]), axis), x)
    if op.onesided:
        return np.fft.irfft(signal, op.length, axis)[..., None].astype(x.dtype)
    return _parts(np.fft.ifft(signal, op.length, axis), x)


@meaning(Stft)
def _stft(op: Stft, x: Array, window: Array | None = None) -> Array:
    frames = sliding_window_view(_complex(x), op.length, axis=2)[:, :, :: op.step]
    if window is not None:
        frames = frames * window.astype(np.float64)[:, None, None, :]
    return _parts(np.fft.fft(frames, axis=3)[..., : op.result.shape[2]], x)
