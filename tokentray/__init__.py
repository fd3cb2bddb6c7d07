"""TokenTray: what your own LLM tokens are worth. Importing this package costs nothing."""

__version__ = "0.1.0"
