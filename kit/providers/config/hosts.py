"""Hosts that kit knows by name: where they are, what they speak, where their key usually is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kit.providers.config.preset import BEARER_SINCE, Preset
from kit.providers.dialects.wire import Quirks
from kit.providers.transport.address import AZURE_HOSTS

_MODERN = Quirks(max_tokens_field="max_completion_tokens", native_schema=True)
_SCHEMA = Quirks(native_schema=True)
_TOLD = Quirks(stream_options=False)  # usage comes unasked, and some of these refuse the question
_TOLD_SCHEMA = Quirks(stream_options=False, native_schema=True)

_ROWS = (
    Preset(
        "openai",
        "https://api.openai.com/v1",
        ("OPENAI_API_KEY",),
        quirks=_MODERN,
        hosts=("eu.api.openai.com", "us.api.openai.com"),
        docs="https://platform.openai.com/docs",
        notes='api = "openai-responses" for the newer interface',
    ),
    Preset(
        "anthropic",
        "https://api.anthropic.com",
        ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
        api="anthropic",
        auth="x-api-key",
        quirks=Quirks(version="2023-06-01"),
        also={"openai-chat": "https://api.anthropic.com/v1"},
        bearer_env=("ANTHROPIC_AUTH_TOKEN",),
        docs="https://platform.claude.com/docs",
        notes='api = "openai-chat" for its OpenAI-compatible layer;'
        f' api_version = "{BEARER_SINCE}" for the newer interface, which takes no temperature',
    ),
    Preset(
        "gemini",
        "https://generativelanguage.googleapis.com/v1beta/openai",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        quirks=_SCHEMA,
        model="gemini-flash-latest",
        docs="https://ai.google.dev/gemini-api/docs/openai",
        notes="answers 400 where others answer 401 for a bad key",
    ),
    Preset(
        "groq",
        "https://api.groq.com/openai/v1",
        ("GROQ_API_KEY",),
        docs="https://console.groq.com/docs/openai",
        notes="refuses logprobs, logit_bias, top_logprobs and n other than 1",
        model="llama-3.3-70b-versatile",
    ),
    Preset(
        "openrouter",
        "https://openrouter.ai/api/v1",
        ("OPENROUTER_API_KEY",),
        quirks=_TOLD,
        model="openrouter/auto",
        docs="https://openrouter.ai/docs",
        open_list=True,
    ),
    Preset(
        "mistral",
        "https://api.mistral.ai/v1",
        ("MISTRAL_API_KEY",),
        quirks=_TOLD_SCHEMA,
        model="mistral-small-latest",
        docs="https://docs.mistral.ai",
    ),
    Preset(
        "deepseek",
        "https://api.deepseek.com",
        ("DEEPSEEK_API_KEY",),
        quirks=_TOLD,
        model="deepseek-chat",
        also={"anthropic": "https://api.deepseek.com/anthropic"},
        docs="https://api-docs.deepseek.com",
    ),
    Preset(
        "xai",
        "https://api.x.ai/v1",
        ("XAI_API_KEY",),
        quirks=_SCHEMA,
        docs="https://docs.x.ai",
        notes="answers 400 where others answer 401 for a bad key; reasoning models refuse stop",
    ),
    Preset(
        "together",
        "https://api.together.ai/v1",
        ("TOGETHER_API_KEY",),
        quirks=_TOLD,
        hosts=("api.together.xyz",),
        docs="https://docs.together.ai",
        notes="model names look like provider/name",
    ),
    Preset(
        "fireworks",
        "https://api.fireworks.ai/inference/v1",
        ("FIREWORKS_API_KEY",),
        quirks=_TOLD_SCHEMA,
        also={"anthropic": "https://api.fireworks.ai/inference"},
        docs="https://docs.fireworks.ai",
        notes="model names look like accounts/fireworks/models/name",
    ),
    Preset(
        "cerebras",
        "https://api.cerebras.ai/v1",
        ("CEREBRAS_API_KEY",),
        quirks=Quirks(
            stream_options=False, native_schema=True, dropped=frozenset({"parallel_tool_calls"})
        ),
        docs="https://inference-docs.cerebras.ai",
        notes="refuses frequency_penalty, presence_penalty, logit_bias, service_tier; never sends"
        " [DONE]; tool_choice is auto or none",
    ),
    Preset(
        "perplexity",
        "https://api.perplexity.ai",
        ("PERPLEXITY_API_KEY",),
        quirks=_TOLD_SCHEMA,
        model="sonar",
        docs="https://docs.perplexity.ai",
        notes="never sends [DONE]",
        open_list=True,
    ),
    Preset(
        "azure",
        "",
        ("AZURE_OPENAI_API_KEY",),
        auth="api-key",
        quirks=_MODERN,
        hosts=AZURE_HOSTS,
        bearer_env=("AZURE_OPENAI_AD_TOKEN",),
        address_env="AZURE_OPENAI_ENDPOINT",
        address_path="/openai/v1",
        api_version="2024-10-21",
        docs="https://learn.microsoft.com/azure/ai-foundry/openai",
        notes="base_url is https://RESOURCE.openai.azure.com/openai/v1, or the address of a"
        " deployment (…/openai/deployments/NAME, with api_version); the model is the deployment",
    ),
    Preset(
        "moonshot",
        "https://api.moonshot.ai/v1",
        ("MOONSHOT_API_KEY",),
        docs="https://platform.moonshot.ai",
    ),
    Preset(
        "zai",
        "https://api.z.ai/api/paas/v4",
        ("ZAI_API_KEY",),
        quirks=_TOLD,
        docs="https://docs.z.ai",
    ),
    Preset(
        "sambanova",
        "https://api.sambanova.ai/v1",
        ("SAMBANOVA_API_KEY",),
        docs="https://docs.sambanova.ai",
    ),
    Preset(
        "nvidia",
        "https://integrate.api.nvidia.com/v1",
        ("NVIDIA_API_KEY",),
        docs="https://docs.api.nvidia.com",
        open_list=True,
    ),
    Preset(
        "venice",
        "https://api.venice.ai/api/v1",
        ("VENICE_API_KEY",),
        docs="https://docs.venice.ai",
        notes="errors are plain strings",
        open_list=True,
    ),
    Preset(
        "ollama-cloud",
        "https://ollama.com/v1",
        ("OLLAMA_API_KEY",),
        docs="https://docs.ollama.com/cloud",
        open_list=True,
    ),
    Preset(
        "huggingface",
        "https://router.huggingface.co/v1",
        ("HF_TOKEN",),
        chosen_by_key=False,  # the variable is there for downloads as well
        docs="https://huggingface.co/docs/inference-providers",
        notes="several back-ends behind one host",
        open_list=True,
    ),
    Preset(
        "vllm",
        "http://localhost:8000/v1",
        ("VLLM_API_KEY",),
        quirks=_SCHEMA,
        needs_key=False,
        docs="https://docs.vllm.ai",
    ),
    Preset(
        "lm-studio",
        "http://localhost:1234/v1",
        ("LM_STUDIO_API_KEY", "LM_API_TOKEN"),
        quirks=_SCHEMA,
        needs_key=False,
        also={"anthropic": "http://localhost:1234"},
        docs="https://lmstudio.ai/docs",
    ),
    Preset(
        "litellm",
        "http://localhost:4000/v1",
        ("LITELLM_API_KEY", "LITELLM_PROXY_API_KEY"),
        needs_key=False,
        docs="https://docs.litellm.ai",
        notes="a proxy that you run; kit only talks to it",
    ),
    Preset(
        "ollama",
        "http://localhost:11434/v1",
        quirks=_SCHEMA,
        needs_key=False,
        address_env="OLLAMA_HOST",
        address_path="/v1",
        docs="https://docs.ollama.com",
        notes="errors are plain strings",
    ),
    Preset(
        "llama-cpp",
        "http://127.0.0.1:8080/v1",
        ("LLAMA_API_KEY",),
        quirks=_SCHEMA,
        needs_key=False,
        model="default",  # one model is loaded, whatever it is called
        also={"anthropic": "http://127.0.0.1:8080"},
        chosen_by_key=False,  # a name that other services use too
        docs="https://github.com/ggml-org/llama.cpp",
        notes="503 while the model loads, 501 for what it was not built for",
    ),
    Preset(
        "github",
        "https://models.github.ai/inference",
        ("GITHUB_TOKEN",),
        hosts=("models.inference.ai.azure.com",),
        exact=("https://models.inference.ai.azure.com",),
        chosen_by_key=False,
        docs="https://github.com/orgs/community/discussions/203602",
        retired="GitHub Models was retired on 2026-07-30",
    ),
    Preset(
        "local",
        "",
        api="local",
        auth="none",
        quirks=_SCHEMA,
        needs_key=False,
        model="smollm2-135m",
        notes="a small model inside kit: a demo that needs no network",
    ),
    Preset(
        "fake",
        "",
        api="fake",
        auth="none",
        needs_key=False,
        model="fake",
        notes="answers with its profile's replies, in order",
    ),
)

PRESETS: Mapping[str, Preset] = MappingProxyType({row.name: row for row in _ROWS})
"""In the order in which their usual key variables are looked for."""
