"""Subscribes GNOME's calendar store to an address; for each line on stdin, fetches it again and prints what is stored.

Runs in the system's Python (PyGObject) inside `dbus-run-session`: usage `gnome_store.py URL`.
"""
# mypy: ignore-errors

import json
import os
import sys
import time
from urllib.parse import urlsplit

import gi

gi.require_version("EDataServer", "1.2")
gi.require_version("ECal", "2.0")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, GLib, ICalGLib  # noqa: E402

SOURCE = """[Data Source]
DisplayName=duties
Enabled=true
Parent=webcal-stub

[Calendar]
BackendName=webcal
Selected=true

[Authentication]
Host={host}
Method=none
Port={port}

[Security]
Method=none

[WebDAV Backend]
ResourcePath={path}
ResourceQuery={query}

[Refresh]
Enabled=true
IntervalMinutes=600

[Offline]
StaySynchronized=true
"""
QUIET_READS = 6  # the store fetches in the background and says nothing when it is done: so many equal reads in a row
PAUSE = 0.25


def main(address):
    """Serve one subscription until stdin ends."""
    client = connect(urlsplit(address))
    for _ in sys.stdin:
        client.refresh_sync(None)
        sys.stdout.write(json.dumps(settled(client)) + "\n")
        sys.stdout.flush()


def connect(url):
    """Return a client of a calendar subscribed to `url`."""
    folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "evolution", "sources")
    os.makedirs(folder)
    with open(os.path.join(folder, "duties.source"), "w") as file:
        file.write(SOURCE.format(host=url.hostname, port=url.port, path=url.path, query=url.query))
    registry = EDataServer.SourceRegistry.new_sync(None)
    while registry.ref_source("duties") is None:
        GLib.MainContext.default().iteration(False)
        time.sleep(PAUSE)
    return ECal.Client.connect_sync(registry.ref_source("duties"), ECal.ClientSourceType.EVENTS, 10, None)


def settled(client):
    """Return what is stored once it has stopped changing."""
    last, equal = None, 0
    while equal < QUIET_READS:
        time.sleep(PAUSE)
        now = stored(client)
        equal = equal + 1 if now and now == last else 0
        last = now
    return last


def stored(client):
    """Return title, day and status of every event, the day in China."""
    _, components = client.get_object_list_sync("#t", None)
    rows = []
    for component in components:
        status = component.get_first_property(ICalGLib.PropertyKind.STATUS_PROPERTY)
        start = component.get_dtstart()
        if not start.is_date():
            start = start.convert_to_zone(ICalGLib.Timezone.get_builtin_timezone("Asia/Shanghai"))
        rows.append(
            {
                "title": component.get_summary(),
                "day": f"{start.get_year():04}-{start.get_month():02}-{start.get_day():02}",
                "status": status.get_value_as_string() if status else "",
            }
        )
    return sorted(rows, key=lambda row: (row["day"], row["title"]))


main(sys.argv[1])
