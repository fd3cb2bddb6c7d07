"""What the commands share that change something: one request carried out, what was done printed, the tray told."""

from tokentray.cli.context import Context, visible
from tokentray.doorbell import tell_refreshed
from tokentray.engine.changes import apply
from tokentray.requests import Request
from tokentray.store.writer import Writer


def tell(context: Context, request: Request) -> int:
    """Carry out a request and print what was done. Raises RefusedError, and then nothing has changed."""
    writer = Writer(context.paths.history)
    try:
        done = apply(
            writer,
            request,
            now_utc=context.clock.now_utc(),
            zone=context.zone,
            settings_file=context.paths.settings,
            style=context.style,
        )
    finally:
        writer.close()
    tell_refreshed(context.paths)
    print(visible(done))
    return 0
