"""A request's parameters: query, form body and JSON body in one mapping, whatever the verb (API 1.5).

Values keep what was sent: text, list, mapping, bool, int, or `Decimal` for JSON numbers with a point or exponent, so
that no price ever passes through a float.  The readers below turn them into what a route wants, or refuse with the name
of the parameter.  "" and null mean not sent.  Unknown keys are ignored, because clients send their own.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from outcry.gateway.answers import Refusal, bad

BODY_BYTES_MAX = 256 * 1024
FIELDS_MAX = 1_000
DIGITS_MAX = 80
EXPONENT_MAX = 999
NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?", re.ASCII)
_decoder = msgspec.json.Decoder(float_hook=Decimal)

Parameters = Mapping[str, Any]


def read_parameters(query: bytes, content_type: bytes, body: bytes) -> dict[str, Any]:
    """Query and body merged; the body wins.  Raises `Refusal` for what cannot be read."""
    sent: dict[str, Any] = {}
    if body:
        sent = _json(body) if b"json" in content_type.lower() else _pairs(body)
    return {**_pairs(query), **sent} if query else sent


def _pairs(data: bytes) -> dict[str, Any]:
    if not data:
        return {}
    try:
        pairs = parse_qsl(data.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError as error:
        raise bad("Malformed parameters: not valid URL-encoded UTF-8.") from error
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            earlier = found[name]
            found[name] = [*earlier, value] if isinstance(earlier, list) else [earlier, value]
        else:
            found[name] = value
    return found


def _json(body: bytes) -> dict[str, Any]:
    try:
        value = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError, InvalidOperation, UnicodeDecodeError) as error:
        raise bad("Malformed JSON in the request body.") from error
    if not isinstance(value, dict):
        raise bad("The JSON body must be an object.")
    return value


def too_large() -> Refusal:
    """The 413."""
    return Refusal(413, f"Request body is larger than {BODY_BYTES_MAX} bytes.")


def text(parameters: Parameters, name: str) -> str | None:
    """A text; a number is taken as it was written, where it can be told."""
    value = parameters.get(name)
    if value is None or value == "":
        return None
    if type(value) is str:
        return value
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise bad(f"Invalid {name}")
    return value


def number(parameters: Parameters, name: str) -> Decimal | None:
    """A finite number of at most 80 digits and three digits of exponent."""
    value = parameters.get(name)
    if value is None or value == "":
        return None
    return as_number(value, name)


def as_number(value: Any, name: str) -> Decimal:
    """The number in a parameter's value.  Raises `Refusal` with the parameter's name."""
    if type(value) is Decimal:
        # As JSON has it, with a point; asking whether it is one of several types costs more than all the rest.
        if not is_bounded(value):
            raise bad(f"Invalid {name}")
        return value
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise bad(f"Invalid {name}")
    if isinstance(value, str):
        if NUMBER.fullmatch(value.strip()) is None:
            raise bad(f"Invalid {name}")
        value = value.strip()
    found = Decimal(value)
    if not is_bounded(found):
        raise bad(f"Invalid {name}")
    return found


def is_bounded(value: Decimal) -> bool:
    """Whether it is finite and short enough that exact arithmetic with it costs nothing; JSON's numbers need not be."""
    if not value.is_finite() or abs(value.adjusted()) > EXPONENT_MAX:
        return False
    # Written out it is as long as its digits at least, and writing is far cheaper than counting them.
    return len(str(value)) <= DIGITS_MAX or len(value.as_tuple().digits) <= DIGITS_MAX


def whole(parameters: Parameters, name: str, low: int, high: int) -> int | None:
    """A whole number between the two, however it is written (`100`, `"100.0"`, `1e2`)."""
    plain = parameters.get(name)
    if type(plain) is int and low <= plain <= high:
        return plain
    value = number(parameters, name)
    return None if value is None else as_whole(value, name, low, high)


def as_whole(value: Decimal, name: str, low: int, high: int) -> int:
    """The whole number between the two.  Raises `Refusal` with the parameter's name."""
    # Compared before it is converted: 1e999 would make an int of a thousand digits.
    if not low <= value <= high or value != int(value):
        raise bad(f"Invalid {name}")
    return int(value)


def switch(parameters: Parameters, name: str) -> bool | None:
    """True or false, as JSON or as text."""
    value = parameters.get(name)
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return value
    word = str(value).lower()
    if word not in ("true", "false", "1", "0"):
        raise bad(f"Invalid {name}")
    return word in ("true", "1")


def texts(parameters: Parameters, name: str) -> list[str]:
    """A list of texts in any of its spellings: array, array as text, comma-joined, repeated key, or one text."""
    value = parameters.get(name)
    if value is None or value == "":
        return []
    if isinstance(value, str):
        array = _array_or_none(value)
        if array is None and value.lstrip().startswith("["):
            raise bad(f"Invalid {name}")
        value = value.split(",") if array is None else array
    if not isinstance(value, Sequence) or not all(isinstance(one, str) for one in value):
        raise bad(f"Invalid {name}")
    return [one.strip() for one in value if one.strip()]


def names(parameters: Parameters, name: str, is_known: Callable[[str], bool]) -> list[str]:
    """A list of names that the client chose, each as it was sent; a number is taken as it was written.

    A text that is itself a known name is that one name, whatever commas and brackets are in it; otherwise it may be a
    JSON array or be joined by commas.
    """
    value = parameters.get(name)
    if value is None or value == "":
        return []
    if isinstance(value, str) and not is_known(value):
        value = _array_or_none(value) or value.split(",")
    items = value if isinstance(value, list) else [value]
    found = [text({name: one}, name) for one in items]
    return [one for one in found if one is not None]


def mapping(parameters: Parameters, name: str) -> dict[str, Any]:
    """An object, as JSON or as text with JSON in it."""
    value = parameters.get(name)
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        try:
            value = _decoder.decode(value)
        except (msgspec.MsgspecError, RecursionError, InvalidOperation) as error:
            raise bad(f"Invalid {name}: not valid JSON.") from error
    if not isinstance(value, dict):
        raise bad(f"Invalid {name}: it must be an object.")
    return value


def mappings(parameters: Parameters, name: str) -> list[dict[str, Any]]:
    """A list of objects, as JSON or as text with JSON in it."""
    value = parameters.get(name)
    if value is None or value == "":
        return []
    if isinstance(value, str):
        value = _array_or_none(value)
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise bad(f"Invalid {name}: it must be an array of objects.")
    return value


def _array_or_none(value: str) -> list[Any] | None:
    if not value.lstrip().startswith("["):
        return None
    try:
        found = _decoder.decode(value)
    except (msgspec.MsgspecError, RecursionError, InvalidOperation):
        return None
    return found if isinstance(found, list) else None
