"""What edgec is measured against on the host: other ways to run an ONNX model, each in a process of its own."""
