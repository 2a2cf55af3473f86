"""By what are placements grouped, and what is a group called that no code names?"""

from typing import Final

GROUPABLE: Final = ("destination", "sector", "certification_level", "employer_type", "scheme", "stage")
"""What placements may be grouped by: facts of the placement, never traits of the person."""
BY: Final = ("destination", "sector", "certification_level")
OTHER: Final = "(other)"
NOT_RECORDED: Final = "(unknown)"
NOT_VERIFIED: Final = "(declared)"
"""A certificate that the worker declares and nobody confirmed is a group of its own."""
