"""LEC and LS written out as plain comparisons on whole numbers (tenths of a score)."""

L_SCORES = ("10", "6", "3", "1", "0.5", "0.2", "0.1")
E_SCORES = ("10", "6", "3", "2", "1", "0.5")
C_SCORES = ("100", "40", "15", "7", "3", "1")

LS_LIMITS = {
    "ls5_20_15_9": (20, 15, 9),
    "ls5_17_11_5": (17, 11, 5),
    "ls5_17_10_5": (17, 10, 5),
    "ls5_15_9_4": (15, 9, 4),
}


def lec_grade(likelihood: str, exposure: str, consequence: str, profile: str) -> str:
    """The colour of a triple; D is counted in hundredths, so no rounding can occur."""
    tenths = {"10": 100, "6": 60, "3": 30, "2": 20, "1": 10, "0.5": 5, "0.2": 2, "0.1": 1}
    hundredths = tenths[likelihood] * tenths[exposure] * int(consequence)
    for colour, limit in (("red", 320), ("orange", 160), ("yellow", 70)):
        over = hundredths > limit * 100
        equal = hundredths == limit * 100
        if over or (equal and profile == "lec_ge"):
            return colour
    return "blue"


def ls_grade(likelihood: int, severity: int, profile: str) -> str:
    """The colour of a cell of the 5 x 5 matrix."""
    red, orange, yellow = LS_LIMITS[profile]
    risk = likelihood * severity
    if risk >= red:
        return "red"
    if risk >= orange:
        return "orange"
    return "yellow" if risk >= yellow else "blue"
