"""The command line: `geo-risk`. Commands are imported when they are called, not before."""

from .main import main

__all__ = ["main"]
