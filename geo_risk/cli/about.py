"""What there is: layers, doctor."""

from __future__ import annotations

from typing import Any

import click

from geo_risk.catalogue import LayerSpec

from .main import echo, language, report
from .options import db_option, json_option


def _layer_json(spec: LayerSpec) -> dict[str, Any]:
    return {
        "id": spec.id,
        "title": spec.title,
        "geometry": list(spec.geometry),
        "grader": spec.grader,
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                "label": field.label,
                "unit": field.unit,
                "required": field.required,
                "access": field.access,
                "choices": {choice.code: choice.label for choice in field.choices},
            }
            for field in spec.fields
        ],
    }


@click.command()
@click.option("--db", expose_value=False, help="图层与数据库无关 / the layers are the same for all")
@json_option
def layers(as_json: bool) -> None:
    """列出图层和字段 / List the layers and their fields.

    \b
    geo-risk layers --json
    """
    from geo_risk import catalogue

    known = catalogue.layers().values()
    if as_json:
        report({"layers": [_layer_json(spec) for spec in known]})
        return
    for spec in known:
        echo(f"{spec.id:16} {spec.title[language()]}")
        labels = (f"{f.label[language()]}{'*' if f.required else ''}" for f in spec.fields)
        echo(f"{'':16} {', '.join(labels)}")


@click.command()
@db_option
@json_option
@click.pass_context
def doctor(context: click.Context, db: str | None, as_json: bool) -> None:
    """检查安装与数据库 / Check the installation and the store.

    \b
    geo-risk doctor --json
    """
    from geo_risk.services import stores

    target = db or (context.obj or {}).get("db") or stores.default_target()
    result = stores.doctor(target)
    if as_json:
        report(result)
    else:
        for key, value in result.items():
            echo(f"{key}: {value}")
    context.exit(0 if result["sound"] else 1)
