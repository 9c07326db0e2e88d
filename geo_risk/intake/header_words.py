"""What a header says: its spelling made plain, and weaker readings of it, each with a weight."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

EXACT, SHORTENED, TRIMMED, MISSPELT = 1.0, 0.95, 0.9, 0.85
"""A known word; one without brackets, second language or datum; without neutral words around it;
with a well-known slip of the pen put right."""

_REMEMBERED = 20_000
LONGEST = 100
"""A longer text is no header, whatever it holds."""

X_WORDS = (
    *("经度", "lng", "lon", "longitude", "long", "东经", "经度坐标", "坐标经度", "x", "x坐标"),
    *("坐标x", "横坐标", "point_x", "coord_x", "gcj_lng", "wgs_lng", "bd_lng", "gps经度", "经"),
    *("lon_dd", "longitude_dd", "x_coord", "xcoord", "x_coordinate", "lng_x", "经度x", "x经度"),
)
Y_WORDS = (
    *("纬度", "lat", "latitude", "北纬", "纬度坐标", "坐标纬度", "y", "y坐标", "坐标y", "纵坐标"),
    *("point_y", "coord_y", "gcj_lat", "wgs_lat", "bd_lat", "gps纬度", "纬"),
    *("lat_dd", "latitude_dd", "y_coord", "ycoord", "y_coordinate", "lat_y", "纬度y", "y纬度"),
)
LONLAT_WORDS = (
    *(
        "坐标",
        "经纬度",
        "经纬度坐标",
        "坐标经纬度",
        "坐标(经度,纬度)",
        "坐标(经度纬度)",
        "经度,纬度",
    ),
    *(
        "经度/纬度",
        "纬度/经度",
        "经度和纬度",
        "位置坐标",
        "点位坐标",
        "坐标位置",
        "gps坐标",
        "坐标点",
    ),
    *("坐标(lon,lat)", "坐标(x,y)", "坐标xy", "xy坐标", "location(lon,lat)", "location(lng,lat)"),
    *(
        "latlng",
        "lnglat",
        "latlon",
        "lonlat",
        "lat,lng",
        "lat/long",
        "lon/lat",
        "latitude/longitude",
    ),
    *("longitude/latitude", "coordinates", "coordinate", "coords", "gps", "经纬度(经度,纬度)"),
    *("地理坐标", "中心坐标", "中心点坐标", "经纬度(°)", "定位坐标"),
)
OUTLINE_WORDS = (
    *("边界坐标", "边界", "轮廓", "坐标串", "轮廓坐标", "范围坐标", "边界点", "outline"),
    *(
        "边界点坐标",
        "拐点坐标",
        "红线坐标",
        "厂界坐标",
        "厂界",
        "围栏坐标",
        "电子围栏",
        "边界范围坐标",
        "boundary",
    ),
)

_REMARKS = re.compile(
    r"\((?:必填|选填|非必填|必填项|选填项|required|optional)\)|[*※#★☆\s:'\"_.\-,、;°№_]"
)
_BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^】]*)】|<([^<>]*)>|「([^」]*)」")
_TRADITIONAL = str.maketrans(
    "業稱編號碼鎮鄉區門電話聯繫絡責單險點經緯標準狀態類別級數員職風隱發現時間辦監視頻據來療學樓場設備"
    "聯應質儲產見導後減築證據檢查長寬縣實際範圍評價與備註統會",
    "业称编号码镇乡区门电话联系络责单险点经纬标准状态类别级数员职风隐发现时间办监视频据来疗学楼场设备"
    "联应质储产见导后减筑证据检查长宽县实际范围评价与备注统会",
)
_SLIPS = (
    (re.compile(r"[经径]渡|径度|纟至度"), "经度"),
    (re.compile(r"[纬伟维围]渡|[伟维]度"), "纬度"),
    (re.compile(r"名[秤乘]"), "名称"),
    (re.compile(r"地[扯祉止]"), "地址"),
    (re.compile(r"[代编][吗玛马]"), lambda found: found[0][0] + "码"),
    (re.compile(r"电活"), "电话"),
    (re.compile(r"隐换|稳患"), "隐患"),
    (re.compile(r"负则人|负责入"), "负责人"),
)
_DATUMS = (
    ("gcj02", re.compile(r"gcj-?_?\s*0?2|gcj|火星(?:坐标系?)?|高德(?:地图)?|腾讯(?:地图)?|amap")),
    ("bd09", re.compile(r"bd-?_?\s*0?9(?:ll|mc)?|百度(?:地图)?|baidu|bd(?=[_\s-]?l[an])")),
    ("wgs84", re.compile(r"wgs-?_?\s*(?:19)?84|wgs|gps|epsg:?4326")),
    (
        "cgcs2000",
        re.compile(
            r"cgcs-?_?\s*2000|cgcs|(?:国家)?2000(?:国家)?(?:大地)?坐标系?|天地图|国家2000|epsg:?4490"
        ),
    ),
)
ALIEN = re.compile(
    "拼音|英文|外文|备用|备选|曾用|旧|^原|更正前|变更前|简称|别名|缩写|编码说明|照片|图片|附件|链接|网址|"
    "说明|备注|^天$|工作日|天数|审核|填报|填表|登记人|录入|上级|母公司|总公司|集团|股东|法定代表|法人|身份证|残余|整改后|"
    "pinyin|english|alias|old|former|backup|spare|photo|image|url|remark|note"
)
"""What makes another thing of a word: `企业名称(拼音)` is not the name."""


@lru_cache(_REMEMBERED)
def folded(text: str) -> str:
    """Case, width and traditional characters made one; spaces and brackets stay."""
    plain = unicodedata.normalize("NFKC", text).replace("_x000d_", "").casefold()
    return plain.replace("_x000d_", " ").translate(_TRADITIONAL)


@lru_cache(_REMEMBERED)
def normal_header(text: str) -> str:
    """A header without case, width, spaces, marks of duty and brackets' marks."""
    return re.sub(r"[()\[\]【】<>「」/|\\]", "", _REMARKS.sub("", folded(text)))


