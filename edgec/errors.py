"""The one error that a user sees: where it is, what is wrong, what to do about it."""


class EdgecError(Exception):
    """A problem with the user's input or machine, to be shown without a traceback (exit code 2).

    ``where`` names the file, node or option; ``what`` says what is wrong; ``hint`` says what to do.
    """

    def __init__(self, where: str, what: str, hint: str) -> None:
        super().__init__(where, what, hint)
        self.where = where
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.where}: {self.what}\n  -> {self.hint}"
