"""The window of the first start: who pays for what was found here, and what to measure it against."""
