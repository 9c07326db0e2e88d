"""The one import boundary: a file is parsed in a child process that can harm only itself."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from io import BufferedReader
from pathlib import Path
from typing import Any

import geo_risk
from geo_risk.datums import parse_datum
from geo_risk.errors import InputError, NotFoundError, Text, UsageError

from .header import shape
from .limits import MEBI, Limits, limits_from_settings, too_big
from .model import Kind, RawTable
from .sniffing import sniff
from .text_encoding import encoding_name

_HEAD_BYTES = 4096
_READ_BYTES = 1 << 18
_END_SECONDS = 5.0
"""How long the child may take to end after its last word."""
_CHILD = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from geo_risk.intake.child import main; sys.exit(main())"
)
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    "OSMIUM_POOL_THREADS": "1",  # of each core a thread, their stacks alone fill the memory
}
_RETRY = Text(
    "文件可能已损坏或过于复杂；请重新导出，或拆成几个较小的文件",
    "It may be damaged or too complex; export it again, or split it into smaller files",
)


def _failed(kind: str, zh: str, en: str, name: str) -> InputError:
    setting = {"timeout": "SECONDS", "memory": "MEMORY_MB"}.get(kind)
    fix = _RETRY
    if setting:
        variable = f"GEO_RISK_IMPORT_{setting}"
        fix = Text(f"{_RETRY['zh']}；或调高 {variable}", f"{_RETRY['en']}; or raise {variable}")
    return InputError(f"parser_{kind}", Text(zh, en), where=name, fix=fix)


def _timeout(limits: Limits, name: str) -> InputError:
    zh = f"解析超过 {limits.seconds} 秒，已中止"
    return _failed("timeout", zh, f"Reading took over {limits.seconds} s: stopped", name)


def _open(path: Path) -> BufferedReader:
    """The file opened for reading by absolute path; only regular files."""
    try:
        # Non-blocking, so that a named pipe is refused below instead of waited for.
        descriptor = os.open(Path(path).absolute(), os.O_RDONLY | os.O_NONBLOCK)
    except (OSError, ValueError):
        raise NotFoundError(
            "file_missing",
            Text("文件不存在或不可读", "The file is not there or cannot be read"),
            where=Path(path).name,
            fix=Text("请检查路径与权限", "Check the path and the permissions"),
        ) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise InputError(
            "file_kind",
            Text("这不是普通文件", "This is not a regular file"),
            where=Path(path).name,
            fix=Text("请给出一个数据文件", "Name one file of data"),
        )
    return os.fdopen(descriptor, "rb")


def _start(
    file: BufferedReader, kind: Kind, limits: Limits, chosen: dict[str, str | None]
) -> subprocess.Popen[bytes]:
    told = json.dumps({"kind": kind, "limits": asdict(limits), **chosen})
    home = str(Path(geo_risk.__file__).resolve().parent.parent)
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-I", "-B", "-c", _CHILD, home, told],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_ENVIRONMENT,
        cwd="/",
        start_new_session=True,
    )


def _lines(child: subprocess.Popen[bytes], limits: Limits, name: str) -> Iterator[bytes]:
    """The child's lines until it closes; `InputError` past the time or the size."""
    assert child.stdout is not None  # noqa: S101
    descriptor = child.stdout.fileno()
    deadline = time.monotonic() + limits.seconds
    left = limits.result_bytes
    parts: list[bytes] = []
    while True:
        wait_s = deadline - time.monotonic()
        if wait_s <= 0 or not select.select([descriptor], [], [], wait_s)[0]:
            raise _timeout(limits, name)
        block = os.read(descriptor, _READ_BYTES)
        if not block:
            break
        left -= len(block)
        if left < 0:
            what = Text("内容展开后过大", "its content is too large")
            raise too_big(what, f"> {limits.result_bytes // MEBI} MiB", "max_inflated_mb")
        *whole, rest = block.split(b"\n")
        for piece in whole:
            parts.append(piece)
            yield b"".join(parts)
            parts = []
        parts.append(rest)


def _kill(child: subprocess.Popen[bytes]) -> int:
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    assert child.stdout is not None  # noqa: S101
    child.stdout.close()
    return child.wait()


