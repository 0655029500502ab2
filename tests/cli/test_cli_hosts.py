"""Known hosts through the command: where a request goes, what is shown of it, what is learned."""

from __future__ import annotations

import json
from typing import Any

import pytest
from command import KEY, Kit
from loopback import Server, chat_stream, refusal

AZURE = "https://r.openai.azure.com/openai"
CLAUDE = ("-p", "anthropic", "-m", "claude-opus-5-5")
PROFILES = f"""
[profiles.deployment]
provider = "azure"
base_url = "{AZURE}/deployments/d"
model = "d"
[profiles.resource]
provider = "azure"
base_url = "{AZURE}/v1"
model = "d"
[profiles.newer]
provider = "anthropic"
model = "claude-opus-5-5"
api_version = "2026-10-21"
"""


def shown(kit: Kit, *args: str, **environ: str) -> dict[str, Any]:
    """The one request that this command would send."""
    ran = kit("ask", "--dry-run", *args, "hi", **environ)
    assert ran.code == 0, ran.err
    assert KEY not in ran.out + ran.err
    (request,) = ran.object["requests"]
    whole: dict[str, Any] = request
    return whole


def test_a_dry_run_shows_azure_at_both_of_its_addresses(kit: Kit) -> None:
    kit.configure(PROFILES)
    old = shown(kit, "-p", "deployment", AZURE_OPENAI_API_KEY=KEY)
    assert old["url"] == f"{AZURE}/deployments/d/chat/completions?api-version=2024-10-21"
    new = shown(kit, "-p", "resource", AZURE_OPENAI_API_KEY=KEY)
    assert new["url"] == f"{AZURE}/v1/chat/completions"
    for request in (old, new):
        assert request["headers"]["api-key"] == "[redacted]"
        assert "Authorization" not in request["headers"]
        assert request["body"]["max_completion_tokens"] == 4096
    by_variable = shown(
        kit, "-p", "azure", "-m", "d",
        AZURE_OPENAI_ENDPOINT="https://r.openai.azure.com", AZURE_OPENAI_API_KEY=KEY,
    )  # fmt: skip
    assert by_variable["url"] == new["url"]


def test_a_dry_run_shows_anthropic_in_both_of_its_versions(kit: Kit) -> None:
    kit.configure(PROFILES)
    old = shown(kit, *CLAUDE, "-s", "brief", ANTHROPIC_API_KEY=KEY)
    assert old["url"] == "https://api.anthropic.com/v1/messages"
    assert old["headers"]["anthropic-version"] == "2023-06-01"
    assert old["headers"]["x-api-key"] == "[redacted]"
    assert (old["body"]["system"], old["body"]["temperature"]) == ("brief", 0.7)
    new = shown(kit, "-p", "newer", ANTHROPIC_API_KEY=KEY)
    assert new["headers"]["anthropic-version"] == "2026-10-21"
    assert new["headers"]["Authorization"] == "Bearer [redacted]"
    assert "x-api-key" not in new["headers"]
    assert "temperature" not in new["body"]
    asked = shown(kit, "-p", "newer", "--temperature", "0.5", ANTHROPIC_API_KEY=KEY)
    assert asked["body"]["temperature"] == 0.5
    layer = shown(kit, *CLAUDE, "--api", "openai-chat", ANTHROPIC_API_KEY=KEY)
    assert layer["url"] == "https://api.anthropic.com/v1/chat/completions"


def test_a_retired_host_says_so_and_answers_at_an_address_that_is_given(
    kit: Kit, server: Server
) -> None:
    ran = kit("ask", "-p", "github", "hi", GITHUB_TOKEN=KEY)
    assert (ran.code, ran.out) == (2, "")
    assert "GitHub Models was retired on 2026-07-30" in ran.err
    server.default = chat_stream("still here")
    place = f'provider = "github"\nbase_url = "{server.base}"\nmodel = "m"\n'
    kit.configure(f"[profiles.old]\n{place}")
    ran = kit("ask", "hi", GITHUB_TOKEN=KEY)
    assert (ran.code, ran.out) == (0, "still here\n")
    assert ran.err.startswith("kit: GitHub Models was retired on 2026-07-30; ")
    assert ran.err.count("\n") == 1
    assert "authorization" not in server.requests[0].headers  # that key is for its own address
    assert kit("ask", "-q", "hi").err == ""


def test_a_model_without_a_system_role_is_spoken_to_and_remembered(
    kit: Kit, server: Server
) -> None:
    said = "Developer instruction is not enabled for models/gemma-3n-e4b-it"
    server.default = lambda seen: (
        refusal(400, said) if seen.json["messages"][0]["role"] == "system" else chat_stream("ok")
    )
    kit.serve(server.url)
    ran = kit("ask", "-s", "Be brief.", "hi")
    assert (ran.code, ran.out) == (0, "ok\n")
    assert "refused system messages, which are sent as the user's from now on" in ran.err
    ran = kit("ask", "-s", "Be brief.", "hi")
    assert (ran.code, ran.err, len(server.requests)) == (0, "", 3)
    assert server.requests[-1].json["messages"] == [{"role": "user", "content": "Be brief.\n\nhi"}]


@pytest.mark.parametrize(
    ("said", "flags", "kept"),
    [
        ("Encrypted content is not supported with this model.", (), ["store"]),
        (
            "Your organization must be verified to generate reasoning summaries.",
            ("--reasoning-effort", "low"),
            ["include", "store"],
        ),
    ],
)
def test_a_responses_server_is_not_asked_twice_for_what_it_refuses(
    kit: Kit, server: Server, said: str, flags: tuple[str, ...], kept: list[str]
) -> None:
    def picky(seen: Any) -> Any:
        summary = "summary" in seen.json.get("reasoning", {})
        wanted = summary if flags else "include" in seen.json
        return refusal(400, said) if wanted else refusal(404, "and no such model")

    server.default = picky
    ran = kit.serve(server.url)(
        "ask", "--base-url", server.url, "--api", "openai-responses", "-m", "o9", *flags, "hi",
        KIT_KEY_ONE_OFF=KEY,
    )  # fmt: skip
    assert (ran.code, len(server.requests)) == (4, 2)
    assert "no such model" in ran.err
    body = server.requests[1].json
    assert [name for name in ("include", "store") if name in body] == kept
    assert body.get("reasoning", {}).get("effort") == (flags[1] if flags else None)


def test_members_are_paced_by_their_profile(kit: Kit, server: Server) -> None:
    """One at a time: each request comes over the connection of the one before."""
    server.default = [0.05, *chat_stream("ANSWER: 4")]
    kit.serve(server.url, max_concurrency=1)
    ran = kit("consensus", "-n", "4", "--stop", "none", "--speed", "max", "--json", "2+2?")
    assert (ran.code, json.loads(ran.out)["answer"]) == (0, "4")
    assert (len(server.requests), server.connections) == (4, 1)
