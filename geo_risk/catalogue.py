"""The layers: `layers/*.toml` become frozen `LayerSpec`s; anything unknown or wrong is refused.

A layer file names shared fields of `layers/_fields.toml` in `fields` and declares its own under
`[[field]]`. Files of the folder in `GEO_RISK_LAYERS_DIR` are read after the shipped ones.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass
from dataclasses import fields as dataclass_fields
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from . import settings
from .errors import CatalogueError, NotFoundError, Text
from .resources import shipped
from .vocabulary import GRADES, Grade

FIELD_TYPES = (
    "text",
    "integer",
    "number",
    "interval",
    "boolean",
    "date",
    "enum",
    "tags",
    "credit_code",
    "substances",
    "grade",
)
ACCESS = ("public", "internal", "restricted")
GEOMETRIES = ("point", "outline", "line", "area")
GRADERS = ("", "lec", "ls", "gb18218", "rollup")
SYSTEM_COLUMNS = (
    "fid",
    "geom",
    "id",
    "version",
    "batch",
    "updated_at",
    "source",
    "source_key",
    "datum_in",
    "position_in",
    "level",
    "uncertainty_m",
    "flags",
    "digest",
    "grade",
    "score",
    "profile",
    "reasons",
    "basis",
)
_ID = re.compile(r"[a-z][a-z0-9_]{0,47}")


@dataclass(frozen=True)
class Choice:
    """One value of an enum field, with its label and the ways people write it."""

    code: str
    label: Text
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class FieldSpec:
    """One field of a layer: column, form, import header, label and access all come from here.

    `unless` names a field that may stand for a required one. A field of the type `grade` has the
    four grades as its choices; one of the type `interval` holds whole days.
    """

    name: str
    type: str
    label: Text
    synonyms: tuple[str, ...] = ()
    required: bool = False
    unit: str = ""
    access: str = "internal"
    choices: tuple[Choice, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    unless: str = ""


@dataclass(frozen=True)
class LayerSpec:
    """One map layer.

    Attributes
    ----------
    geometry : what a feature may be: point, outline (polygon of one unit), line, area; empty for a
        plain table.
    placement : `required` (a row without a position goes to the review list) or `optional`.
    parent : the layer whose id the field `enterprise_id` holds; a row without a position of its own
        takes the parent's.
    grader : the registered grader; `rollup` for units graded by what lies in them.
    counted : whether its grades count in roll-ups.
    key_fields : fields that tell apart rows of equal name and address.
    position_access : who may see exact positions.
    """

    id: str
    title: Text
    note: Text
    geometry: tuple[str, ...]
    fields: tuple[FieldSpec, ...]
    placement: Literal["required", "optional"] = "required"
    parent: str = ""
    grader: str = ""
    counted: bool = False
    key_fields: tuple[str, ...] = ()
    position_access: str = "public"
    order: int = 100
    zoom: tuple[int, int] = (0, 22)
    shown: bool = True
    symbol: str = "dot"
    colour: str = "#57606a"
    label_zoom: int = 15

    @cached_property
    def by_name(self) -> Mapping[str, FieldSpec]:
        """The fields by name."""
        return MappingProxyType({field.name: field for field in self.fields})

    @property
    def graded(self) -> bool:
        """Whether its features carry a grade."""
        return bool(self.grader)


def _refuse(file: str, key: str, got: object, message: Text, fix: Text) -> CatalogueError:
    return CatalogueError("layer_invalid", message, where=f"{file}: {key}", got=got, fix=fix)


def _one_of(file: str, key: str, got: str, allowed: Iterable[str]) -> None:
    if got not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        raise _refuse(
            file,
            key,
            got,
            Text("取值不在允许范围", "The value is not one of the allowed"),
            Text(f"可用: {options}", f"Use one of {options}"),
        )


def _known_keys(file: str, where: str, raw: Mapping[str, Any], cls: type) -> None:
    allowed = {field.name for field in dataclass_fields(cls)}
    needed = {f.name for f in dataclass_fields(cls) if f.default is MISSING}
    if cls is LayerSpec:
        allowed, needed = allowed | {"field"}, needed - {"note"}
    for key in sorted(set(raw) - allowed):
        raise _refuse(
            file,
            f"{where}{key}",
            raw[key],
            Text("未知的键", "Unknown key"),
            Text(f"可用的键: {', '.join(sorted(allowed))}", f"Known: {', '.join(sorted(allowed))}"),
        )
    for key in sorted(needed - set(raw)):
        raise _refuse(
            file,
            f"{where}{key}",
            None,
            Text("缺少必需的键", "A required key is missing"),
            Text(f"请补上 {key}", f"Add {key}"),
        )


def _text(file: str, key: str, raw: Any) -> Text:
    if not (
        isinstance(raw, dict) and set(raw) == {"zh", "en"} and all(map(_is_text, raw.values()))
    ):
        raise _refuse(
            file,
            key,
            raw,
            Text("需要中英文两种文字", "Both languages are needed"),
            Text('写作 { zh = "…", en = "…" }', 'Write { zh = "…", en = "…" }'),
        )
    return Text(raw["zh"], raw["en"])


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _checked(file: str, key: str, raw: Mapping[str, Any], cls: type) -> dict[str, Any]:
    """The raw values with TOML's types checked against the dataclass's defaults."""
    values: dict[str, Any] = {}
    for field in dataclass_fields(cls):
        if field.name not in raw or field.name in ("fields", "choices", "title", "note", "label"):
            continue
        value = raw[field.name]
        default = field.default
        wrong = (
            (isinstance(default, bool) and not isinstance(value, bool))
            or (isinstance(default, str) and not isinstance(value, str))
            or (isinstance(default, tuple) and not isinstance(value, list))
            or (type(default) is int and type(value) is not int)
        )
        if wrong:
            raise _refuse(
                file,
                f"{key}{field.name}",
                value,
                Text("类型不对", "Wrong type"),
                Text(f"例如 {default!r}", f"For example {default!r}"),
            )
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return values


def _field(file: str, raw: Mapping[str, Any]) -> FieldSpec:
    name = str(raw.get("name", "?"))
    where = f"field {name}."
    _known_keys(file, where, raw, FieldSpec)
    values = _checked(file, where, raw, FieldSpec)
    values["label"] = _text(file, f"{where}label", raw["label"])
    if not _ID.fullmatch(name) or name in SYSTEM_COLUMNS:
        raise _refuse(
            file,
            where + "name",
            name,
            Text("字段名不可用", "The field's name cannot be used"),
            Text("小写字母、数字、下划线，且不是系统列", "Lower case, digits, _; no system column"),
        )
    _one_of(file, where + "type", values["type"], FIELD_TYPES)
    _one_of(file, where + "access", values.get("access", "internal"), ACCESS)
    choices = []
    for code, choice in raw.get("choices", {}).items():
        label = _text(file, f"{where}choices.{code}", {k: choice.get(k) for k in ("zh", "en")})
        choices.append(Choice(code, label, tuple(choice.get("synonyms", ()))))
    if (values["type"] == "enum") != bool(choices):
        raise _refuse(
            file,
            where + "choices",
            len(choices),
            Text(
                "枚举字段须有选项，其他字段不可有", "An enum needs choices, others must have none"
            ),
            Text("在 choices 下逐项声明", "Declare them under choices"),
        )
    if values["type"] == "grade":
        choices = [
            Choice(grade.value, style.label, tuple(style.level.values()))
            for grade, style in GRADES.items()
            if grade is not Grade.NO_DATA
        ]
    return FieldSpec(**values, choices=tuple(choices))


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _refuse(
            path.name,
            "TOML",
            error,
            Text("文件不是有效的 TOML", "The file is not valid TOML"),
            Text("请按提示位置修改", "Mend it at the place named"),
        ) from None


def parse_layer(file: str, raw: Mapping[str, Any], shared: Mapping[str, FieldSpec]) -> LayerSpec:
    """One layer file's content as a `LayerSpec`; `CatalogueError` names file, key and fix."""
    _known_keys(file, "", raw, LayerSpec)
    values = _checked(file, "", raw, LayerSpec)
    if not _ID.fullmatch(values["id"]) or values["id"] != Path(file).stem:
        raise _refuse(
            file,
            "id",
            values["id"],
            Text("编号须与文件名一致", "The id must equal the file's name"),
            Text(f'写作 id = "{Path(file).stem}"', f'Write id = "{Path(file).stem}"'),
        )
    for name in raw["fields"]:
        _one_of(file, "fields", name, shared)
    own = tuple(_field(file, item) for item in raw.get("field", ()))
    fields = tuple(shared[name] for name in raw["fields"]) + own
    names = [field.name for field in fields]
    for name in ("name", *values.get("key_fields", ())):
        _one_of(file, "fields", name, names)
    if len(names) != len(set(names)):
        raise _refuse(
            file,
            "fields",
            names,
            Text("字段重复", "A field is declared twice"),
            Text("每个字段只写一次", "Declare each field once"),
        )
    for field in fields:
        _one_of(file, f"field {field.name}.unless", field.unless, ("", *names))
    for geometry in values["geometry"]:
        _one_of(file, "geometry", geometry, GEOMETRIES)
    _one_of(file, "grader", values.get("grader", ""), GRADERS)
    _one_of(file, "placement", values.get("placement", "required"), ("required", "optional"))
    _one_of(file, "position_access", values.get("position_access", "public"), ACCESS)
    values["title"] = _text(file, "title", raw["title"])
    values["note"] = _text(file, "note", raw["note"]) if "note" in raw else Text("", "")
    return LayerSpec(**values, fields=fields)


