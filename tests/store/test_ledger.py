"""The ledger and the plan say the same on a GeoPackage and on PostGIS."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from geo_risk.services import imports
from geo_risk.services.inspections import inspections
from geo_risk.services.ledger import ledger
from geo_risk.store import Store

LINES = """编号,名称,经度,纬度,L,E,C,责任部门,检查周期,上次检查日期
R1,甲,118.65,24.73,10,6,40,应急局,,2026-10-01
R2,乙,118.66,24.74,1,3,3,商务局,10,2026-11-20
R3,丙,118.67,24.75,,,,,,
"""


def test_due_dates_states_and_plan(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text(LINES, "utf-8")
    imports.import_file(store, path, "risk_points", "wgs84")
    found = ledger(store, date(2026, 11, 27), due_by=date(2026, 11, 30))
    assert [(item.id, item.next_due, item.state) for item in found.items] == [
        ("R1", "2026-10-31", "overdue"),
        ("R2", "2026-11-30", "due"),
        ("R3", None, "never_checked"),
    ]
    some = ledger(store, date(2026, 11, 27), department="商务局")
    assert [item.id for item in some.items] == ["R2"]
    plan = inspections(store, date(2026, 11, 27), date(2026, 12, 1), date(2026, 12, 4))
    assert [visit["id"] for visit in plan.as_json()["visits"]] == ["R1", "R3", "R2"]
