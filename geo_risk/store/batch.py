"""Writing: one batch is one transaction; every change keeps its history, undo is a batch too."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    tuple_,
    update,
)

from geo_risk.catalogue import LayerSpec
from geo_risk.errors import ConflictError, NotFoundError, Text

from .chunks import CHUNK, chunks
from .review_queue import ReviewQueue
from .schema import GRADE_COLUMNS, Schema, content_columns, digest_columns

Record = dict[str, Any]
PUT_ROWS = 5_000
"""How many features become rows at once: all of a large import would take its memory twice."""


@dataclass(frozen=True)
class PutResult:
    """What a put did: counts of features."""

    inserted: int
    updated: int
    unchanged: int


def digest(record: Mapping[str, Any], columns: Iterable[str]) -> str:
    """A hash of a feature's content, by which an unchanged re-import is known.

    Empty values do not count, so that a field declared later changes nothing.
    """
    values = {
        name: value.hex() if isinstance(value, bytes) else value
        for name in columns
        if (value := record.get(name)) is not None
    }
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:32]


class Batch:
    """An open write transaction; made by `Store.batch`, which commits or rolls it back."""

    def __init__(self, connection: Connection, schema: Schema, batch_id: str, at: str) -> None:
        self.connection = connection
        self.schema = schema
        self.id = batch_id
        self.at = at
        self.queue = ReviewQueue(connection, schema, batch_id)
        self.touched: set[str] = set()
        self.reopened = 0
        """How many review entries an undo opened again."""
        self.info: Record = {}

    def put(
        self,
        layer: LayerSpec,
        records: Sequence[Record],
        source: str = "",
        *,
        rewrite: Collection[str] = (),
    ) -> PutResult:
        """Insert new features and update changed ones; equal content changes nothing.

        A record holds `id`, `geom` (WKB or None), the layer's fields, placement and grade columns.
        `rewrite` are ids to be written although their content is what was written last: it is
        not what stands there.
        """
        table, columns = self.schema.layers[layer.id], content_columns(layer)
        marked = digest_columns(layer)
        known = self._present(table, [record["id"] for record in records])
        gone = self._last_versions(layer.id, [r["id"] for r in records if r["id"] not in known])
        inserted = updated = 0
        for part in chunks(records, PUT_ROWS):
            new: list[Record] = []
            changed: list[Record] = []
            for record in part:
                mark = digest(record, marked)
                old = known.get(record["id"])
                if old is not None and old[1] == mark and record["id"] not in rewrite:
                    continue
                row = {name: record.get(name) for name in columns}
                if layer.grader == "rollup":
                    row |= dict.fromkeys(GRADE_COLUMNS) | {"grade": "no_data"}
                version = (old[0] if old else gone.get(record["id"], 0)) + 1
                row |= {"id": record["id"], "version": version, "digest": mark}
                row["source"] = record.get("source", source)
                row |= {"batch": self.id, "updated_at": self.at}
                (changed if old else new).append(row)
            self._write(layer, new, changed)
            inserted, updated = inserted + len(new), updated + len(changed)
        if inserted or updated:
            self._keep(layer)
        return PutResult(inserted, updated, len(records) - inserted - updated)

    def undo(self, batch_id: str, *, features: bool = True) -> int:
        """Take a batch back: restore what it changed, remove what it brought; returns the count.

        Refused where something later changed the content of one of its features; grades follow
        from content and are none. Without `features` the batch is only marked as undone.
        """
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
        self.queue.refuse_undo_of_placed(batch_id)
        layers = self.schema.specs.values() if features else ()
        count = sum(self._undo_layer(layer, batch_id) for layer in layers)
        self._mark_undone(row)
        return count

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
        self.reopened = self.queue.settle_anew(chain)

    def set_derived(self, layer: LayerSpec, grades: Mapping[str, Sequence[Any]]) -> int:
        """Set the grade columns of roll-up features in place, without a version."""
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
        table = self.schema.layers[layer.id]
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

    def _keep(self, layer: LayerSpec) -> None:
        """Append what this batch wrote of a layer to its history."""
        table, history = self.schema.layers[layer.id], self.schema.histories[layer.id]
        names = [c.name for c in history.c if c.name != "op"]
        rows = select(*(table.c[name] for name in names), literal("put")).where(
            table.c.batch == self.id
        )
        if layer.id in self.touched:
            written = select(history.c.id, history.c.version).where(history.c.batch == self.id)
            rows = rows.where(tuple_(table.c.id, table.c.version).not_in(written))
        self.connection.execute(insert(history).from_select([*names, "op"], rows))
        self.touched.add(layer.id)

    def _undo_layer(self, layer: LayerSpec, batch_id: str) -> int:
        table, history = self.schema.layers[layer.id], self.schema.histories[layer.id]
        changes = self.connection.execute(
            select(history.c.id, history.c.version, history.c.op).where(history.c.batch == batch_id)
        ).all()
        if not changes:
            return 0
        made = {one.id: one.version for one in sorted(changes, key=lambda one: one.version)}
        first = {one.id: one.version for one in sorted(changes, key=lambda one: -one.version)}
        latest = self._last_versions(layer.id, list(made))
        later = self._differs_since(layer, made, latest)
        if later:
            raise self._changed_since(layer, batch_id, later)
        before = self._before(history, first)
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
        if back:
            self._keep(layer)
        if remove:
            tombs = [
                {"id": key, "version": latest[key] + 1, "op": "delete", **fresh} for key in remove
            ]
            self.connection.execute(insert(history), tombs)
            self.touched.add(layer.id)
        return len(back) + len(remove)

    def _differs_since(
        self, layer: LayerSpec, made: Mapping[str, int], latest: Mapping[str, int]
    ) -> list[str]:
        """Features whose content, grades aside, is no longer that of version `made`."""
        history = self.schema.histories[layer.id]
        names = [name for name in digest_columns(layer) if name not in GRADE_COLUMNS]
        later = [key for key, version in made.items() if latest[key] != version]
        states: dict[tuple[str, int], tuple[str, str]] = {}
        for part in chunks(later):
            rows = self.connection.execute(select(history).where(history.c.id.in_(part))).mappings()
            for row in map(dict, rows):
                states[row["id"], row["version"]] = row["op"], digest(row, names)
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
