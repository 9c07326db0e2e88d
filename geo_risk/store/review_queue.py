"""The review queue inside a write transaction: rows come, give way, are settled, come back."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, and_, case, insert, or_, select, update

from geo_risk.errors import ConflictError, Text

from .chunks import chunks
from .schema import Schema

Record = dict[str, Any]


def _says(entry: Mapping[str, Any]) -> str:
    """What a review entry says, by which an unchanged one is known; its row may have moved."""
    record = {k: v for k, v in json.loads(entry["record"]).items() if k != "row"}
    rest = [entry[name] for name in ("level", "reasons", "candidates")]
    return json.dumps([record, *rest], sort_keys=True)


class ReviewQueue:
    """The entries of the queue as one batch changes them."""

    def __init__(self, connection: Connection, schema: Schema, batch_id: str) -> None:
        self.connection = connection
        self.schema = schema
        self.batch_id = batch_id

    def add(
        self,
        layer_id: str,
        rows: Sequence[Record],
        placed: Sequence[str],
        became: Mapping[str, str] | None = None,
    ) -> None:
        """Keep rows that could not be placed, with their candidates.

        An open entry that says the same already stays as it is, with its number. Other open
        entries of the same features, or of features placed now, give way; so do those of the ids
        in `became`, whose rows came now under another id: the entry's note keeps that one.
        """
        waiting = self._open_entries(layer_id)
        new = [
            row
            for row in rows
            if _says(row) not in [says for _, says in waiting.get(row["feature_id"], ())]
        ]
        gone = {*placed, *(row["feature_id"] for row in new)}
        self.settle([seq for key in gone for seq, _ in waiting.get(key, ())], "superseded")
        stay = gone.union(row["feature_id"] for row in rows)
        for key, now in (became or {}).items():
            if key not in stay:
                self.settle([seq for seq, _ in waiting.get(key, ())], "superseded", now)
        if new:
            self.connection.execute(
                insert(self.schema.review),
                [
                    {"batch": self.batch_id, "layer": layer_id, "state": "open", **row}
                    for row in new
                ],
            )

    def settle(self, numbers: Sequence[int], how: str, note: str | None = None) -> int:
        """Close open review entries as `placed`, `dismissed` or `superseded` by this batch.

        Returns how many. `ConflictError` `review_settled` where one of them is not open, which
        ends the batch: of two people who decide on the same entry, the second is told.
        """
        review = self.schema.review
        wanted, count = sorted(set(numbers)), 0
        for part in chunks(wanted):
            result = self.connection.execute(
                update(review)
                .where(review.c.seq.in_(part), review.c.state == "open")
                .values(state=how, settled_as=how, settled_by=self.batch_id, note=note)
            )
            count += result.rowcount
        if count != len(wanted):
            raise self._settled_before(wanted)
        return count

    def _settled_before(self, numbers: Sequence[int]) -> ConflictError:
        review = self.schema.review
        open_now: set[int] = set()
        others: set[str] = set()
        for part in chunks(numbers):
            rows = self.connection.execute(select(review).where(review.c.seq.in_(part)))
            for row in rows.mappings():
                if row["settled_by"] == self.batch_id:
                    open_now.add(row["seq"])
                elif row["settled_by"]:
                    others.add(row["settled_by"])
        gone = "、".join(str(number) for number in numbers if number not in open_now)
        by = "、".join(sorted(others))
        return ConflictError(
            "review_settled",
            Text(f"第 {gone} 号刚刚已被处理", f"Number {gone} was settled meanwhile"),
            where="review",
            got=by or gone,
            fix=Text(
                "用 geo-risk review list 再看一遍；要重新处理，先撤销那个批次",
                "See geo-risk review list again; to decide anew, undo that batch first",
            ),
        )

    def _open_entries(self, layer_id: str) -> dict[str, list[tuple[int, str]]]:
        """Per feature its open entries: number and what it says."""
        review = self.schema.review
        rows = self.connection.execute(
            select(review)
            .where(review.c.layer == layer_id, review.c.state == "open")
            .order_by(review.c.seq)
        ).mappings()
        found: dict[str, list[tuple[int, str]]] = {}
        for row in rows:
            found.setdefault(row["feature_id"], []).append((row["seq"], _says(dict(row))))
        return found

    def settle_anew(self, batch_ids: Sequence[str]) -> int:
        """The state of review entries follows from which of their two batches stand.

        The batch that brought the entry is undone: undone; the batch that settled it stands: as
        that one settled it; else it is open. Returns how many are open again.
        """
        batches, review = self.schema.batches, self.schema.review
        fallen = select(batches.c.id).where(batches.c.undone_by.is_not(None))
        settled = and_(review.c.settled_by.is_not(None), review.c.settled_by.not_in(fallen))
        concerned = or_(review.c.batch.in_(batch_ids), review.c.settled_by.in_(batch_ids))
        opened = select(review.c.seq).where(concerned, review.c.state == "open")
        before = set(self.connection.scalars(opened))
        self.connection.execute(
            update(review)
            .where(concerned)
            .values(
                state=case(
                    (review.c.batch.in_(fallen), "undone"),
                    (settled, review.c.settled_as),
                    else_="open",
                )
            )
        )
        return len(set(self.connection.scalars(opened)) - before)

    def refuse_undo_of_placed(self, batch_id: str) -> None:
        """A row that was placed by hand since must not lose the import that brought it."""
        review = self.schema.review
        placed = self.connection.execute(
            select(review.c.settled_by)
            .where(review.c.batch == batch_id, review.c.state == "placed")
            .order_by(review.c.settled_by)
        ).scalars()
        others = list(dict.fromkeys(placed))
        if others:
            raise ConflictError(
                "batch_changed_since",
                Text(
                    "该批次待核的行此后已人工定位",
                    "Rows that wait since this batch were placed by hand",
                ),
                where=batch_id,
                got="、".join(others),
                fix=Text("请先撤销较晚的批次", "Undo the later batches first"),
            )
