"""Commands that are printed to be pasted: what came out of a file must never run in a shell."""

from __future__ import annotations

import shlex


def shell(*parts: str) -> str:
    """The words as one line for a POSIX shell, each quoted where it needs it."""
    return shlex.join(parts)