def read_layers(folders: Iterable[Path]) -> dict[str, LayerSpec]:
    """All layers of some folders, in drawing order; a layer declared twice is refused."""
    shared: dict[str, FieldSpec] = {}
    layers: dict[str, LayerSpec] = {}
    for folder in folders:
        for path in sorted(folder.glob("_fields.toml")):
            for name, raw in _read(path).items():
                shared[name] = _field(path.name, {"name": name, **raw})
        for path in sorted(folder.glob("[!_]*.toml")):
            layer = parse_layer(path.name, _read(path), shared)
            if layer.id in layers:
                raise _refuse(
                    str(path),
                    "id",
                    layer.id,
                    Text("图层重复声明", "The layer is declared twice"),
                    Text("请改名", "Give it another name"),
                )
            layers[layer.id] = layer
    for layer in layers.values():
        _one_of(f"{layer.id}.toml", "parent", layer.parent, ("", *layers))
    return dict(sorted(layers.items(), key=lambda item: (item[1].order, item[0])))


@cache
def _catalogue(further: str) -> Mapping[str, LayerSpec]:
    folders = [shipped("layers"), *([Path(further)] if further else [])]
    if not folders[-1].is_dir():
        raise _refuse(
            further,
            "GEO_RISK_LAYERS_DIR",
            None,
            Text("图层目录不存在", "The folder of layers does not exist"),
            Text("检查环境变量", "Check the environment variable"),
        )
    return MappingProxyType(read_layers(folders))


def layers() -> Mapping[str, LayerSpec]:
    """All layers by id, in drawing order (bottom first)."""
    return _catalogue(settings.text("layers_dir"))


def layer(layer_id: str, known: Mapping[str, LayerSpec] | None = None) -> LayerSpec:
    """One layer, of some or of all; `NotFoundError` lists what there is."""
    known = layers() if known is None else known
    if layer_id not in known:
        raise NotFoundError(
            "layer_unknown",
            Text("没有这个图层", "There is no such layer"),
            where="layer",
            got=layer_id,
            fix=Text(f"可用: {', '.join(known)}", f"Known: {', '.join(known)}"),
        )
    return known[layer_id]
