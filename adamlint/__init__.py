"""adamlint: a static linter and codemod for code that trains models with TensorFlow/Keras."""

__version__ = "0.1.0"
