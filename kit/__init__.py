"""kit: one prompt, many models, an answer that a shell script can trust.

As a library: ``async with Provider(base_url=…, api_key=…, model=…) as provider:
result = await consensus(provider, "…")``. Nothing is imported until it is named (PEP 562).
"""

__version__ = "0.1.0"
__all__ = [
    "AnthropicProvider",
    "AzureProvider",
    "FakeProvider",
    "KitError",
    "Provider",
    "Result",
    "ask",
    "consensus",
    "react",
    "refine",
]

TYPE_CHECKING = False  # what type checkers know by this name, without the import of typing
if TYPE_CHECKING:
    from kit.errors import KitError
    from kit.library.ask import ask
    from kit.library.consensus import consensus
    from kit.library.held import Result
    from kit.library.react import react
    from kit.library.refine import refine
    from kit.providers.direct import AnthropicProvider, AzureProvider, Provider
    from kit.providers.fake import FakeProvider

_HOME = {
    "AnthropicProvider": "kit.providers.direct",
    "AzureProvider": "kit.providers.direct",
    "FakeProvider": "kit.providers.fake",
    "KitError": "kit.errors",
    "Provider": "kit.providers.direct",
    "Result": "kit.library.held",
    "ask": "kit.library.ask",
    "consensus": "kit.library.consensus",
    "react": "kit.library.react",
    "refine": "kit.library.refine",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'kit' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
