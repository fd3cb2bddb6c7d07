"""The history window: shows the Report that answers a Question, and asks the next one. Loaded when first opened.

Nothing about usage is computed here, and no view is known by more than what its report holds.
"""
