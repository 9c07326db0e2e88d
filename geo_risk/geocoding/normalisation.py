"""One spelling for addresses and names: widths, spaces, traditional characters, numerals."""

from __future__ import annotations

import unicodedata

# Characters of Quanzhou's division names and of common address words.
_TRADITIONAL = (
    "萬業東豐臨麗舉義烏樂鄉爭雲亞產億侖夥會傳僑蘭關興內軍農淨涼鳳劉劍勞區華佔盧臥廳廂廈縣參雙發"
    "臺葉後呂吳員團園圍國圖聖場壇壩壠聲壺復頭夾孫學寧寶宮寬壽堯嶼島巖嶺嶽崢峯嶸幫廣莊牀庫開張當"
    "徑恆揚擬擇鬥舊時晉曉術樸楊棗楓標樹棲橋樓橫歐匯漢湯溝滬澤濟潯塗湧澇淵漁溫灣滿濱灘瀨燈靈竈爐"
    "煉燒愛獅環瓊瑤甌鹽蓋盤碼磚碩種稅競筍籃紅紀經結繡維綜羅羣聯勝腳藝蘆蒼蘇荊薦榮萊蓮營蕭蔣藍虛"
    "見觀許試詩誠謝譙貞賢質貴賴賽躍車輦輝輞邊達過運進連跡鬱鄭裏裡鈔鍾錢鐵銘銀鋪鎖鋒錫錦鎮長門間"
    "閣闕陽際陳隨頂順風飛馬駟驛魯鯉鰲鳥鳩鳶鴻鵝鵬鶴鷹黃龍龜號貿醫廠棟層單倉組隊側對辦處陝遼閩贛"
    "粵慶凱賓館檢紡織針裝飾電機輪輸綫網紗衛從範遠禮飯診藥銷購貨資專實腦鋼鋁銅製絲紐鏈漿邨彎塊個"
    "勢啟嬌嶴幹穀"
)
_SIMPLIFIED = (
    "万业东丰临丽举义乌乐乡争云亚产亿仑伙会传侨兰关兴内军农净凉凤刘剑劳区华占卢卧厅厢厦县参双发"
    "台叶后吕吴员团园围国图圣场坛坝垅声壶复头夹孙学宁宝宫宽寿尧屿岛岩岭岳峥峰嵘帮广庄床库开张当"
    "径恒扬拟择斗旧时晋晓术朴杨枣枫标树栖桥楼横欧汇汉汤沟沪泽济浔涂涌涝渊渔温湾满滨滩濑灯灵灶炉"
    "炼烧爱狮环琼瑶瓯盐盖盘码砖硕种税竞笋篮红纪经结绣维综罗群联胜脚艺芦苍苏荆荐荣莱莲营萧蒋蓝虚"
    "见观许试诗诚谢谯贞贤质贵赖赛跃车辇辉辋边达过运进连迹郁郑里里钞钟钱铁铭银铺锁锋锡锦镇长门间"
    "阁阙阳际陈随顶顺风飞马驷驿鲁鲤鳌鸟鸠鸢鸿鹅鹏鹤鹰黄龙龟号贸医厂栋层单仓组队侧对办处陕辽闽赣"
    "粤庆凯宾馆检纺织针装饰电机轮输线网纱卫从范远礼饭诊药销购货资专实脑钢铝铜制丝纽链浆村弯块个"
    "势启娇岙干谷"
)
_DASHES = "‐‑‒–—―−－﹣"
_DIGITS = "零一二三四五六七八九"


def _table() -> dict[int, int | None]:
    table: dict[int, int | None] = dict(
        zip(map(ord, _TRADITIONAL), map(ord, _SIMPLIFIED), strict=True)
    )
    table.update((ord(dash), ord("-")) for dash in _DASHES)
    table[ord("〇")] = ord("零")
    return table


_TABLE = _table()


def normalise(text: str) -> str:
    """An address in one spelling: NFKC, no spaces or control characters, simplified, upper case.

    The table of traditional characters covers place names in use, not the language; it maps
    single characters only, so the length changes by NFKC and removed spaces alone.
    """
    wide = unicodedata.normalize("NFKC", text).translate(_TABLE)
    if not wide.isalnum():
        wide = "".join(c for c in wide if c.isprintable() and not c.isspace())
    # Once more, because a removed space can let a combining mark join its letter.
    return unicodedata.normalize("NFKC", wide.upper())


def chinese_number(text: str) -> int | None:
    """`一百二十八` or `一二八` as 128, digits as they are; None for anything else."""
    if text.isascii() and text.isdigit():
        return int(text)
    if not text or any(c not in _DIGITS + "十百千两" for c in text):
        return None
    if not any(c in "十百千" for c in text):
        return int("".join(str(_DIGITS.index(c)) for c in text.replace("两", "二")))
    total, digit = 0, 0
    for char in text.replace("两", "二"):
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        else:
            total += max(digit, 1) * {"十": 10, "百": 100, "千": 1000}[char]
            digit = 0
    return total + digit
