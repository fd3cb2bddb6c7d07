"""The window in which a month is exported: what goes into the files is seen before they are written."""
