"""The container's steps without a container: build the wheel, install it into a fresh environment, use it.

Run by `make smoke`. The Dockerfile calls the same scripts; this checks that too.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NOTICE = """关于报送电梯应急演练情况的通知
各有关单位:
请各电梯使用单位于2031年5月20日17:00前将演练总结报送市市场监督管理局。
联系电话:0871-60000000
昆明市市场监督管理局
2031年4月8日
"""


def main() -> None:
    """Run every step; the first that fails ends the run with its output."""
    check_dockerfile()
    with tempfile.TemporaryDirectory(prefix="duban-smoke-") as folder:
        home = Path(folder)
        run([str(ROOT / "deploy/build.sh"), str(home / "wheels")], cwd=ROOT)
        run([str(ROOT / "deploy/install.sh"), str(home / "env"), str(home / "wheels")], cwd=ROOT)
        (home / "notice.txt").write_text(NOTICE, "utf-8")
        duban = str(home / "env/bin/duban")
        data = str(home / "data")
        derived = json.loads(run([duban, "derive", "notice.txt", "--json"], cwd=home))
        dates = [found["due_dates"] for found in derived["notices"][0]["obligations"]]
        expect(any(days and days[0].startswith("2031-05-20") for days in dates), f"the deadline, in {dates}")
        ingested = json.loads(run([duban, "ingest", "notice.txt", "--data", data, "--json"], cwd=home))
        expect(ingested["notices"][0]["obligations"] >= 1, f"a stored obligation, in {ingested}")
        check_service(duban, data, home)
    say("the wheel installs, derives, ingests and serves")


def check_dockerfile() -> None:
    """The Dockerfile must call the scripts that this run proves, and copy only what exists."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    for script in ("deploy/build.sh", "deploy/install.sh", "deploy/healthy.py"):
        expect(script in text and (ROOT / script).exists(), f"{script} in the Dockerfile")
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, re.MULTILINE):
        expect((ROOT / source).exists(), f"{source}, which the Dockerfile copies")


def check_service(duban: str, data: str, home: Path) -> None:
    """Start the service as the container does, ask its health check, stop it by SIGTERM."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"DUBAN_ACCESS_TOKEN": "smoke-" + "t" * 32, "DUBAN_PORT": str(port)}
    command = [duban, "serve", "--data", data, "--host", "0.0.0.0", "--port", str(port)]
    with subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE, text=True) as service:
        try:
            assert service.stdout is not None
            expect(bool(service.stdout.readline()), "an address from `duban serve`")
            run([sys.executable, str(ROOT / "deploy/healthy.py")], cwd=home, env=env)
        finally:
            service.send_signal(signal.SIGTERM)
        expect(service.wait(timeout=20) == 0, "exit status 0 after SIGTERM")


def run(command: list[str], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    """Run `command` outside the checkout's own environment and return what it printed."""
    plain = {
        name: value for name, value in (env or dict(os.environ)).items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")
    }
    done = subprocess.run(command, cwd=cwd, env=plain, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, f"success of {' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def expect(condition: bool, what: str) -> None:
    """End the run unless `condition` holds."""
    if not condition:
        sys.exit(f"smoke: expected {what}")


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(f"smoke: {text}\n")


if __name__ == "__main__":
    main()
