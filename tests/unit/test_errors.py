"""How an error reads on one line."""

import pytest

from tokentray.errors import RefusedError, TokenTrayError


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (TokenTrayError("Key refused"), "Key refused"),
        (TokenTrayError("Key refused", "it is old", "Replace it"), "Key refused: it is old. Replace it"),
        (RefusedError("Which part is yours?", "Dana; Kim", "Say which"), "Which part is yours? Dana; Kim. Say which"),
        (TokenTrayError("OAuth token", "It is another's.", "Make one"), "OAuth token: It is another's. Make one"),
        (TokenTrayError("No key", "", "Paste one"), "No key. Paste one"),
    ],
)
def test_one_line_with_its_marks_once(error: TokenTrayError, line: str) -> None:
    """Parts that end in a mark of their own get no second one."""
    assert str(error) == line
