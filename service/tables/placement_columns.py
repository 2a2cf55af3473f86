"""What is kept of a placement, as it stands and in each of its versions?"""

from typing import Any

from sqlalchemy import Boolean, Column, Date, DateTime, Float, Integer, Text


def placement_columns() -> tuple[Column[Any], ...]:
    """Return the columns that a placement and its versions share, anew for each table, in one order."""
    return (
        Column("origin", Text, nullable=False),
        Column("service_office", Text),
        Column("destination", Text, nullable=False),
        Column("sector", Text, nullable=False),
        Column("position", Text),
        Column("employer_type", Text, nullable=False),
        Column("scheme", Text, nullable=False),
        Column("certification_level", Integer),
        Column("certification_verified", Boolean),
        Column("language_certificate", Boolean),
        Column("agency_id", Text),
        Column("overseas_agency_id", Text),
        Column("employer_ref", Text),
        Column("wage_monthly_idr", Float),
        Column("fee_idr", Float),
        Column("contract_months", Integer),
        Column("contract_signed_before_departure", Boolean),
        Column("has_work_visa", Boolean),
        Column("has_bpjs", Boolean),
        Column("has_health_certificate", Boolean),
        Column("attended_opp", Boolean),
        Column("prior_placements", Integer),
        Column("registered_on", Date),
        Column("departed_on", Date),
        Column("contract_end_on", Date),
        Column("returned_on", Date),
        Column("recorded_at", DateTime, nullable=False),
        Column("data_origin", Text, nullable=False),
    )
