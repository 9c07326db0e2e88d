"""The store as a dict: every batch keeps what it replaced, undo puts it back."""

from __future__ import annotations

from typing import Any


class DictStore:
    """Content by id, and for each batch what each id held before and after it."""

    def __init__(self) -> None:
        self.content: dict[str, Any] = {}
        self.versions: dict[str, int] = {}
        self.batches: list[dict[str, tuple[Any, Any]]] = []
        self.undoes: dict[int, int] = {}

    def put(self, records: dict[str, Any]) -> None:
        changes = {
            key: (self.content.get(key), value)
            for key, value in records.items()
            if self.content.get(key) != value
        }
        self._change(changes)

    def is_undone(self, batch: int) -> bool:
        """Whether an undo of the batch stands, that is, was not itself undone."""
        return any(which == batch and not self.is_undone(by) for by, which in self.undoes.items())

    def may_undo(self, batch: int) -> bool:
        """Whether all that the batch made is still as it made it."""
        if self.is_undone(batch):
            return False
        return all(
            self.content.get(key) == after for key, (_, after) in self.batches[batch].items()
        )

    def undo(self, batch: int) -> None:
        self.undoes[len(self.batches)] = batch
        self._change({key: (after, before) for key, (before, after) in self.batches[batch].items()})

    def _change(self, changes: dict[str, tuple[Any, Any]]) -> None:
        for key, (_, after) in changes.items():
            self.versions[key] = self.versions.get(key, 0) + 1
            if after is None:
                del self.content[key]
            else:
                self.content[key] = after
        self.batches.append(changes)
