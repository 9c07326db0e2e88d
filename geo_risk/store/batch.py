"""Writing: one batch is one transaction; every change keeps its history, undo is a batch too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import ConflictError, NotFoundError, Text

from .schema import GRADE_COLUMNS, Schema, content_columns, digest_columns

Record = dict[str, Any]
CHUNK = 500


@dataclass(frozen=True)
class PutResult:
    """What a put did: counts of features."""

    inserted: int
    updated: int
    unchanged: int


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """Consecutive pieces of a sequence."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def digest(record: Mapping[str, Any], columns: Iterable[str]) -> str:
    """A hash of a feature's content, by which an unchanged re-import is known."""
    values = [
        value.hex() if isinstance(value, bytes) else value
        for value in (record.get(name) for name in columns)
    ]
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:32]


def _says(entry: Mapping[str, Any]) -> str:
    """What a review entry says, by which an unchanged one is known; its row may have moved."""
    record = {k: v for k, v in json.loads(entry["record"]).items() if k != "row"}
    rest = [entry[name] for name in ("level", "reasons", "candidates")]
    return json.dumps([record, *rest], sort_keys=True)


class Batch:
    """An open write transaction; made by `Store.batch`, which commits or rolls it back."""

    def __init__(self, connection: Connection, schema: Schema, batch_id: str, at: str) -> None:
        self.connection = connection
        self.schema = schema
        self.id = batch_id
        self.at = at
        self.touched: set[str] = set()
        self.reopened = 0
        """How many review entries an undo opened again."""
        self.info: Record = {}

    def put(self, layer: LayerSpec, records: Sequence[Record], source: str = "") -> PutResult:
        """Insert new features and update changed ones; equal content changes nothing.

        A record holds `id`, `geom` (WKB or None), the layer's fields, placement and grade columns.
        """
        table, columns = self.schema.layers[layer.id], content_columns(layer)
        marked = digest_columns(layer)
        known = self._present(table, [record["id"] for record in records])
        gone = self._last_versions(layer.id, [r["id"] for r in records if r["id"] not in known])
        new: list[Record] = []
        changed: list[Record] = []
        for record in records:
            mark = digest(record, marked)
            old = known.get(record["id"])
            if old is not None and old[1] == mark:
                continue
            row = {name: record.get(name) for name in columns}
            if layer.grader == "rollup":
                row |= {"grade": "no_data", "score": None, "profile": None, "reasons": None}
            version = (old[0] if old else gone.get(record["id"], 0)) + 1
            row |= {"id": record["id"], "version": version, "digest": mark}
            row["source"] = record.get("source", source)
            row |= {"batch": self.id, "updated_at": self.at}
            (changed if old else new).append(row)
        self._write(layer, new, changed)
        return PutResult(len(new), len(changed), len(records) - len(new) - len(changed))

    def undo(self, batch_id: str) -> int:
        """Take a batch back: restore what it changed, remove what it brought; returns the count."""
        row = self.connection.execute(
            select(self.schema.batches).where(self.schema.batches.c.id == batch_id)
        ).first()
        if row is None:
            raise NotFoundError(
                "batch_unknown",
                Text("没有这个批次", "There is no such batch"),
                where="batch",
                got=batch_id,
                fix=Text("用 geo-risk batches 查看批次", "See geo-risk batches"),
            )
        if row.undone_by:
            raise ConflictError(
                "batch_undone",
                Text("该批次已撤销", "The batch was undone already"),
                where=batch_id,
                got=row.undone_by,
                fix=Text("可撤销那个撤销批次", "Undo that undo to bring it back"),
            )
        self._refuse_undo_of_placed(batch_id)
        count = sum(self._undo_layer(layer, batch_id) for layer in self.schema.specs.values())
        self._mark_undone(row)
        return count

    def _refuse_undo_of_placed(self, batch_id: str) -> None:
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

    def _mark_undone(self, row: Any) -> None:
        """Note that a batch is undone; down the chain of undos, each second one stands again."""
        batches = self.schema.batches
        undone_by: str | None = self.id
        chain = []
        while row is not None:
            chain.append(row.id)
            self.connection.execute(
                update(batches).where(batches.c.id == row.id).values(undone_by=undone_by)
            )
            undone_by = None if undone_by else row.id
            row = self.connection.execute(select(batches).where(batches.c.id == row.undoes)).first()
        self._settle_anew(chain)

    def _settle_anew(self, batch_ids: Sequence[str]) -> None:
        """The state of review entries follows from which of their two batches stand.

        The batch that brought the entry is undone: undone; the batch that settled it stands: as
        that one settled it; else it is open.
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
        self.reopened = len(set(self.connection.scalars(opened)) - before)

    def set_derived(self, layer: LayerSpec, grades: Mapping[str, Sequence[Any]]) -> int:
        """Set (grade, score, profile, reasons) of roll-up features in place, without a version."""
        table = self.schema.layers[layer.id]
        present = {
            row[0]: tuple(row[1:])
            for row in self.connection.execute(
                select(table.c.id, *(table.c[name] for name in GRADE_COLUMNS))
            )
        }
        changed = [
            {"key": key, **dict(zip(GRADE_COLUMNS, values, strict=True))}
            for key, values in grades.items()
            if key in present and present[key] != tuple(values)
        ]
        if changed:
            self.connection.execute(
                update(table)
                .where(table.c.id == bindparam("key"))
                .values({name: bindparam(name) for name in GRADE_COLUMNS}),
                changed,
            )
            self.touched.add(layer.id)
        return len(changed)

    def add_review(
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
                [{"batch": self.id, "layer": layer_id, "state": "open", **row} for row in new],
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
                .values(state=how, settled_as=how, settled_by=self.id, note=note)
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
                if row["settled_by"] == self.id:
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

    def _present(self, table: Table, ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        if self.connection.execute(select(table.c.fid).limit(1)).first() is None:
            return {}
        found: dict[str, tuple[int, str]] = {}
        for part in chunks(ids):
            rows = self.connection.execute(
                select(table.c.id, table.c.version, table.c.digest).where(table.c.id.in_(part))
            )
            found.update({row[0]: (row[1], row[2]) for row in rows})
        return found

    def _last_versions(self, layer_id: str, ids: Sequence[str]) -> dict[str, int]:
        history = self.schema.histories[layer_id]
        if self.connection.execute(select(history.c.id).limit(1)).first() is None:
            return {}
        found: dict[str, int] = {}
        for part in chunks(ids):
            rows = self.connection.execute(
                select(history.c.id, func.max(history.c.version))
                .where(history.c.id.in_(part))
                .group_by(history.c.id)
            )
            found.update({row[0]: row[1] for row in rows})
        return found

    def _write(self, layer: LayerSpec, new: list[Record], changed: list[Record]) -> None:
        table, history = self.schema.layers[layer.id], self.schema.histories[layer.id]
        if new:
            self.connection.execute(insert(table), new)
        if changed:
            names = [name for name in changed[0] if name != "id"]
            self.connection.execute(
                update(table)
                .where(table.c.id == bindparam("key"))
                .values({name: bindparam(name) for name in names}),
                [{**row, "key": row["id"]} for row in changed],
            )
        if new or changed:
            names = [c.name for c in history.c if c.name != "op"]
            rows = select(*(table.c[name] for name in names), literal("put")).where(
                table.c.batch == self.id
            )
            if layer.id in self.touched:
                written = select(history.c.id).where(history.c.batch == self.id)
                rows = rows.where(table.c.id.not_in(written))
            self.connection.execute(insert(history).from_select([*names, "op"], rows))
            self.touched.add(layer.id)

    def _undo_layer(self, layer: LayerSpec, batch_id: str) -> int:
        table, history = self.schema.layers[layer.id], self.schema.histories[layer.id]
        changes = self.connection.execute(
            select(history.c.id, history.c.version, history.c.op).where(history.c.batch == batch_id)
        ).all()
        if not changes:
            return 0
        made = {row.id: row.version for row in changes}
        latest = self._last_versions(layer.id, list(made))
        later = self._differs_since(layer.id, made, latest)
        if later:
            raise self._changed_since(layer, batch_id, later)
        before = self._before(history, made)
        fresh = {"batch": self.id, "updated_at": self.at}
        back = [
            {**row, "version": latest[key] + 1, **fresh}
            for key, row in before.items()
            if row["op"] == "put"
        ]
        for row in back:
            del row["op"]
        present = set(self._present(table, list(made)))
        remove = [key for key in made if key in present and key not in {r["id"] for r in back}]
        for part in chunks(remove):
            self.connection.execute(delete(table).where(table.c.id.in_(part)))
        self._write(
            layer,
            [row for row in back if row["id"] not in present],
            [row for row in back if row["id"] in present],
        )
        if remove:
            tombs = [
                {"id": key, "version": latest[key] + 1, "op": "delete", **fresh} for key in remove
            ]
            self.connection.execute(insert(history), tombs)
            self.touched.add(layer.id)
        return len(back) + len(remove)

    def _differs_since(
        self, layer_id: str, made: Mapping[str, int], latest: Mapping[str, int]
    ) -> list[str]:
        """Features whose content is no longer that of version `made`; undone changes pass."""
        history = self.schema.histories[layer_id]
        later = [key for key, version in made.items() if latest[key] != version]
        states: dict[tuple[str, int], tuple[str, str | None]] = {}
        for part in chunks(later):
            rows = self.connection.execute(
                select(history.c.id, history.c.version, history.c.op, history.c.digest).where(
                    history.c.id.in_(part)
                )
            )
            states.update({(row.id, row.version): (row.op, row.digest) for row in rows})
        return [key for key in later if states[key, made[key]] != states[key, latest[key]]]

    def _before(self, history: Table, made: Mapping[str, int]) -> dict[str, Record]:
        """The last version of each feature before the given one."""
        found: dict[str, Record] = {}
        for part in chunks(list(made)):
            rows = self.connection.execute(
                select(history).where(history.c.id.in_(part)).order_by(history.c.version)
            )
            for row in rows.mappings():
                if row["version"] < made[row["id"]]:
                    found[row["id"]] = dict(row)
        return found

    def _changed_since(
        self, layer: LayerSpec, batch_id: str, later: Sequence[str]
    ) -> ConflictError:
        history, batches = self.schema.histories[layer.id], self.schema.batches
        others = self.connection.scalars(
            select(batches.c.id)
            .where(
                batches.c.id.in_(
                    select(history.c.batch).where(history.c.id.in_(list(later)[:CHUNK]))
                ),
                batches.c.id > batch_id,
                batches.c.kind != "undo",
                batches.c.undone_by.is_(None),
            )
            .order_by(batches.c.id)
        ).all()
        names = "、".join(others)
        return ConflictError(
            "batch_changed_since",
            Text(
                f"图层“{layer.title['zh']}”有 {len(later)} 条要素此后又被修改",
                f"{len(later)} features of {layer.id} were changed since",
            ),
            where=batch_id,
            got=names,
            fix=Text("请先撤销较晚的批次", "Undo the later batches first"),
        )
