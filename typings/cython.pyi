"""What rooms and doors use of Cython's run-time shadow, which carries no types of its own."""

from contextlib import AbstractContextManager

compiled: bool
nogil: AbstractContextManager[None]
