"""How an amount is written on pages."""

from decimal import Decimal, InvalidOperation

from babel.numbers import UnknownCurrencyError, format_currency


def money(amount: object, currency: object, locale: str) -> str:
    """Return an amount as people write it; what is none is shown as it is."""
    try:
        return str(format_currency(Decimal(str(amount)), str(currency), locale=locale))
    except (InvalidOperation, UnknownCurrencyError, ValueError):
        return f"{amount} {currency}"
