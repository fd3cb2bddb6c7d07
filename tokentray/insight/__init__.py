"""Pure functions over typed rows: equivalents and words."""
