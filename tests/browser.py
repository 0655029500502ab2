"""A real browser without a window: Chromium, driven by its DevTools protocol over two pipes.

Nothing listens on a port. What a page writes to its console, throws, asks for and is refused is
kept, so that a test can say that there was nothing of it.
"""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from command import until
from needs import missing

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome", "chrome-headless-shell")
_FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
          "--disable-dev-shm-usage", "--disable-background-networking", "--disable-extensions",
          "--disable-component-update", "--remote-debugging-pipe", "--force-device-scale-factor=1",
          "--font-render-hinting=none")  # fmt: skip
PATIENCE = 60  # seconds for one answer of the browser


@dataclass
class Page:
    """A page that is open. ``requests`` are the addresses that it asked for and was not kept
    from, ``complaints`` what it wrote to the console, threw, or was refused."""

    browser: Browser
    session: str
    _asked: dict[str, str] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)

    @property
    def requests(self) -> list[str]:
        return list(self._asked.values())

    def ask(self, method: str, **params: object) -> Any:
        return self.browser.ask(method, self.session, **params)

    def value(self, script: str) -> Any:
        """What this JavaScript is worth in the page."""
        said = self.ask("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")

    def picture(self, width: int, height: int, *, dark: bool = False, y: int = 0) -> bytes:
        """A PNG of the first ``height`` pixels from ``y`` on, of a page so wide."""
        self.look(width, height, dark=dark)
        clip = {"x": 0, "y": y, "width": width, "height": height, "scale": 1}
        said = self.ask("Page.captureScreenshot", clip=clip, captureBeyondViewport=True)
        return base64.b64decode(said["data"])

    def look(self, width: int, height: int = 900, *, dark: bool = False, media: str = "") -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", media=media, features=[scheme])
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=False)  # fmt: skip

    def press(self, key: str) -> None:
        codes = {"Tab": 9, "Enter": 13}
        more = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                     windowsVirtualKeyCode=codes[key], **more)  # fmt: skip

    def hear(self, message: dict[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self._asked[params["requestId"]] = params["request"]["url"]
            case "Network.loadingFailed" if params.get("blockedReason"):
                self._asked.pop(params["requestId"], None)
            case "Runtime.consoleAPICalled":
                self.complaints.append(str(params["args"]))
            case "Runtime.exceptionThrown":
                self.complaints.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                self.complaints.append(params["entry"]["text"])


class Browser:
    def __init__(self, process: subprocess.Popen[bytes], to: int, back: int) -> None:
        self._process, self._to, self._back = process, to, os.fdopen(back, "rb", buffering=0)
        self._rest = b""
        self._count = 0
        self._pages: dict[str, Page] = {}

    def ask(self, method: str, session: str = "", **params: object) -> Any:
        self._count += 1
        message = {"id": self._count, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            said = self._next()
            if said.get("id") == self._count:
                assert "error" not in said, (method, said)
                return said["result"]

    def opened(self, path: Path) -> Page:
        """This file in a page of its own, once it is loaded."""
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self._pages[session] = Page(self, session)
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility", "DOM"):
            page.ask(f"{domain}.enable")
        page.ask("Page.navigate", url=path.as_uri())
        until(lambda: page.value("document.readyState") == "complete" and bool(page.requests))
        return page

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            assert select.select([self._back], [], [], PATIENCE)[0], "the browser says nothing"
            piece = self._back.read(1 << 16)
            if not piece:
                raise AssertionError(f"the browser has ended: {self._process.poll()}")
            self._rest += piece
        raw, _, self._rest = self._rest.partition(b"\0")
        said: dict[str, Any] = json.loads(raw)
        if page := self._pages.get(said.get("sessionId", "")):
            page.hear(said)
        return said


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """Skips the test where there is none. ``profile`` is a folder for what it leaves behind."""
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        missing("there is no Chromium here: apt-get install chromium")
    (there, to), (back, from_) = os.pipe(), os.pipe()

    def plumb() -> None:  # the protocol's own numbers: it reads 3 and writes 4
        ends = os.dup(there), os.dup(from_)
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    environ = {"PATH": os.environ["PATH"], "HOME": str(profile), "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [program, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        env=environ, pass_fds=(3, 4), close_fds=True, preexec_fn=plumb,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(there)
    os.close(from_)
    browser = Browser(process, to, back)
    try:
        yield browser
    finally:
        with suppress(AssertionError, OSError):
            browser.ask("Browser.close")
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(to)
        browser._back.close()
