"""Text in; language, label, score, topic, reason and the deciding words out.

Importing a module of this package loads no model runtime: NumPy, transformers and ONNX Runtime come in when a model is
loaded.
"""
