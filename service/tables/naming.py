"""How are tables named and described on both databases?

Dates and instants are naive UTC. Of a person the service keeps nothing but opaque ids: sex, birth
year, education and marital status stay in the data set.
"""

from typing import Final

from sqlalchemy import JSON, MetaData
from sqlalchemy.dialects.postgresql import JSONB

NAMES: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraints get the same names on both databases, so that a migration can name them."""

metadata = MetaData(naming_convention=NAMES)
Json = JSON().with_variant(JSONB(), "postgresql")
