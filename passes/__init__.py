"""One pass a file, and the order in which they run by default."""

from edgec.rewriting import describe

FLOAT = "fold-constants,matmul-to-dense,simplify,nhwc,fold-batch-norm,fold-pads,fuse-activations,trim-windows,simplify"
INTEGERS = "drop-dead-code,integers,byte-tables,dequantize-constants,fold-constants,drop-dead-code"
DEFAULT = f"{FLOAT},{INTEGERS},fuse-gelu"
"""The default pipeline; quantization (``equalize-layers``, ``quantize``) goes between its halves. The reasons for its
order:

- ``fold-constants`` and ``simplify`` first: they leave less to do for everyone, and weights behind operators (a
  transposed Gemm, say) become constants, which the other passes ask for.
- ``matmul-to-dense`` then, for which weights must be constants already.
- ``nhwc`` before all fusions: only when the transposes between them are gone do a convolution and what follows it
  stand side by side, with channels last.
- ``fold-batch-norm`` before ``fuse-activations``: a scale folds into weights only while nothing is clamped between.
- ``fold-pads`` needs NHWC, nothing else.
- ``trim-windows`` sees all padding then, and what a convolution that becomes dense is clamped by.
- ``drop-dead-code``, so that nothing keeps values float that nobody reads.
- ``integers`` then, when what stands between a Dequantize and a Quantize is one operator; quantized constants are
  left as integers for it, and what it does not take, ``dequantize-constants`` makes float.
- ``byte-tables`` sees what is quantized after each step.
- ``fuse-gelu`` behind all that looks for single functions of one byte.
- ``simplify``, ``fold-constants`` and ``drop-dead-code`` sweep up.

``own-outputs`` and ``in-place`` depend on who owns the memory of inputs and outputs, so the driver appends them.
"""

__all__ = ["DEFAULT", "FLOAT", "INTEGERS", "describe"]
