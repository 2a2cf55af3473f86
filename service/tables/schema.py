"""Which tables are there, all together?"""

from service.tables import happenings, keeping, lists, people, register
from service.tables.naming import metadata

__all__ = ["happenings", "keeping", "lists", "metadata", "people", "register"]
