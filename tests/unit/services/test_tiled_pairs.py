"""Tiles by processes and by a Dask cluster: the file of one run, whoever dies on the way."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from geo_risk.cli import main
from geo_risk.errors import GeoRiskError, UsageError
from geo_risk.services import executors, tiled_pairs
from geo_risk.services.neighbours import PairOptions, pairs_of_file
from geo_risk.services.tiled_pairs import Where, tiled_pairs_of_file
from tests.unit.services import losing_workers

ROOT = Path(__file__).parents[3]
OPTIONS = PairOptions(60.0, "行业", "代码", "标签", "等级", 1)
N = 4_000


def units(n=N, seed=3):
    """Clusters on both sides of 120° E, a tenth of the units on others' places."""
    draw = np.random.default_rng(seed)
    lon, lat = draw.normal(120, 0.004, n), draw.normal(24.7, 0.004, n)
    lon[: n // 10], lat[: n // 10] = lon[-(n // 10) :], lat[-(n // 10) :]
    tags = np.array(["工艺:染整", "工艺:染整;物质:氨", "物质:氯", ""])
    return {
        "id": [f"企{k}" for k in draw.permutation(n)],
        "lon": lon,
        "lat": lat,
        "行业": draw.choice(["纺织", "服装", "食品", ""], n),
        "代码": draw.choice(["C1711", "1712", "C18", ""], n),
        "标签": tags[draw.integers(0, 4, n)],
        "等级": draw.choice(["红", "orange", "", "蓝"], n),
    }


@pytest.fixture
def file(tmp_path):
    pq.write_table(pa.table(units()), tmp_path / "u.parquet", row_group_size=700)
    return tmp_path / "u.parquet"


@pytest.fixture
def expected(file, tmp_path):
    told = pairs_of_file(file, tmp_path / "one.csv", OPTIONS)
    assert told["pairs"] > 500
    return (tmp_path / "one.csv").read_bytes()


def left_behind(folder):
    return [one.name for one in folder.iterdir() if one.name.startswith(".geo_risk")]


@pytest.mark.parametrize("workers", [0, 2])
def test_the_file_is_that_of_one_run_and_nothing_is_left_behind(file, expected, tmp_path, workers):
    seen = []
    where = Where(workers, tile_points=500, progress=lambda *told: seen.append(told))
    told = tiled_pairs_of_file(file, tmp_path / "tiled.csv", OPTIONS, where)
    assert (tmp_path / "tiled.csv").read_bytes() == expected
    assert told["tiles"] == 8 and seen == [(k, 8) for k in range(1, 9)]
    assert not left_behind(tmp_path)
    tiled_pairs_of_file(file, tmp_path / "tiled.parquet", OPTIONS, where)
    pairs_of_file(file, tmp_path / "one.parquet", OPTIONS)
    assert pq.read_table(tmp_path / "tiled.parquet").equals(pq.read_table(tmp_path / "one.parquet"))


def test_outlines_of_geoparquet_go_by_tiles_too(tmp_path):
    told = units(800)
    shapes = shapely.points(told.pop("lon"), told.pop("lat"))
    shapes[::3] = shapely.buffer(shapes[::3], 0.0003)
    shapes[0] = shapely.box(119.99, 24.69, 120.01, 24.7)
    told["geometry"] = shapely.to_wkb(shapes)
    geo = {"version": "1.0.0", "primary_column": "geometry"}
    geo["columns"] = {"geometry": {"encoding": "WKB", "geometry_types": []}}
    table = pa.table(told).replace_schema_metadata({"geo": json.dumps(geo)})
    pq.write_table(table, tmp_path / "g.parquet", row_group_size=300)
    one = pairs_of_file(tmp_path / "g.parquet", tmp_path / "one.csv", OPTIONS)
    tiled = tiled_pairs_of_file(
        tmp_path / "g.parquet", tmp_path / "tiled.csv", OPTIONS, Where(tile_points=90)
    )
    assert (tmp_path / "tiled.csv").read_bytes() == (tmp_path / "one.csv").read_bytes()
    assert tiled["tiles"] > 5 and tiled["without"] == one["without"]


def test_a_worker_that_is_killed_is_replaced_and_the_file_is_the_same(
    file, expected, tmp_path, monkeypatch
):
    monkeypatch.setattr(tiled_pairs, "run_tile", losing_workers.killed_once)
    tiled_pairs_of_file(file, tmp_path / "tiled.csv", OPTIONS, Where(2, tile_points=500))
    assert (tmp_path / "killed").exists()
    assert (tmp_path / "tiled.csv").read_bytes() == expected
    assert not left_behind(tmp_path)


def test_workers_that_die_again_and_again_end_in_words(file, tmp_path, monkeypatch):
    monkeypatch.setattr(tiled_pairs, "run_tile", losing_workers.killed_always)
    with pytest.raises(GeoRiskError) as lost:
        tiled_pairs_of_file(file, tmp_path / "tiled.csv", OPTIONS, Where(1, tile_points=2_000))
    assert lost.value.code == "workers_lost"
    assert not (tmp_path / "tiled.csv").exists() and not left_behind(tmp_path)


def test_workers_end_with_the_process_that_waits_for_them_when_it_is_killed(file, tmp_path):
    code = (
        "import sys; from pathlib import Path\n"
        "from geo_risk.services import tiled_pairs\n"
        "from geo_risk.services.neighbours import PairOptions\n"
        "from tests.unit.services.losing_workers import slow_and_known\n"
        "tiled_pairs.run_tile = slow_and_known\n"
        "file, out = map(Path, sys.argv[1:])\n"
        "where = tiled_pairs.Where(2, tile_points=1_000)\n"
        "tiled_pairs.tiled_pairs_of_file(file, out, PairOptions(60.0), where)\n"
    )
    started = [sys.executable, "-c", code, str(file), str(tmp_path / "o.csv")]
    with subprocess.Popen(started, cwd=ROOT) as process:
        within(60, lambda: len(list(tmp_path.glob("pid-*"))) == 2)
        process.kill()
    pids = [int(one.name[4:]) for one in tmp_path.glob("pid-*")]
    within(20, lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))
    assert not (tmp_path / "o.csv").exists()


