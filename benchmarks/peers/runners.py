"""Each peer: a model made ready to run on one thread, by the cheapest call that its Python API has.

A runner takes the ONNX file, the quantized twin of it with the same topology where the precision is int8, an input and
a directory for its files. It imports its package itself: one that is not installed shows as ``ImportError``.
"""

import ctypes
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Work:
    """What a peer is to run: the model's file, its precision, one input, and a directory for what it makes."""

    model: Path
    precision: str
    x: Array
    directory: Path

    @property
    def names(self) -> tuple[str, str]:
        """Of the model's input and its output."""
        graph = onnx.load(str(self.model), load_external_data=False).graph
        return graph.input[0].name, graph.output[0].name

    @property
    def folded(self) -> Path:
        """The model with its constants folded, for those that take no shape arithmetic."""
        from peers.folding import folded

        return folded(self.model, self.directory / self.model.name)

    def only_float32(self, why: str) -> None:
        """Refuse what is quantized."""
        if self.precision != "float32":
            raise NotImplementedError(why)


@dataclass(frozen=True)
class Ready:
    """``run`` computes; ``output`` gives what the last run computed; ``kept`` is memory that others point at."""

    run: Callable[[], Any]
    output: Callable[[], Array]
    kept: Any = None


def edgec(work: Work) -> Ready:
    """What all this is for: the C function, called through ctypes."""
    import edgec as compiler

    # In buffers of its own the input is the same in each run.
    session = compiler.compile(work.model, target="host", optimize="speed", caller_io=True).session()
    (given,), (made,) = session.inputs.values(), session.outputs.values()
    given[...] = work.x
    return Ready(session, lambda: made)


def onnxruntime(work: Work) -> Ready:
    """Bound inputs and outputs, so that no call copies them."""
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = ort.InferenceSession(str(work.model), options, providers=["CPUExecutionProvider"])
    x, y = work.names
    given = ort.OrtValue.ortvalue_from_numpy(work.x)
    binding = session.io_binding()
    binding.bind_ortvalue_input(x, given)
    first = session.run(None, {x: work.x})[0]
    made = ort.OrtValue.ortvalue_from_numpy(first)
    binding.bind_ortvalue_output(y, made)
    return Ready(lambda: session.run_with_iobinding(binding), made.numpy)


def litert(work: Work) -> Ready:
    """XNNPACK's kernels, on a TFLite twin of the model."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(work.model), num_threads=1)
    interpreter.allocate_tensors()
    given, made = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    interpreter.set_tensor(given["index"], _as(work.x, given))
    return Ready(interpreter.invoke, lambda: _numbers(interpreter.get_tensor(made["index"]), made))


def openvino(work: Work) -> Ready:
    """In float32: on cores with AMX it would else take bfloat16."""
    import openvino as ov

    core = ov.Core()
    settings = {"INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    request = core.compile_model(core.read_model(work.model), "CPU", settings).create_infer_request()
    request.set_input_tensor(ov.Tensor(work.x))

    def run() -> None:
        request.start_async()
        request.wait()

    return Ready(run, lambda: np.array(request.get_output_tensor().data))


def ncnn(work: Work) -> Ready:
    """Converted by pnnx."""
    work.only_float32("pnnx converts no quantized model, and ncnn's own quantizer is not in its wheel")
    import ncnn as nn
    import pnnx

    local = work.folded
    tool = Path(pnnx.EXEC_PATH)
    shape = ",".join(map(str, work.x.shape))
    said = subprocess.run(
        [tool, local, f"inputshape=[{shape}]", "fp16=0"], cwd=work.directory, capture_output=True, text=True
    )
    param = local.with_suffix(".ncnn.param")
    if not param.is_file():
        raise RuntimeError(f"pnnx: {said.stderr[-200:]}")
    net = nn.Net()
    net.opt.num_threads = 1
    for name in (
        "use_fp16_packed",
        "use_fp16_storage",
        "use_fp16_arithmetic",
        "use_bf16_storage",
        "use_vulkan_compute",
    ):
        setattr(net.opt, name, False)
    net.load_param(str(param))
    net.load_model(str(param.with_suffix(".bin")))
    given = nn.Mat(np.squeeze(work.x, work.x.shape.index(1))).clone()
    last: list[Any] = [None]

    def run() -> None:
        extractor = net.create_extractor()
        extractor.input(net.input_names()[0], given)
        last[0] = extractor.extract(net.output_names()[0])[1]

    return Ready(run, lambda: np.array(last[0]))


def iree(work: Work) -> Ready:
    """For this machine's CPU, on the device that runs in the calling thread."""
    from iree import runtime
    from iree.compiler import tools

    mlir = work.directory / f"{work.model.stem}.mlir"
    subprocess.run(
        [sys.executable, "-m", "iree.compiler.tools.import_onnx", work.folded, "-o", mlir, "--opset-version", "17"],
        check=True,
        capture_output=True,
    )
    arguments = ["--iree-llvmcpu-target-cpu=host", "--iree-opt-level=O3"]
    binary = tools.compile_file(str(mlir), input_type="onnx", target_backends=["llvm-cpu"], extra_args=arguments)
    module = runtime.load_vm_flatbuffer(binary, driver="local-sync")
    function = next(module[name] for name in module.vm_module.function_names if "$" not in name and "__" not in name)
    device = runtime.get_device("local-sync")
    given = runtime.asdevicearray(device, work.x)
    last: list[Any] = [None]

    def run() -> None:
        last[0] = function(given)

    return Ready(run, lambda: np.asarray(last[0].to_host()))


