"""Every reason a match may carry, in words."""

from __future__ import annotations

from geo_risk.errors import Text

REASONS: dict[str, Text] = {
    "address_empty": Text("没有地址", "No address"),
    "nothing_found": Text("地址中没有认识的地名", "No known place name in the address"),
    "door_exact": Text("门牌号在标准地址库中", "The number is in the address register"),
    "number_interpolated": Text(
        "门牌号介于两个已知门牌之间，位置为内插", "Interpolated between two known numbers"
    ),
    "sub_number_dropped": Text(
        "附号不在库中，取主门牌的位置", "The sub-number is not known; its main number is"
    ),
    "number_unknown": Text("门牌号不在库中", "The number is not in the address register"),
    "road_level": Text("只定位到道路", "Placed on the road only"),
    "road_unknown": Text("道路不在库中", "The road is not in the address register"),
    "road_too_long": Text(
        "道路在此范围内过长，不足以定位", "The road is too long here to stand for a position"
    ),
    "road_ambiguous": Text(
        "几个镇或村有同名道路或门牌", "Several towns or villages have this road or number"
    ),
    "poi_exact": Text(
        "地址中的名称与库中一处单位或地点完全相同", "A unit or place of exactly this name is known"
    ),
    "poi_ambiguous": Text(
        "几处单位或地点同名，未据此定位", "Several units or places have this name: not used"
    ),
    "online_candidate": Text(
        "候选位置来自在线地理编码，待人工确认",
        "The candidate comes from an online geocoder: for review",
    ),
    "village_level": Text("只定位到村(社区)", "Placed in the village or community only"),
    "village_centre_from_register": Text(
        "村的位置取自该村门牌的中心", "The village's position is the centre of its register entries"
    ),
    "village_radius_assumed": Text(
        "村的范围未知，不确定度按常值 700 米", "The village's extent is not known: 700 m assumed"
    ),
    "village_no_position": Text("该村没有已知位置", "The village has no known position"),
    "village_ambiguous": Text(
        "几个镇有同名的村，地址没有写镇", "Several towns have such a village, none is stated"
    ),
    "village_unknown": Text("村(社区)不在地名库中", "The village is not in the gazetteer"),
    "village_in_other_town": Text(
        "地址中的村不属于所写的镇", "The village in the address is not in the stated town"
    ),
    "village_of_other_county": Text(
        "该村名属于其他县(市、区)", "A village of this name belongs to another county"
    ),
    "village_short_name": Text(
        "村名没有写“村”或“社区”", "The village is written without its suffix"
    ),
    "village_possible": Text(
        "地址中的词可能是村名，待人工确认",
        "A word in the address may be a village's name: for review",
    ),
    "town_only": Text("只认出镇(街道)，待人工定位", "Only the town is known: for review"),
    "town_inferred": Text("地址没有写镇，由村或道路推出", "The town follows from village or road"),
    "town_stated": Text("镇取自表中的镇列", "The town comes from the table's town column"),
    "town_stated_unknown": Text(
        "表中的镇列不是本县(市、区)的镇", "The town column names no town of this county"
    ),
    "town_differs": Text(
        "地址中的镇与表中的镇列不同", "The town in the address differs from the town column"
    ),
    "town_unknown": Text("地址中的镇不在地名库中", "The town in the address is not known here"),
    "town_of_other_county": Text(
        "地址中的镇属于其他县(市、区)", "The town in the address belongs to another county"
    ),
    "zone_only": Text(
        "只认出开发区，它与各镇重叠", "Only the development zone is known; it overlaps towns"
    ),
    "county_assumed": Text(
        "地址没有写县(市、区)，按本县(市、区)处理", "No county is written; this one is assumed"
    ),
    "county_only": Text("只认出县(市、区)或更大范围", "Nothing below the county is known"),
    "other_county": Text("地址在其他县(市、区)", "The address is in another county"),
    "other_city": Text("地址在其他市", "The address is in another city"),
    "other_province": Text("地址在其他省", "The address is in another province"),
}
CONTRADICTIONS = frozenset(
    {
        "other_province", "other_city", "other_county", "town_of_other_county", "town_unknown",
        "town_differs", "village_in_other_town", "village_of_other_county",
    }
)  # fmt: skip
"""With one of these the address contradicts itself or the county: flagged, never resolved."""
