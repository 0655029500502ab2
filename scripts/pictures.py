#!/usr/bin/env python3
"""Makes docs/images: what the report of a run looks like, taken by a real browser (Chromium)."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "interop")]

import recorded  # noqa: E402  # the runs that the tests look at
from browser import browsing  # noqa: E402

from kit.trace.report.page import report  # noqa: E402
from kit.trace.runs import read, records  # noqa: E402

WIDTH, HEIGHT = 1000, 1400  # to the end of the timeline


def main() -> int:
    images = ROOT / "docs" / "images"
    images.mkdir(exist_ok=True)
    with TemporaryDirectory() as name:
        folder = Path(name)
        run = recorded.recorded(folder, recorded.a_vote())
        (folder / "report.html").write_text(report(read(run), records(run)), encoding="utf-8")
        with browsing(folder / "browser") as browser:
            page = browser.opened(folder / "report.html")
            for scheme in ("light", "dark"):
                picture = page.picture(WIDTH, HEIGHT, dark=scheme == "dark")
                (images / f"report-{scheme}.png").write_bytes(picture)
                print(images / f"report-{scheme}.png", len(picture))
    return 0


if __name__ == "__main__":
    sys.exit(main())
