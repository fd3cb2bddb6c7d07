"""An export is written whole, for its owner, or not at all."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from tokentray.errors import TokenTrayError
from tokentray.export.files import problem, write_private


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "november.md"
    write_private(path, "≈ $1\r\n")
    assert path.read_bytes() == "≈ $1\r\n".encode()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found for found in tmp_path.iterdir() if found.is_file()] == [path]


def test_an_existing_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "november.md"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.read_text() == "new"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.md", tmp_path / "link.md"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this account may not make links")
    write_private(link, "text")
    assert link.is_symlink()
    assert target.read_text() == "text"


def test_a_link_in_a_circle_is_an_error_of_ours(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    try:
        link.symlink_to(link)
    except OSError:
        pytest.skip("this account may not make links")
    with pytest.raises(TokenTrayError, match="The export was not written"):
        write_private(link, "text")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenTrayError, match="is a folder"):
        write_private(tmp_path, "text")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TokenTrayError, match=r"there is no folder .*nowhere"):
        write_private(tmp_path / "nowhere" / "november.md", "text")


def test_a_file_in_the_place_of_a_folder_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TokenTrayError, match="The export was not written"):
        write_private(tmp_path / "file" / "november.md", "text")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "there is no room"),
        (errno.EACCES, "no permission to write"),
        (errno.EPERM, "no permission to write"),
        (errno.EROFS, "no permission to write"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_each_failure_has_its_words(number: int, words: str) -> None:
    error = problem(OSError(number, os.strerror(number)), Path("november.md"))
    assert words in str(error)
    assert error.exit_status == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_a_device_is_written_to_and_not_replaced() -> None:
    """`-o /dev/stdout` works; /dev/full says what a full disk does."""
    write_private(Path("/dev/null"), "text")
    assert not Path("/dev/null").is_file()
    with pytest.raises(TokenTrayError, match="there is no room"):
        write_private(Path("/dev/full"), "text")


@pytest.mark.skipif(os.name != "posix", reason="a limit on the size of files is Unix's")
def test_what_was_there_survives_a_full_disk(tmp_path: Path) -> None:
    """The new text breaks off half way: the old file is whole and no part of the new one is left."""
    import resource

    path = tmp_path / "november.md"
    path.write_text("old")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(TokenTrayError, match="there is no room"):
            write_private(path, "x" * (2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "old"
    assert [found for found in tmp_path.iterdir() if found.is_file()] == [path]
