"""An export is written whole, for its owner, or not at all."""

import errno
import os
import stat
import sys
from pathlib import Path

import pytest

from tokentray.errors import TokenTrayError
from tokentray.export.files import Placed, digest, place, problem, write_private_bytes
from tokentray.paths import file_mark


def test_a_new_file_is_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "november.md"
    write_private_bytes(path, "≈ $1\r\n".encode())
    assert path.read_bytes() == "≈ $1\r\n".encode()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [found for found in tmp_path.iterdir() if found.is_file()] == [path]


def test_an_existing_file_is_replaced_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "november.md"
    path.write_text("old")
    path.chmod(0o644)
    write_private_bytes(path, b"new")
    assert path.read_text() == "new"
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_link_is_followed(tmp_path: Path) -> None:
    target, link = tmp_path / "target.md", tmp_path / "link.md"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this account may not make links")
    write_private_bytes(link, b"text")
    assert link.is_symlink()
    assert target.read_text() == "text"


def test_a_link_in_a_circle_is_an_error_of_ours(tmp_path: Path) -> None:
    link = tmp_path / "link.md"
    try:
        link.symlink_to(link)
    except OSError:
        pytest.skip("this account may not make links")
    with pytest.raises(TokenTrayError, match="The export was not written"):
        write_private_bytes(link, b"text")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TokenTrayError, match="is a folder"):
        write_private_bytes(tmp_path, b"text")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TokenTrayError, match=r"there is no folder .*nowhere"):
        write_private_bytes(tmp_path / "nowhere" / "november.md", b"text")


def test_a_file_in_the_place_of_a_folder_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(TokenTrayError, match="The export was not written"):
        write_private_bytes(tmp_path / "file" / "november.md", b"text")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "there is no room"),
        (errno.EACCES, "no permission to write"),
        (errno.EPERM, "no permission to write"),
        (errno.EROFS, "no permission to write"),
        (errno.ENOTDIR, "is no folder"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_each_failure_has_its_words(number: int, words: str) -> None:
    error = problem(OSError(number, os.strerror(number)), Path("november.md"))
    assert words in error.message
    assert error.hint, "what to do is said of each"
    assert error.exit_status == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
def test_a_device_is_written_to_and_not_replaced() -> None:
    """`-o /dev/stdout` works; /dev/full says what a full disk does."""
    write_private_bytes(Path("/dev/null"), b"text")
    assert not Path("/dev/null").is_file()
    with pytest.raises(TokenTrayError, match="there is no room"):
        write_private_bytes(Path("/dev/full"), b"text")


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
            write_private_bytes(path, b"x" * (2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "old"
    assert [found for found in tmp_path.iterdir() if found.is_file()] == [path]


def test_a_file_of_ours_that_nobody_changed_is_replaced(tmp_path: Path) -> None:
    """It is known by its digest, whatever it is called in the record, and keeps its mode."""
    first = place(tmp_path, "october.md", b"first", frozenset())
    assert first == Placed(tmp_path / "october.md")
    if os.name == "posix":
        assert stat.S_IMODE(first.path.stat().st_mode) == 0o600
    first.path.chmod(0o640)
    assert place(tmp_path, "october.md", b"second", {digest(b"first")}) == first
    assert first.path.read_bytes() == b"second"
    if os.name == "posix":
        assert stat.S_IMODE(first.path.stat().st_mode) == 0o640
    assert list(tmp_path.glob("*.md")) == [first.path]


def test_what_is_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    """Not even written anew: a synchronised folder would take it for a change."""
    path = tmp_path / "october.md"
    path.write_bytes(b"same")
    before = file_mark(path)
    assert place(tmp_path, "october.md", b"same", frozenset()) == Placed(path)
    assert file_mark(path) == before


def test_a_file_that_somebody_changed_stays_and_the_export_goes_beside_it(tmp_path: Path) -> None:
    """And the next export replaces what lies beside it, rather than make a third."""
    path, beside = tmp_path / "october.md", tmp_path / "october (2).md"
    path.write_bytes(b"first, with a remark")
    ours = {digest(b"first")}
    assert place(tmp_path, "october.md", b"second", ours) == Placed(beside, path)
    assert place(tmp_path, "october.md", b"third", {*ours, digest(b"second")}) == Placed(beside, path)
    assert path.read_bytes() == b"first, with a remark"
    assert beside.read_bytes() == b"third"
    assert place(tmp_path, "october.md", b"fourth", ours) == Placed(tmp_path / "october (3).md", path)


def test_a_file_of_ours_that_somebody_made_read_only_stays(tmp_path: Path) -> None:
    """Its folder would let it be replaced; who protects a file means it to stay. What it says already is no change."""
    path = tmp_path / "october.md"
    path.write_bytes(b"first")
    path.chmod(0o444)
    ours = {digest(b"first")}
    assert place(tmp_path, "october.md", b"first", ours) == Placed(path)
    assert place(tmp_path, "october.md", b"second", ours) == Placed(tmp_path / "october (2).md", path)
    assert path.read_bytes() == b"first"
    path.chmod(0o644)
    assert place(tmp_path, "october.md", b"third", ours) == Placed(path)


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    """A folder of that name, and a link that leads nowhere."""
    (tmp_path / "october.md").mkdir()
    try:
        (tmp_path / "october (2).md").symlink_to(tmp_path / "gone.md")
    except OSError:
        pytest.skip("this account may not make links")
    placed = place(tmp_path, "october.md", b"text", frozenset())
    assert placed == Placed(tmp_path / "october (3).md", tmp_path / "october.md")
    assert not (tmp_path / "gone.md").exists()


def test_a_link_to_a_file_of_ours_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "elsewhere.md", tmp_path / "october.md"
    path.write_bytes(b"first")
    try:
        link.symlink_to(path)
    except OSError:
        pytest.skip("this account may not make links")
    assert place(tmp_path, "october.md", b"second", {digest(b"first")}) == Placed(link)
    assert link.is_symlink()
    assert path.read_bytes() == b"second"


def test_a_folder_with_nothing_but_others_files_is_said(tmp_path: Path) -> None:
    """Numbers are not counted up for ever."""
    for number in range(1, 120):
        (tmp_path / ("october.md" if number == 1 else f"october ({number}).md")).write_bytes(b"x")
    with pytest.raises(TokenTrayError, match="too many files called october"):
        place(tmp_path, "october.md", b"text", frozenset())


@pytest.mark.parametrize("folder", ["gone", "file"])
def test_a_folder_that_is_none_is_said(tmp_path: Path, folder: str) -> None:
    """Gone, or a file in its place: nothing is made."""
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(TokenTrayError, match="The export was not written"):
        place(tmp_path / folder, "october.md", b"text", frozenset())
    assert [found.name for found in tmp_path.iterdir() if found.name != "home"] == ["file"]


@pytest.mark.skipif(os.name != "posix", reason="a limit on the size of files is Unix's")
def test_a_file_of_ours_survives_a_full_disk(tmp_path: Path) -> None:
    """Nothing lies beside it, half written."""
    import resource

    path = tmp_path / "october.md"
    path.write_bytes(b"first")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, limits[1]))
    try:
        with pytest.raises(TokenTrayError, match="there is no room"):
            place(tmp_path, "october.md", b"x" * (2 << 20), {digest(b"first")})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_bytes() == b"first"
    assert [found for found in tmp_path.iterdir() if found.is_file()] == [path]
