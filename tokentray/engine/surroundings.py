"""What this machine is like just now, as far as polls go by it. May be asked from any thread."""


def on_battery() -> bool:
    """Whether the machine runs on its battery; False where it has none, or where that cannot be told."""
    import psutil  # only where something is due

    try:
        battery = psutil.sensors_battery() if hasattr(psutil, "sensors_battery") else None
    except (OSError, RuntimeError, NotImplementedError):
        return False  # a battery that does not answer is no reason to stop reading
    return battery is not None and battery.power_plugged is False
