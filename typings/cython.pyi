"""What rooms and doors use of Cython's run-time shadow, which carries no types of its own."""

from contextlib import AbstractContextManager
from typing import Any

compiled: bool
nogil: AbstractContextManager[None]

def address(value: Any) -> Any: ...
