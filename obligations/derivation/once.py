"""A property that is worked out at its first reading and kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

_Value = TypeVar("_Value")


class once(Generic[_Value]):  # noqa: N801 - a decorator, like property
    """Like `functools.cached_property`, without the lock that it takes at each first reading in Python 3.11.

    A long notice has tens of thousands of such readings, and values of this package stay in one thread.
    """

    def __init__(self, read: Callable[[Any], _Value]) -> None:
        self._read = read
        self._name = read.__name__
        self.__doc__ = read.__doc__

    def __get__(self, instance: Any, owner: type) -> _Value:
        value = instance.__dict__[self._name] = self._read(instance)
        return value
