"""The log on stderr: one line per event, as text or as JSON, with addresses taken out."""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Any

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S*")
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Lines(logging.Formatter):
    """Puts the fields of `extra` behind the message; a URL may hold a token, so none gets through."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {name: value for name, value in vars(record).items() if name not in _OWN}
        if record.exc_info:
            fields["error"] = self.formatException(record.exc_info)
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        if self._as_json:
            head = {"at": at, "level": record.levelname.lower(), "logger": record.name, "event": record.getMessage()}
            line = json.dumps(head | fields, ensure_ascii=False, default=str)
        else:
            error = fields.pop("error", None)
            tail = "".join(f" {name}={value}" for name, value in fields.items())
            line = f"{at} {record.levelname:<8} {record.getMessage()}{tail}" + (f"\n{error}" if error else "")
        return _URL.sub("<url>", line)


def configure(*, as_json: bool) -> None:
    """Send the log of the whole process to stderr; libraries only speak up when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Lines(as_json=as_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for package in ("app", "notifiers", "obligations", "scheduler", "store", "web"):
        logging.getLogger(package).setLevel(logging.INFO)