def _raise_child_error(raw: dict[str, Any], name: str) -> None:
    message, fix = raw["message"], raw["fix"]
    raise (UsageError if raw.get("usage") else InputError)(
        raw["code"],
        Text(message["zh"], message["en"]),
        where=", ".join(filter(None, [name, raw["where"]])),
        got=raw["got"],
        fix=Text(fix["zh"], fix["en"]),
    )


def _collect(child: subprocess.Popen[bytes], limits: Limits, name: str) -> dict[str, Any]:
    table: dict[str, Any] = {"rows": [], "numbers": [], "geometry": []}
    finished = False
    for line in _lines(child, limits, name):
        message = json.loads(line)
        if "error" in message:
            _raise_child_error(message["error"], name)
        if "end" in message:
            table.update(message["end"])
            finished = True
            continue
        table["rows"] += message["rows"]
        table["numbers"] += message["numbers"]
        table["geometry"] += [
            None if wkb is None else base64.b64decode(wkb) for wkb in message.get("geometry", ())
        ]
    try:
        code = child.wait(timeout=_END_SECONDS)
    except subprocess.TimeoutExpired:
        raise _timeout(limits, name) from None
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _timeout(limits, name)
    if code in (3, -signal.SIGABRT):
        zh = f"解析所需内存超过 {limits.memory_mb} MB"
        raise _failed("memory", zh, f"Reading needs over {limits.memory_mb} MB of memory", name)
    if code != 0 or not finished:
        raise _failed("crashed", "文件无法解析", "The file cannot be parsed", name)
    return table


def read_table(
    path: Path,
    *,
    gpkg_layer: str = "",
    encoding: str | None = None,
    sheet: str | None = None,
    plain: bool = False,
    osm: bool = False,
) -> RawTable:
    """Read a table or map file in a child process: see `docs/methods/intake-files.md`.

    Parameters
    ----------
    gpkg_layer : the layer of a GeoPackage; `sheet` says the same.
    encoding : the encoding of a text file, where what is found is wrong.
    sheet : the sheet of a workbook, the layer of a GeoPackage or the .shp of a zip.
    plain : the first row of a table is its header, every further one a record.
    osm : an OpenStreetMap extract is read too; its rows are the ways that are roads.

    Raises `InputError` with one clear sentence for anything that is not such a file, is larger
    than the settings allow, takes too long or crashes its parser; `UsageError` for a sheet or an
    encoding that does not exist; `NotFoundError` without file.
    """
    limits = limits_from_settings()
    name = Path(path).name
    chosen = {
        "layer": gpkg_layer or sheet or None,
        "encoding": encoding_name(encoding) if encoding else None,
    }
    with _open(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > limits.max_mb * MEBI:
            what = Text(f"大于 {limits.max_mb} MB", f"larger than {limits.max_mb} MB")
            raise too_big(what, f"{size // MEBI} MB", "max_mb")
        kind = sniff(name, file.read(_HEAD_BYTES), osm=osm)
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        child = _start(file, kind, limits, chosen)
        try:
            table = _collect(child, limits, name)
        except json.JSONDecodeError:
            raise _failed("crashed", "文件无法解析", "The file cannot be parsed", name) from None
        finally:
            _kill(child)
    if kind == "shp":
        _leave_unknown_crs(table)
    return _with_notes(shape(table, kind, digest, plain=plain), table)


def _leave_unknown_crs(told: dict[str, Any]) -> None:
    """A .prj that names a CRS not used here is no refusal, as a .prj is often wrong; but a note."""
    name = told.get("crs_name")
    try:
        parse_datum(name or "wgs84")
    except UsageError:
        told["crs_name"] = None
        told["notes"].append(
            {
                "code": "crs_unknown",
                "zh": f".prj 中的坐标系 {name} 不在可用之列，未采用；请核对声明的坐标系",
                "en": f"The .prj names {name}, which is not used here: check the declared datum",
            }
        )


def _with_notes(shaped: RawTable, told: dict[str, Any]) -> RawTable:
    return replace(
        shaped,
        encoding_how=told.get("encoding_how"),
        sheets=told.get("sheets", []),
        merged=[tuple(one) for one in told.get("merged", ())],
        notes=[(one["code"], Text(one["zh"], one["en"])) for one in told.get("notes", ())],
    )
