"""A month as one document, and its file formats."""
