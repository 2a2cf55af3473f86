"""Who may sign in, and what is open at present?"""

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, Table, Text

from service.tables.naming import Json, metadata

users = Table(
    "users",
    metadata,
    Column("user_id", Text, primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("office", Text),
    Column("password_hash", Text),
    Column("active", Boolean, nullable=False),
    Column("monthly_visits", Integer),
    Column("created_at", DateTime, nullable=False),
    Column("version", Integer, nullable=False),
)
"""Staff; `office` is null for roles that see every office, `password_hash` where another system signs them in."""

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("user_id", Text, ForeignKey("users.user_id"), nullable=False, index=True),
    Column("form_token", Text, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("seen_at", DateTime, nullable=False),
)
"""Open sessions by the hash of their token; a form must send `form_token` back."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("key_hash", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("office", Text),
    Column("scopes", Json, nullable=False),
    Column("created_at", DateTime, nullable=False),
    Column("expires_at", DateTime, nullable=False),
    Column("revoked_at", DateTime),
)
"""Keys of systems by the hash of their secret; `owner` names the system whose records it sees."""

sign_in_attempts = Table(
    "sign_in_attempts",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("newest_at", DateTime, nullable=False),
)
"""Failed attempts in a row, by hashed login and by hashed address; a success removes those of the login."""
