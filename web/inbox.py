"""The inbox of the demonstration: the mails and webhooks that the service sent to itself, for everyone to see."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from standardwebhooks import Webhook, WebhookVerificationError

from notifiers.sink import ReceivedMail
from web.site import site

KEPT = 50


@dataclass(frozen=True, slots=True)
class ReceivedHook:
    """One webhook as its receiver got it, with a signature that was found right."""

    id: str
    at: datetime
    body: dict[str, Any]

    @property
    def pretty(self) -> str:
        return json.dumps(self.body, ensure_ascii=False, indent=2)


def inbox(mails: Callable[[], Sequence[ReceivedMail]], secret: str) -> Blueprint:
    """Return the pages of an inbox that shows `mails` and takes webhooks signed with `secret`."""
    blueprint = Blueprint("inbox", __name__, url_prefix="/demo")
    hooks: deque[ReceivedHook] = deque(maxlen=KEPT)

    @blueprint.post("/hook")
    def hook() -> Response:
        """Take a webhook; one that is not signed with the secret is refused."""
        try:
            body = Webhook(secret).verify(request.get_data(), dict(request.headers))
        except WebhookVerificationError:
            abort(400)
        received = ReceivedHook(request.headers["webhook-id"], site().clock.now(), body)
        if all(known.id != received.id for known in hooks):  # receivers drop what they have seen
            hooks.appendleft(received)
        return Response(status=204)

    @blueprint.get("/inbox")
    def page() -> str:
        """Show what has arrived, the newest first."""
        return render_template("inbox.html", mails=mails(), hooks=list(hooks))

    @blueprint.get("/inbox.json")
    def twin() -> Response:
        """Give what has arrived as JSON."""
        return jsonify(
            mails=[
                {"recipient": mail.recipient, "subject": mail.subject, "message_id": mail.message_id, "text": mail.text}
                for mail in mails()
            ],
            webhooks=[{"id": hook.id, "body": hook.body} for hook in hooks],
        )

    return blueprint
