"""Other command lines of the kind: how each is installed, and how it is asked one thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MODELS = """\
- model_id: mock
  model_name: m
  api_base: "{url}"
"""
COUNCIL = """\
models:
  m: mock/m
synthesizer: m
endpoints:
  mock:
    completions_url: {url}/chat/completions
    env_var: MOCK_KEY
"""


@dataclass(frozen=True)
class Peer:
    """``files`` and ``environ`` point it to the mock server: {url} and {home} are filled in."""

    packages: Sequence[str]  # its pins clash with those of the others
    program: str
    ask: Sequence[str]
    environ: Mapping[str, str]
    files: Mapping[str, str]
    version: Sequence[str] = ("--version",)


PEERS = {
    "httpie": Peer(
        ("httpie==3.2.4", "setuptools"),
        "http",
        ("--ignore-stdin", "POST", "{url}/chat/completions", "model=m", "stream:=false",
         'messages:=[{{"role": "user", "content": "hi"}}]'),
        {},
        {},
    ),
    "conclave-cli": Peer(
        ("conclave-cli==1.3.0",),
        "conclave",
        ("ask", "-m", "raw", "-c", "m", "hi"),
        {"CONCLAVE_CONFIG": "{home}/conclave.yml", "MOCK_KEY": "k"},
        {"conclave.yml": COUNCIL},
        version=(),  # it has no --version
    ),
    "llm": Peer(
        ("llm==0.36",),
        "llm",
        ("-m", "mock", "hi"),
        {"LLM_USER_PATH": "{home}/llm", "OPENAI_API_KEY": "k"},
        {"llm/extra-openai-models.yaml": MODELS},
    ),
    "clai": Peer(
        ("clai==2.62.0",),
        "clai",
        ("-m", "openai-chat:m", "hi"),
        {"OPENAI_BASE_URL": "{url}", "OPENAI_API_KEY": "k"},
        {},
    ),
    "shell-gpt": Peer(
        ("shell-gpt==1.5.1", "click"),  # which it needs and does not name
        "sgpt",
        ("--no-cache", "hi"),
        {"API_BASE_URL": "{url}", "DEFAULT_MODEL": "m", "OPENAI_API_KEY": "k"},
        {},
    ),
}  # fmt: skip


def commands(peer: Peer, tools: Path, url: str, home: Path) -> dict[str, list[str]]:
    """Its version, its help, one prompt: whole command lines."""
    program = str(tools / peer.program)
    asked = [program, *(each.format(url=url, home=home) for each in peer.ask)]
    rows = {"--help": [program, "--help"], "one prompt": asked}
    return {"--version": [program, *peer.version], **rows} if peer.version else rows


def settings(peer: Peer, url: str, home: Path) -> dict[str, str]:
    """What is to stand in its environment; its files are written."""
    for name, text in peer.files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text.format(url=url))
    return {name: value.format(url=url, home=home) for name, value in peer.environ.items()}
