"""Networks as files of other programs. ONNX is written node by node here, never by the exporter of a framework."""
