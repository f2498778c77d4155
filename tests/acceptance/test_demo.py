"""`duban demo` from the outside: one command, and a reminder is seen by e-mail, by webhook and in a calendar."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.demo import run
from app.settings import BadSetting

pytest.importorskip("aiosmtpd", reason="the demonstration inbox needs aiosmtpd: pip install 'duban[demo]'")

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
# The command as it is, but for its clock, which starts two seconds before the offices open.
START = "import app.demo; app.demo.MOMENT = '2026-09-24T08:59:58+08:00'; from app.cli import main; main()"


@contextmanager
def demo(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the demonstration with `folder` for its temporary files; yield the process and what it printed."""
    process = subprocess.Popen(
        [sys.executable, "-c", START, "demo", "--port", "0", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder), "DUBAN_SMTP_URL": "smtp://mail.example:25"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, "".join(process.stdout.readline() for _ in range(4))
    finally:
        process.kill()
        process.communicate()


def test_one_command_ends_in_a_mail_a_webhook_a_calendar_and_a_page_and_can_be_given_again(tmp_path: Path) -> None:
    with demo(tmp_path, "--data", "kept") as (process, printed):
        pages, inbox, feed = re.findall(r"http://127\.0\.0\.1:\d+/\S*", printed)
        received = wait_for_messages(f"{inbox}.json")
        mail, webhook = received["mails"][0], received["webhooks"][0]
        assert "2026-09-28 周一" in mail["text"]
        assert "官渡区工业和信息化局" in mail["text"]
        assert webhook["body"]["items"][0]["safe_on"] == "2026-09-30"
        assert webhook["id"] == webhook["body"]["delivery_id"]
        shown = httpx.get(inbox).text
        assert "签名已核对" in shown
        assert mail["subject"] in shown
        assert "演示时钟" in httpx.get(pages).text
        assert b"DTSTART;VALUE=DATE:20260930" in httpx.get(feed).content
        forged = {"webhook-id": "x", "webhook-signature": "v1,x"}
        assert httpx.post(inbox.replace("inbox", "hook"), json={}, headers=forged).status_code == 400
        assert len(httpx.get(f"{inbox}.json").json()["webhooks"]) == len(received["webhooks"])
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    with demo(tmp_path, "--data", "kept") as (process, printed):
        (pages,) = re.findall(r"http://127\.0\.0\.1:\d+/$", printed, re.MULTILINE)
        item = httpx.get(f"{pages}api/board", params={"unit": "530111-gongxin"}).json()["rows"][0]["id"]
        messages = httpx.get(f"{pages}api/occurrences/{item}").json()["messages"]
        assert [len(message["attempts"]) for message in messages if message["state"] == "sent"] == [1], "not sent twice"
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_a_taken_port_is_said_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(BadSetting, match="choose another with --port"):
        run(tmp_path, taken.getsockname()[1], lambda addresses: None)
    assert list(tmp_path.iterdir()) == [], "nothing was begun"


def wait_for_messages(address: str) -> dict[str, list[dict[str, Any]]]:
    """Return what the inbox holds once both kinds of message are there."""
    for _ in range(PATIENCE_SECONDS * 5):
        received: dict[str, list[dict[str, Any]]] = httpx.get(address).json()
        if received["mails"] and received["webhooks"]:
            return received
        time.sleep(0.2)
    pytest.fail(f"no mail and webhook within {PATIENCE_SECONDS} s")
