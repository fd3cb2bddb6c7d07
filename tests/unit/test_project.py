"""Which project a folder belongs to: one for a repository, its worktrees and its subfolders."""

import os
from pathlib import Path

import pytest

from tokentray.agents.project import project_root, slug
from tokentray.store.names import project_name


@pytest.mark.parametrize(
    ("cwd", "root"),
    [
        ("", ""),
        ("/gone/shop", "/gone/shop"),
        ("/gone/shop/", "/gone/shop"),
        ("/gone/shop/.claude/worktrees/blue-fish", "/gone/shop"),
        ("/gone/shop/.claude/worktrees/blue-fish/src/deep", "/gone/shop"),
        ("/gone/shop/.codex/worktrees/a1", "/gone/shop"),
        ("/gone/shop/.git/worktrees/a1", "/gone/shop"),
        ("/gone/shop/.worktrees/2/src", "/gone/shop"),
        # The innermost worktree decides where one lies inside another's folder.
        ("/gone/shop/.worktrees/2/.claude/worktrees/x", "/gone/shop/.worktrees/2"),
        # A folder that is merely called so is nobody's worktree.
        ("/gone/worktrees/shop", "/gone/worktrees/shop"),
        ("/gone/shop/.worktrees", "/gone/shop/.worktrees"),
        (r"D:\src\shop", r"D:\src\shop"),
        (r"D:\src\shop\.claude\worktrees\blue-fish\src", r"D:\src\shop"),
        ("D:/src/shop/.worktrees/2", r"D:\src\shop"),
        (r"\\server\share\shop\.worktrees\2", r"\\server\share\shop"),
    ],
)
def test_names_alone(cwd: str, root: str) -> None:
    """Folders that are gone, or are another system's, are told apart by their names."""
    assert project_root(cwd) == root


@pytest.mark.parametrize(
    ("cwd", "began_in", "root"),
    [
        ("/gone/my_shop/web/src", "-gone-my-shop", "/gone/my_shop"),
        ("/gone/my_shop", "-gone-my-shop", "/gone/my_shop"),
        ("/gone/other", "-gone-my-shop", "/gone/other"),
        (r"D:\src\shop\web", "D--src-shop", r"D:\src\shop"),
        ("/gone/shop/.claude/worktrees/x/web", "-gone-shop--claude-worktrees-x", "/gone/shop"),
    ],
)
def test_a_session_that_walks_stays_one_project(cwd: str, began_in: str, root: str) -> None:
    """The folder that the session began in is the project, also once it is gone."""
    assert project_root(cwd, began_in) == root


def test_slug() -> None:
    """Every character but ASCII letters and digits becomes a dash, as Claude Code has it."""
    assert slug("/home/ana/my_shop.v2 ä") == "-home-ana-my-shop-v2--"


def test_repository_on_disk(tmp_path: Path) -> None:
    """A subfolder belongs to the repository above it; a repository inside another is its own project."""
    inner = tmp_path / "shop" / "vendor" / "lib"
    (inner / "src").mkdir(parents=True)
    (tmp_path / "shop" / ".git").mkdir()
    assert project_root(str(inner / "src")) == str(tmp_path / "shop")
    project_root.cache_clear()
    (inner / ".git").mkdir()
    assert project_root(str(inner / "src")) == str(inner)
    assert project_root(str(tmp_path / "shop" / "gone" / "deeper")) == str(tmp_path / "shop")


@pytest.mark.parametrize("relative", [False, True])
def test_linked_worktree_on_disk(tmp_path: Path, relative: bool) -> None:
    """`git worktree add` leaves a file that points at the main checkout, absolute or relative: same project."""
    repo = tmp_path / "shop"
    (repo / ".git" / "worktrees" / "hotfix").mkdir(parents=True)
    tree = tmp_path / "elsewhere" / "hotfix"
    (tree / "src").mkdir(parents=True)
    target = repo / ".git" / "worktrees" / "hotfix"
    text = os.path.relpath(target, tree) if relative else str(target)
    (tree / ".git").write_text(f"gitdir: {text}\n", encoding="utf-8")
    assert project_root(str(tree / "src")) == str(repo)


@pytest.mark.parametrize(("bare", "root"), [("shop.git", "shop.git"), ("shop/.bare", "shop")])
def test_worktrees_of_a_bare_repository(tmp_path: Path, bare: str, root: str) -> None:
    """They have no main checkout: together they are the bare repository, or the folder that hides it."""
    for name in ("main", "hotfix"):
        tree = tmp_path / "trees" / name
        tree.mkdir(parents=True)
        (tree / ".git").write_text(f"gitdir: {tmp_path / bare / 'worktrees' / name}\n", encoding="utf-8")
        assert project_root(str(tree)) == str(tmp_path / root)


@pytest.mark.parametrize("content", [b"gitdir: ../.git/modules/lib\n", b"", b"\xff\x00nonsense", b"gitdir:"])
def test_submodule_or_nonsense_is_its_own_project(tmp_path: Path, content: bytes) -> None:
    """A .git file that is no worktree's makes its own folder the project."""
    lib = tmp_path / "shop" / "lib"
    lib.mkdir(parents=True)
    (tmp_path / "shop" / ".git").mkdir()
    (lib / ".git").write_bytes(content)
    assert project_root(str(lib)) == str(lib)


@pytest.mark.parametrize("cwd", ["/" + "x" * 5000, "/gone/\x00/x", "relative/folder", "/", ".", "\ufffd", "C:"])
def test_odd_folders_never_raise(cwd: str) -> None:
    """Whatever a log says its folder was, there is an answer."""
    assert project_root(cwd)


@pytest.mark.parametrize(
    ("root", "name"),
    [
        ("", ""),
        ("/home/ana/shop", "shop"),
        (r"D:\src\shop", "shop"),
        ("D:/src/shop", "shop"),
        (r"\\server\share\shop", "shop"),
        ("/", "/"),
        (r"D:\\", "D:\\"),
    ],
)
def test_project_name(root: str, name: str) -> None:
    """A project is called as its own folder is: no path is ever shown."""
    assert project_name(root) == name