def within(seconds, holds):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def ctrl_c():
    """Ctrl-C is heard, also where the tests were started in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_an_interrupt_leaves_the_old_file_and_no_other(file, tmp_path, monkeypatch):
    (tmp_path / "tiled.csv").write_text("old")
    monkeypatch.setattr(tiled_pairs, "run_tile", losing_workers.interrupted)
    with pytest.raises(KeyboardInterrupt):
        tiled_pairs_of_file(file, tmp_path / "tiled.csv", OPTIONS, Where(tile_points=500))
    assert (tmp_path / "tiled.csv").read_text() == "old"
    assert not left_behind(tmp_path)


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        yield cluster


def test_two_dask_workers_give_the_same_file_also_when_one_is_killed(
    file, expected, tmp_path, monkeypatch, cluster
):
    address = cluster.scheduler_address
    where = Where(scheduler=address, tile_points=500)
    tiled_pairs_of_file(file, tmp_path / "tiled.csv", OPTIONS, where)
    assert (tmp_path / "tiled.csv").read_bytes() == expected
    pids = set(executors.each(losing_workers.worker, range(20), scheduler=address))
    assert len(pids) == 2 and os.getpid() not in pids

    monkeypatch.setattr(tiled_pairs, "run_tile", losing_workers.killed_once)
    tiled_pairs_of_file(file, tmp_path / "again.csv", OPTIONS, where)
    assert (tmp_path / "killed").exists()
    assert (tmp_path / "again.csv").read_bytes() == expected
    assert not left_behind(tmp_path)


def test_a_cluster_without_workers_or_whose_scheduler_goes_is_said(file, tmp_path, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "_CONNECT_S", 1)
    with distributed.LocalCluster(
        n_workers=0, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    ) as cluster:
        where = Where(scheduler=cluster.scheduler_address, tile_points=500)
        with pytest.raises(GeoRiskError) as refused:
            tiled_pairs_of_file(file, tmp_path / "o.csv", OPTIONS, where)
        assert refused.value.code == "scheduler_unreachable"
        cluster.scale(1)
        cluster.wait_for_workers(1)
        monkeypatch.setattr(executors, "_CONNECT_S", 15)
        monkeypatch.setattr(tiled_pairs, "run_tile", losing_workers.slow_and_known)
        Timer(3, cluster.close).start()
        with pytest.raises(GeoRiskError) as refused:
            tiled_pairs_of_file(file, tmp_path / "o.csv", OPTIONS, where)
    assert refused.value.code == "scheduler_unreachable"
    assert not (tmp_path / "o.csv").exists()


def test_what_a_worker_refuses_is_said_as_in_one_run(tmp_path):
    told = units(40) | {"等级": ["200"] * 40}
    pq.write_table(pa.table(told), tmp_path / "u.parquet")
    with pytest.raises(UsageError) as one:
        pairs_of_file(tmp_path / "u.parquet", tmp_path / "x.csv", OPTIONS)
    with pytest.raises(UsageError) as tiled:
        tiled_pairs_of_file(
            tmp_path / "u.parquet", tmp_path / "x.csv", OPTIONS, Where(1, tile_points=30)
        )
    assert tiled.value.as_json() == one.value.as_json()


def test_tags_in_lists_and_a_unit_too_far_away_go_as_in_one_run(tmp_path):
    told = units(60) | {"标签": [["工艺:染整", "[1]"], ["[2]"], []] * 20}
    for far in (False, True):
        if far:
            told["lon"][45], told["lat"][45] = 30.0, 0.0
        pq.write_table(pa.table(told), tmp_path / "u.parquet")
        said = []
        for name, run_it, more in (
            ("one.csv", pairs_of_file, ()),
            ("tiled.csv", tiled_pairs_of_file, (Where(tile_points=20),)),
        ):
            try:
                run_it(
                    tmp_path / "u.parquet", tmp_path / name, PairOptions(90.0, tags="标签"), *more
                )
            except GeoRiskError as refused:
                said.append(refused.as_json())
        assert len(said) == 2 * far and said[:1] == said[1:]
        assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "tiled.csv").read_bytes()


def test_an_id_that_stands_in_two_blocks_is_refused_with_both_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(tiled_pairs, "_BLOCK", 10)
    told = units(40)
    told["id"][33] = told["id"][4]
    pq.write_table(pa.table(told), tmp_path / "u.parquet")
    with pytest.raises(GeoRiskError) as one:
        pairs_of_file(tmp_path / "u.parquet", tmp_path / "x.csv", OPTIONS)
    with pytest.raises(GeoRiskError) as tiled:
        tiled_pairs_of_file(tmp_path / "u.parquet", tmp_path / "x.csv", OPTIONS)
    assert tiled.value.as_json() == one.value.as_json()
    assert "5、34" in tiled.value.where


def run(capsys, *arguments, code=0):
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    out, err = capsys.readouterr()
    assert ended.value.code == code, out + err
    return json.loads(out), err


def test_the_command_takes_workers_and_a_folder_and_tells_progress(file, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    asked = ["neighbours", "pairs", file, "--radius", 20, "-o", tmp_path / "o.csv", "--json"]
    told, err = run(capsys, *asked, "--workers", 1, "--tiles", tmp_path / "work")
    assert told["tiles"] == 1 and "1/1" in err
    with (tmp_path / "o.csv").open(encoding="utf-8") as rows:
        assert len(list(csv.DictReader(rows))) == told["pairs"] > 0
    assert not list((tmp_path / "work").iterdir())
    told, _ = run(capsys, *asked, "--tiles", tmp_path / "none", code=2)
    assert told["error"]["code"] == "folder_missing"


@pytest.mark.parametrize(
    "address", ["localhost:1", "tcp://h", "tcp://h:0", "tcp://h:70000", "tls://h:1", "tcp://a/b:1"]
)
def test_an_address_that_is_none_is_refused(file, tmp_path, capsys, address):
    asked = ["neighbours", "pairs", file, "-o", tmp_path / "o.csv", "--json"]
    told, _ = run(capsys, *asked, "--scheduler", address, code=2)
    assert told["error"]["code"] == "scheduler_invalid"
    told, _ = run(capsys, *asked, "--scheduler", "tcp://127.0.0.1:8786", "--workers", 2, code=2)
    assert told["error"]["code"] == "workers_and_scheduler"


def test_a_scheduler_that_is_not_there_is_said(file, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(executors, "_CONNECT_S", 1)
    where = Where(scheduler="tcp://127.0.0.1:9")
    with pytest.raises(GeoRiskError) as refused:
        tiled_pairs_of_file(file, tmp_path / "o.csv", OPTIONS, where)
    assert refused.value.code == "scheduler_unreachable"
    assert not left_behind(tmp_path)


def test_a_worker_of_another_version_or_without_the_folder_refuses(tmp_path):
    job = tiled_pairs.TileJob(str(tmp_path), 0, 32650, 5.0, None, OPTIONS, ())
    assert tiled_pairs.run_tile(job).refusal["code"] == "tiles_unseen"
    old = tiled_pairs.TileJob(str(tmp_path), 0, 32650, 5.0, None, OPTIONS, (), "0.0")
    assert tiled_pairs.run_tile(old).refusal["code"] == "worker_version"
