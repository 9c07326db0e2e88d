"""The cell of substances: what clerks write, its canonical text, and what is refused."""

import pytest

from geo_risk.errors import InputError
from geo_risk.grading import canonical_substances, parse_substances
from geo_risk.reference import table


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("氨:40;甲醇:120.5;W5.3:20", "氨:40;甲醇:120.5;W5.3:20"),
        ("液氨40吨、甲醇 120.5t", "氨:40;甲醇:120.5"),
        ("液氨：４０吨；Ｗ５．３：２０", "氨:40;W5.3:20"),
        ("7664-41-7:40,7782-50-5:3", "氨:40;氯:3"),
        ("光气300kg，黄磷 5000千克", "碳酰氯:0.3;白磷:5"),
        ("1,3-丁二烯 5吨,甲烷,天然气:50", "1,3-丁二烯:5;甲烷,天然气:50"),
        ("甲醇1,000吨，氨5吨", "甲醇:1000;氨:5"),
        ("1－氯－2，3－环氧丙烷：5", "1-氯-2,3-环氧丙烷:5"),
        ("甲苯2,4-二异氰酸酯:5", "甲苯2,4-二异氰酸酯:5"),
        ("液氨储量40吨和液氯10吨", "氨:40;氯:10"),
        ("甲醇（w5.3）20吨", "甲醇[W5.3]:20"),
        ("甲醇（W5.3）20吨", "甲醇[W5.3]:20"),
        ("某中间体[W5.1/J3]:20", "某中间体[W5.1/J3]:20"),
        ("硝酸铵(可燃物<=0.2%)20吨", "硝酸铵(含可燃物≤0.2%):20"),
        ("氯化氢 20\n氯 5。", "氯化氢(无水):20;氯:5"),
        ("氨:4;液氨:6", "氨:4;氨:6"),
        ("活性染料:7", "活性染料:7"),
        ("乙醇汽油 30 吨 乙炔 0.5 吨", "汽油(乙醇汽油、甲醇汽油):30;乙炔:0.5"),
    ],
)
def test_what_clerks_write_becomes_canonical(written, canonical):
    assert canonical_substances(written) == canonical
    assert canonical_substances(canonical) == canonical


def test_every_name_and_alias_of_table_1_survives_the_round_trip():
    for row in table("gb18218_2018_table1"):
        text = f"{row['name_zh']}:3"
        assert canonical_substances(text) == text
        for alias in filter(None, row["aliases_zh"].split(";")):
            (substance,) = parse_substances(f"{alias}:3")
            assert substance.name in ({alias} if row["condition_zh"] else {row["name_zh"]}) or (
                row["no"] == "56"
            )


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("", "substances_empty"),
        (" ; ", "substances_empty"),
        ("氨", "substance_unreadable"),
        ("氨:", "substance_unreadable"),
        ("W5.3", "substance_unreadable"),
        ("7664-41-7", "substance_unreadable"),
        ("氨:-5", "substance_unreadable"),
        ("氨:nan", "substance_unreadable"),
        ("氨:1e3", "substance_unreadable"),
        ("氨:40m3", "substance_unreadable"),
        ("氨:40吨/年", "substance_unreadable"),
        ("甲苯、甲醇20吨", "substance_unreadable"),
        ("氨:0", "quantity_not_positive"),
        ("液氨约40吨", "quantity_rough"),
        ("液氨20-40吨", "substance_unreadable"),
        ("液氨≤40吨", "quantity_rough"),
        ("W99:3", "category_unknown"),
        ("甲醇[W9]:3", "category_unknown"),
        ("氨:1;" * 2000, "substances_too_long"),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(written, code):
    with pytest.raises(InputError) as caught:
        canonical_substances(written)
    assert caught.value.code == code
    assert caught.value.fix["zh"] and caught.value.fix["en"]
