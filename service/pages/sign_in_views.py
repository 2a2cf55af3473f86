"""What stands on the pages of signing in?"""

from collections.abc import Mapping
from dataclasses import dataclass

from service.pages.views import Frame


@dataclass(frozen=True)
class SignInPage:
    """The variables of sign_in.html.

    `problem` says why the last try failed, None before the first; `elsewhere` leads to the provider of identities,
    None where there is none.
    """

    frame: Frame
    words: Mapping[str, str]
    problem: str | None
    login: str
    wanted: str
    elsewhere: str | None


@dataclass(frozen=True)
class AccountPage:
    """The variables of account.html; `shortest` and `longest` bound a new password."""

    frame: Frame
    words: Mapping[str, str]
    trouble: tuple[str, ...]
    done: bool
    shortest: int
    longest: int
