"""The way back: the questions that a window has asked, and where among them it is."""

from tokentray.question import Question

_MOST = 100


class Asked:
    """Questions in the order they were asked. A new one forgets those that lay ahead."""

    def __init__(self) -> None:
        self._questions: list[Question] = []
        self._at = -1

    @property
    def question(self) -> Question | None:
        """The one the window is at."""
        return self._questions[self._at] if self._at >= 0 else None

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at + 1 < len(self._questions)

    def put(self, question: Question) -> None:
        """The window asks this now. What only shows the same in another way takes the place of the question before."""
        before = self.question
        if before == question:
            return
        if before is not None and _same_place(before, question):
            self._questions[self._at] = question
            return
        self._questions[self._at + 1 :] = [question]
        del self._questions[:-_MOST]
        self._at = len(self._questions) - 1

    def go(self, step: int) -> Question | None:
        """One back (-1) or forward (1): the question there, None where there is none."""
        if not 0 <= self._at + step < len(self._questions):
            return None
        self._at += step
        return self._questions[self._at]


def _same_place(one: Question, other: Question) -> bool:
    """Whether two questions differ in no more than what is sorted, switched off, picked or selected, or in the words of
    a filter that is being typed.
    """
    typed = bool(one.text) and bool(other.text)
    return _place(one, typed=typed) == _place(other, typed=typed)


def _place(question: Question, *, typed: bool) -> Question:
    text = "" if typed else question.text
    return question._replace(text=text, hidden=(), picked=(), selected=None, sort="", descending=True)
