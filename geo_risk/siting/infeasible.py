"""What cannot be met: a plan that does not exist, in words."""

from __future__ import annotations

from geo_risk.errors import GeoRiskError


class InfeasibleError(GeoRiskError, ValueError):
    """No plan meets the demands together; the message names them."""

    exit_code = 4
    status = 422
