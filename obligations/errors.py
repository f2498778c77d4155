"""Errors of the domain. Every message names the value that was wrong and the form that is right."""


class DomainError(ValueError):
    """Base of all errors the domain declares; the command line prints it as one sentence."""


class BadDeadline(DomainError):
    """A deadline in JSON does not have one of the documented forms."""


class BadConvention(DomainError):
    """A convention name is unknown or its arguments are malformed."""


class BadDirectory(DomainError):
    """A directory of units has a wrong entry; the message names it and the form that is right."""


class OutsideCalendar(DomainError):
    """A count left the years that the calendar can answer for."""