@lru_cache(_REMEMBERED)
def datum_of(text: str) -> str | None:
    """The datum that a header names: `高德经度` is `gcj02`, `经度` None."""
    plain = folded(text)
    return next((name for name, pattern in _DATUMS if pattern.search(plain)), None)


@dataclass(frozen=True)
class Reading:
    """One way to read a header; `rest` is what was left out of it, `sides` whether that stood
    beside a slash, as another thing of equal weight."""

    word: str
    confidence: float
    rest: str = ""
    sides: bool = False


def _without_datum(plain: str) -> str:
    for _, pattern in _DATUMS:
        plain = pattern.sub("", plain)
    return plain


def _parts(plain: str) -> list[Reading]:
    """What stands outside the brackets, and each side of a slash."""
    found: list[Reading] = []
    inside = "".join("".join(filter(None, hit)) for hit in _BRACKETS.findall(plain))
    outside = _BRACKETS.sub("", plain)
    if inside and not ALIEN.search(normal_header(inside)):
        found.append(Reading(normal_header(outside), SHORTENED, normal_header(inside)))
    sides = [side for side in re.split(r"[/|\\]|\s{2,}|或", outside) if normal_header(side)]
    if len(sides) == 1 and " " in outside.strip():
        # 名称 Name: the second language behind a space.
        chinese = " ".join(re.findall(r"[^\x00-\x7f]+", outside))
        latin = " ".join(re.findall(r"[a-z][a-z ]+", outside))
        sides = [chinese, latin] if chinese and latin else sides
    if len(sides) == 2 and not any(ALIEN.search(normal_header(side)) for side in sides):
        one, two = map(normal_header, sides)
        found += [Reading(one, SHORTENED, two, True), Reading(two, SHORTENED, one, True)]
    return found


@lru_cache(_REMEMBERED)
def readings(text: str) -> tuple[Reading, ...]:
    """How a header may be read, the surest first: as it stands, shortened, without its datum,
    with a slip of the pen put right."""
    if len(text) > LONGEST:
        return ()
    plain = _REMARKS.sub(lambda hit: " " if hit[0].isspace() else "", folded(text)).strip()
    found = [Reading(normal_header(text), EXACT), *_parts(plain)]
    bare = _without_datum(folded(text))
    if bare != folded(text):
        found.append(Reading(normal_header(bare), SHORTENED, "datum"))
        found += _parts(bare)
    mended = plain
    for pattern, right in _SLIPS:
        mended = pattern.sub(right, mended)
    if mended != plain:
        found += [
            Reading(reading.word, MISSPELT, reading.rest, reading.sides)
            for reading in (Reading(normal_header(mended), EXACT), *_parts(mended))
        ]
    first: dict[str, Reading] = {}
    for reading in found:
        if reading.word:
            first.setdefault(reading.word, reading)
    return tuple(first.values())