def tvm(work: Work) -> Ready:
    """Relax, scheduled by rule, not tuned."""
    work.only_float32("its ONNX importer keeps quantize and dequantize around operators in floats")
    import tvm as compiler
    from tvm import relax
    from tvm.relax.frontend.onnx import from_onnx

    module = from_onnx(onnx.load(str(work.folded)), keep_params_in_input=False)
    target = compiler.target.Target({"kind": "llvm", "mcpu": _llvm_cpu(), "num-cores": 1})
    with target:
        pipeline = relax.get_pipeline("zero")
        built = compiler.compile(pipeline(module), target)
    machine = relax.VirtualMachine(built, compiler.cpu())
    given = compiler.runtime.tensor(work.x)
    machine.set_input("main", given)

    def output() -> Array:
        made = machine.get_outputs("main")
        return np.asarray((made if hasattr(made, "numpy") else made[0]).numpy())

    return Ready(lambda: machine.invoke_stateful("main"), output)


def emx(work: Work) -> Ready:
    """Generated C, compiled by gcc for this CPU."""
    source = work.directory / f"{work.model.stem}.c"
    subprocess.run(
        [sys.executable, "-m", "emx_onnx_cgen", "compile", work.folded, source], check=True, capture_output=True
    )
    library = source.with_suffix(".so")
    flags = ["-O3", "-march=native", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, source, "-o", library, "-lm"], check=True, capture_output=True)
    (name,) = re.findall(r"^void (\w+)\(const float", source.read_text(), re.MULTILINE)[-1:]
    loaded = ctypes.CDLL(str(library))
    if (source.parent / f"{name}.bin").is_file() and not loaded[f"{name}_load"](bytes(source.parent / f"{name}.bin")):
        raise RuntimeError("its weights cannot be loaded")
    function = loaded[name]
    shape = [d.dim_value for d in onnx.load(str(work.model)).graph.output[0].type.tensor_type.shape.dim]
    made = np.zeros(shape, np.float32)
    pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (work.x, made)]
    return Ready(lambda: function(*pointers), lambda: made, kept=work.x)


def _llvm_cpu() -> str:
    """LLVM's name of this CPU, by its newest features."""
    flags = set(Path("/proc/cpuinfo").read_text().split()) if platform.machine() == "x86_64" else set()
    names = {
        "amx_int8": "sapphirerapids",
        "avx512_vnni": "icelake-server",
        "avx512vl": "skylake-avx512",
        "avx2": "haswell",
    }
    return next((name for flag, name in names.items() if flag in flags), "generic")


def _as(x: Array, details: dict[str, Any]) -> Array:
    """An input as a TFLite model takes it."""
    scale, zero = details["quantization"]
    return x if details["dtype"] is np.float32 else np.clip(np.rint(x / scale) + zero, -128, 127).astype(np.int8)


def _numbers(y: Array, details: dict[str, Any]) -> Array:
    """What a TFLite model gives, as numbers."""
    scale, zero = details["quantization"]
    return y if y.dtype == np.float32 else (y.astype(np.float32) - zero) * scale


RUNNERS: dict[str, Callable[[Work], Ready]] = {
    "edgec": edgec,
    "onnxruntime": onnxruntime,
    "LiteRT": litert,
    "OpenVINO": openvino,
    "ncnn": ncnn,
    "IREE": iree,
    "TVM": tvm,
    "emx-onnx-cgen": emx,
}
"""By the names that the tables show."""
