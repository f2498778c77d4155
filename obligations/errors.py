"""Errors of the domain. Every message names the value that was wrong and the form that is right."""


class DomainError(ValueError):
    """Base of all errors the domain declares; the command line prints it as one sentence."""


class BadDeadline(DomainError):
    """A deadline in JSON does not have one of the documented forms."""


class BadConvention(DomainError):
    """A convention name is unknown or its arguments are malformed."""


class BadQuestion(DomainError):
    """A question about dates lacks its range, or gives an event, date or zone that cannot be read."""


class BadHolidayTable(DomainError):
    """A year's table of holidays does not have the documented form."""


class BadHolidayNotice(DomainError):
    """The text of a holiday notice contradicts itself or is not such a notice."""


class BadDirectory(DomainError):
    """A directory of units has a wrong entry; the message names it and the form that is right."""


class OutsideCalendar(DomainError):
    """A count left the years that the calendar can answer for."""
