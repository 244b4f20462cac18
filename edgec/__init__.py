"""edgec: from a trained ONNX model to C that runs without heap, interpreter or operating system."""
