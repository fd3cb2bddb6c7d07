"""The settings window: what the person tells TokenTray. Loaded when it is first opened, not at the start."""
