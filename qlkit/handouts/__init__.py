"""Taking it home: what a workshop prints and hands to phones."""

import os
from pathlib import Path


def put(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there when it is whole, so that there is never half a file."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
