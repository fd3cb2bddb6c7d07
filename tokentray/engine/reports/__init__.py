"""Answers to what the history window asks: a module for each view, and the desk that has them made on its thread."""
