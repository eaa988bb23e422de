"""Visit a server that is starting: `visit.py ADDRESS PROCESS_ID`.

Waits until /health/ready answers, then fetches the first page and one of the browser parts it
names. Leaves with status 1 and a sentence when one of them is missing.
"""

from __future__ import annotations

import os
import re
import sys
import time
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

PATIENCE = 300  # seconds, on a machine that is busy; the demo office is made on the first start
ASSET = re.compile(rb'(?:href|src)="([^"]*/static/dist/[^"]+)"')


def main() -> None:
    address, process = sys.argv[1], int(sys.argv[2])
    waited = wait_until_ready(f"{address}/health/ready", process)
    print(f"ready after {waited:.1f} s")
    page = fetch(f"{address}/")
    print(f"/ answers with {len(page)} bytes")
    named = ASSET.search(page)
    if named is None:
        sys.exit("the first page names none of the browser parts in /static/dist/")
    asset = urljoin(f"{address}/", named.group(1).decode())
    print(f"{Path(asset).name} has {len(fetch(asset))} bytes")


def wait_until_ready(url: str, process: int) -> float:
    """Ask until `url` answers 200, and say how many seconds that took."""
    begin = time.monotonic()
    while time.monotonic() < begin + PATIENCE:
        if has_ended(process):
            sys.exit("the server ended before it was ready")
        try:
            fetch(url)
        except (OSError, HTTPException):
            time.sleep(0.2)
        else:
            return time.monotonic() - begin
    sys.exit(f"{url} did not answer 200 within {PATIENCE} s")


def has_ended(process: int) -> bool:
    """Say whether the process is gone, or ended and not yet waited for."""
    try:
        os.kill(process, 0)
        status = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True
    return status.rpartition(")")[2].split()[0] == "Z"


def fetch(url: str) -> bytes:
    with urlopen(url, timeout=10) as response:
        body: bytes = response.read()
    if not body:
        sys.exit(f"{url} answers with an empty body")
    return body


if __name__ == "__main__":
    main()
