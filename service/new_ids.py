"""Under which random id does a new record stand?"""

from secrets import token_hex

from risk_model.id_letters import in_letters


def random_id(size: int) -> str:
    """Return an id of `size` random bytes, two letters each."""
    return in_letters(token_hex(size))
