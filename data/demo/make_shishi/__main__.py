"""Write the demo city: `python -m data.demo.make_shishi [FOLDER]`, from the repository's root."""

from __future__ import annotations

import sys
from pathlib import Path

from . import buildings, dangers, faults, ground, places, registers, residents, risks
from .writing import write_csv, write_geojson, write_json, write_xlsx

FOLDER = Path(__file__).parents[1] / "shishi"


def write_ground(folder: Path) -> None:
    """Areas, roads, addresses and divisions."""
    write_geojson(folder / "surroundings.geojson", ground.surroundings_features())
    write_geojson(folder / "city.geojson", ground.city_features())
    write_geojson(folder / "towns.geojson", ground.town_features())
    write_geojson(folder / "roads.geojson", ground.road_features())
    write_csv(folder / "villages.csv", ground.village_rows(), "utf-8-sig")
    write_csv(folder / "addresses.csv", ground.address_rows(), "utf-8-sig")
    write_csv(folder / "divisions.csv", ground.division_rows(), "utf-8")


def write_registers(folder: Path) -> None:
    """The registers with their planted faults, and the list of these."""
    rows = registers.enterprise_rows()
    listed: list[dict[str, object]] = []
    rows, some = faults.mixed(
        rows,
        faults.enterprise_faults(rows),
        "enterprises.xlsx",
        layer="enterprises",
        first_row=4,
        code="企业编号",
    )
    listed += some
    write_xlsx(
        folder / "enterprises.xlsx",
        "石狮市工贸企业安全风险登记表（演示）",
        rows,
        "石狮市安全生产委员会办公室（演示）",
    )
    rows = registers.hazard_rows()
    rows, some = faults.mixed(
        rows,
        faults.hazard_faults(rows),
        "hazard_sources.xlsx",
        layer="hazard_sources",
        first_row=4,
        code="重大危险源编号",
    )
    listed += some
    write_xlsx(
        folder / "hazard_sources.xlsx",
        "石狮市危险化学品重大危险源辨识台账（演示）",
        rows,
        "石狮市应急管理局（演示）",
    )
    rows = risks.risk_rows()
    rows, some = faults.mixed(
        rows,
        faults.risk_faults(rows),
        "risk_points.csv",
        layer="risk_points",
        first_row=2,
        code="风险点编号",
    )
    listed += some
    write_csv(folder / "risk_points.csv", rows, "gb18030")
    rows = dangers.danger_rows()
    rows, some = faults.mixed(
        rows,
        faults.danger_faults(rows),
        "hidden_dangers.csv",
        layer="hidden_dangers",
        first_row=2,
        code="隐患编号",
    )
    listed += some
    write_csv(folder / "hidden_dangers.csv", rows, "gb18030")
    write_json(folder / "planted.json", listed)


def write_places(folder: Path) -> None:
    """Buildings, targets, residents, facilities and cameras."""
    write_geojson(folder / "buildings.geojson", buildings.building_features())
    write_geojson(folder / "population.geojson", residents.resident_features())
    write_csv(folder / "targets.csv", places.target_rows(), "gb18030")
    write_csv(folder / "facilities.csv", places.facility_rows(), "utf-8-sig")
    write_xlsx(
        folder / "cameras.xlsx",
        "石狮市视频监控点位表（演示）",
        places.camera_rows(),
        "石狮市公安局（演示）",
    )


def generate(folder: Path) -> None:
    """Write every generated file of the demo into a folder that exists."""
    write_ground(folder)
    write_registers(folder)
    write_places(folder)


if __name__ == "__main__":
    generate(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
