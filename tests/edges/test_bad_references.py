"""What is no id: told as such, with exit code 2 and no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor import cli
from monitor.store.archive import Archive

FAR = "99999999999999999999"


@pytest.mark.parametrize(
    "arguments",
    [
        ("label", FAR, "relevant"),
        ("label", "\u00b2", "relevant"),
        ("label", "9" * 5000, "relevant"),
        ("label", "9223372036854775808", "relevant"),
        ("label", "http://[", "relevant"),
        ("explain", FAR),
        ("explain", "\u00b2"),
        ("explain", "\u0663"),
        ("explain", "-1"),
        ("explain", ""),
        ("story", "split", FAR),
        ("story", "show", FAR),
        ("silence", "lift", FAR),
        ("suggest", "--limit", FAR),
        ("hits", "--limit", FAR),
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_a_bad_id_ends_with_2_and_says_what_is_wrong(
    arguments: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "feeds.yaml").write_text(f"archive: {tmp_path}/a.db\n", encoding="utf-8")
    Archive.open(tmp_path / "a.db").close()
    monkeypatch.setattr("sys.argv", ["regwatch", "--config", str(tmp_path / "feeds.yaml"), *arguments])  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert arguments[-1][:20] in said or arguments[1][:20] in said
