"""``-a``: images and PDFs as each dialect wants them, and what cannot be attached."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from command import KEY, Kit
from loopback import EVENTS, Script, Server, chat_stream, event, head, refusal

FILES = {  # by what they begin with, whatever they are called
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/jpeg": b"\xff\xd8\xff\xe0",
    "image/gif": b"GIF89a",
    "image/webp": b"RIFF\x10\0\0\0WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n",
}
IMAGES = [kind for kind in FILES if kind.startswith("image/")]


def encoded(kind: str) -> str:
    return base64.b64encode(FILES[kind]).decode()


def data_url(kind: str) -> str:
    return f"data:{kind};base64,{encoded(kind)}"


def named_event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\n".encode() + event({"type": name, **data})


def whole(*events: bytes) -> Script:
    body = b"".join(events)
    return [head(200, {**EVENTS, "Content-Length": str(len(body))}), body]


ANSWERS: dict[str, Script] = {
    "openai-chat": chat_stream("seen"),
    "anthropic": whole(
        named_event("message_start", {"message": {"id": "m"}}),
        named_event(
            "content_block_start", {"index": 0, "content_block": {"type": "text", "text": "seen"}}
        ),
        named_event("message_delta", {"delta": {"stop_reason": "end_turn"}}),
        named_event("message_stop", {}),
    ),
    "openai-responses": whole(
        named_event("response.output_text.delta", {"output_index": 0, "delta": "seen"}),
        named_event("response.completed", {"response": {"status": "completed"}}),
    ),
}


def sent(kit: Kit, server: Server, api: str, *attached: str) -> list[Any]:
    """The content of the user's message after a command that attached this."""
    server.default = ANSWERS[api]
    kit.configure(f'[profiles.m]\napi = "{api}"\nbase_url = "{server.url}"\nmodel = "m"\n')
    kit.environ["KIT_KEY_M"] = KEY
    args = [word for each in attached for word in ("-a", each)]
    ran = kit("ask", *args, "What is it?")
    assert (ran.code, ran.out, ran.err) == (0, "seen\n", "")
    body = server.requests[-1].json
    turns = body["input"] if api == "openai-responses" else body["messages"]
    content: list[Any] = turns[-1]["content"]
    return content


def placed(folder: Path, kind: str) -> str:
    path = folder / f"file-{kind.partition('/')[2]}"
    path.write_bytes(FILES[kind])
    return str(path)


@pytest.mark.parametrize("kind", IMAGES)
def test_an_image_goes_as_each_dialect_wants_it(
    kit: Kit, server: Server, tmp_path: Path, kind: str
) -> None:
    place = placed(tmp_path, kind)
    words = "What is it?"
    assert sent(kit, server, "openai-chat", place) == [
        {"type": "image_url", "image_url": {"url": data_url(kind)}},
        {"type": "text", "text": words},
    ]
    source = {"type": "base64", "media_type": kind, "data": encoded(kind)}
    assert sent(kit, server, "anthropic", place) == [
        {"type": "image", "source": source},
        {"type": "text", "text": words},
    ]
    assert sent(kit, server, "openai-responses", place) == [
        {"type": "input_image", "image_url": data_url(kind)},
        {"type": "input_text", "text": words},
    ]


def test_a_pdf_goes_as_each_dialect_wants_it(kit: Kit, server: Server, tmp_path: Path) -> None:
    kind = "application/pdf"
    place = placed(tmp_path, kind)
    assert sent(kit, server, "openai-chat", place)[0] == {
        "type": "file", "file": {"filename": "file-pdf", "file_data": data_url(kind)},
    }  # fmt: skip
    assert sent(kit, server, "anthropic", place)[0] == {
        "type": "document", "title": "file-pdf",
        "source": {"type": "base64", "media_type": kind, "data": encoded(kind)},
    }  # fmt: skip
    assert sent(kit, server, "openai-responses", place)[0] == {
        "type": "input_file", "filename": "file-pdf", "file_data": data_url(kind),
    }  # fmt: skip


