"""A library of holidays for tests: two days a year, in two countries."""

from datetime import date
from types import SimpleNamespace


class Library:
    """What rnncli uses of `holidays`."""

    registry = SimpleNamespace(COUNTRIES={"france": ("France", "FR", "FRA"), "germany": ("Germany", "DE", "DEU")})

    @staticmethod
    def list_supported_countries():
        return {"FR": ["A"], "FRA": ["A"], "DE": []}

    @staticmethod
    def country_holidays(country, subdiv=None, years=None):
        assert country in ("FR", "DE")
        if years < 1950:
            return {}
        return {date(years, 1, 1): "New Year"} | ({date(years, 12, 26): "Second day"} if subdiv else {})
