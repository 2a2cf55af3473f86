"""When is a list over?"""

from typing import Final

CLOSED_AFTER_DAYS: Final = 45
"""Days after its date from which a list counts as closed: a month for the visits, two weeks to record them."""
