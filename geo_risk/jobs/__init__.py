"""Long work in the background: a queue kept in the store, one worker, progress and cancel."""

from .model import STATES, Job, State
from .progress import Progress, silent
from .queue import MAX_WAITING, Queue
from .worker import Worker

__all__ = ["MAX_WAITING", "STATES", "Job", "Progress", "Queue", "State", "Worker", "silent"]
