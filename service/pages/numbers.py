"""How does the reader write a figure that is not a whole number?"""

from service.language import Language
from service.pages.texts import whole_number

MINUS = "\N{MINUS SIGN}"


def decimal(number: float, language: Language, *, places: int = 1) -> str:
    """Write a number with `places` decimals, with the reader's decimal sign and grouping.

    >>> decimal(1234.56, "id"), decimal(1234.56, "en"), decimal(-0.5, "id")
    ('1.234,6', '1,234.6', '−0,5')
    """
    plain = f"{abs(number):,.{places}f}"
    if language == "id":
        plain = plain.replace(",", " ").replace(".", ",").replace(" ", ".")
    return f"{MINUS}{plain}" if round(number, places) < 0 else plain


def percent(share: float, language: Language) -> str:
    """Write a share in whole percent.

    >>> percent(0.125, "id")
    '13%'
    """
    return f"{whole_number(int(100 * share + 0.5), language)}%"


def percent_interval(share: float, low: float, high: float, language: Language) -> str:
    """Write a share with its interval.

    >>> percent_interval(0.12, 0.09, 0.15, "id")
    '12% (9–15)'
    """
    ends = [percent(end, language).removesuffix("%") for end in (low, high)]
    return f"{percent(share, language)} ({ends[0]}–{ends[1]})"