def test_an_address_is_left_to_the_provider_to_fetch(kit: Kit, server: Server) -> None:
    image, pdf = "https://example.org/cat.png?size=1", "https://example.org/Paper.PDF"
    assert sent(kit, server, "openai-chat", image)[0] == {
        "type": "image_url", "image_url": {"url": image},
    }  # fmt: skip
    assert sent(kit, server, "anthropic", image, pdf)[:2] == [
        {"type": "image", "source": {"type": "url", "url": image}},
        {"type": "document", "source": {"type": "url", "url": pdf}},
    ]
    assert sent(kit, server, "openai-responses", image, pdf)[:2] == [
        {"type": "input_image", "image_url": image},
        {"type": "input_file", "file_url": pdf},
    ]


def test_what_is_attached_stands_in_the_order_of_the_flags(
    kit: Kit, server: Server, tmp_path: Path
) -> None:
    places = [placed(tmp_path, kind) for kind in ("image/gif", "image/png")]
    urls = [piece["image_url"]["url"] for piece in sent(kit, server, "openai-chat", *places)[:2]]
    assert urls == [data_url("image/gif"), data_url("image/png")]


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("words.txt", b"just words", "neither an image (PNG, JPEG, GIF, WebP) nor a PDF"),
        ("fake.png", b"not a PNG at all", "neither an image"),
        ("empty.pdf", b"", "neither an image"),
        ("riff.wav", b"RIFF\x10\0\0\0WAVEfmt ", "neither an image"),
        ("huge.png", None, "is larger than 16 MiB"),
    ],
)
def test_what_cannot_be_attached_is_2_and_nothing_is_sent(
    kit: Kit, server: Server, tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    place = tmp_path / name
    place.write_bytes(data or b"")
    if data is None:
        place.write_bytes(FILES["image/png"])
        with place.open("r+b") as file:
            file.truncate((16 << 20) + 1)
    ran = kit.serve(server.url)("ask", "-a", str(place), "What is it?")
    assert (ran.code, ran.out, server.requests) == (2, "", [])
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_a_file_that_is_not_there_is_2(kit: Kit, server: Server, tmp_path: Path) -> None:
    kit.serve(server.url)
    for place in (tmp_path / "none.png", tmp_path):
        ran = kit("ask", "-a", str(place), "What is it?")
        assert (ran.code, server.requests) == (2, [])
        assert f"cannot read {place}" in ran.err


def test_an_attachment_alone_is_an_empty_prompt(kit: Kit, server: Server, tmp_path: Path) -> None:
    ran = kit.serve(server.url)("ask", "-a", placed(tmp_path, "image/png"))
    assert (ran.code, server.requests) == (2, [])
    assert "the prompt is empty" in ran.err


def test_a_host_that_cannot_see_says_so_in_its_own_words(
    kit: Kit, server: Server, tmp_path: Path
) -> None:
    server.default = refusal(400, "image input is not supported by this model")
    ran = kit.serve(server.url)("ask", "-a", placed(tmp_path, "image/png"), "What is it?")
    assert (ran.code, ran.out, len(server.requests)) == (4, "", 1)
    assert "image input is not supported by this model" in ran.err
    assert ran.err.count("\n") == 1


def test_a_dry_run_shows_what_is_attached(kit: Kit, server: Server, tmp_path: Path) -> None:
    kit.serve(server.url)
    ran = kit("ask", "--dry-run", "-a", placed(tmp_path, "image/png"), "What is it?")
    (request,) = ran.object["requests"]
    image = request["body"]["messages"][0]["content"][0]
    assert image == {"type": "image_url", "image_url": {"url": data_url("image/png")}}
    assert (ran.code, ran.object["cost"]["worst_usd"], server.requests) == (0, None, [])
