"""How a case ended, and by which words a refusal is told from another."""

import re
from dataclasses import dataclass
from enum import Enum

from suite_cases import Case


class Status(Enum):
    """The value is how reports call it."""

    PASSED = "passed"
    REFUSED = "refused"
    WRONG = "wrong"
    CRASHED = "crashed"
    INTERNAL = "internal error"


DEFECTS = (Status.WRONG, Status.CRASHED, Status.INTERNAL)

_NOISE = "the suite expects rounding noise of 1.9e-7, of NumPy's transform in float32, where the exact value is 0"
DISPUTED = {"test_dft_inverse": _NOISE, "test_dft_inverse_opset19": _NOISE}
"""Cases that count as wrong, though what is wrong is the expected output: the only ones that may. NumPy 2 generates it
otherwise than NumPy 1 did, by more than the suite's tolerance."""


@dataclass(frozen=True)
class Outcome:
    """How one case ended.

    ``bound``: inputs that were made constants, because edgec refuses the model otherwise. ``reason`` is the category of
    a refusal, ``detail`` its text, or what differs, or what broke.
    """

    case: Case
    status: Status
    detail: str = ""
    reason: str = ""
    bound: tuple[str, ...] = ()

    @property
    def evaluated(self) -> bool:
        """Whether all inputs are bound, so that what runs is a copy of a constant."""
        return bool(self.bound) and set(self.bound) == set(self.case.inputs)

    @property
    def label(self) -> str:
        """Why it did not pass: the category of the refusal, or how else it ended."""
        disputed = DISPUTED.get(self.case.name) if self.status is Status.WRONG else None
        return self.reason or (f"{self.status.value}: {disputed}" if disputed else self.status.value)

    @property
    def defect(self) -> bool:
        """Whether it must not have ended so."""
        disputed = self.status is Status.WRONG and self.case.name in DISPUTED
        return self.status in DEFECTS and not disputed


NOT_CONSTANT = re.compile(r"(are|is) not constant|must be (a )?constant|--bind")
"""What a refusal says if an operand has to be known at import."""

OPERATOR = "operator not supported"
ELEMENT_TYPE = "element type"
FORM = "attribute form not supported"
OPSET = "opset"
EMPTY = "empty tensor"
OPERAND = "operand not constant"
OTHER = "other"

# The first that fits a refusal's text names its category; the group of the expression, if there is one, is appended.
_REASONS = (
    (re.compile(r"has element type (\w+)"), ELEMENT_TYPE),
    (re.compile(r"reads a (\w+) constant"), ELEMENT_TYPE),
    (re.compile(r"computes in (\w+)"), ELEMENT_TYPE),
    (re.compile(r"no conversion of (\w+)"), ELEMENT_TYPE),
    (re.compile(r"only, not (\w+)"), ELEMENT_TYPE),
    (re.compile(r"shift_\w+ of (\w+) and"), ELEMENT_TYPE),
    (re.compile(r"is of opset"), OPSET),
    (re.compile(r"is not supported"), OPERATOR),
    (NOT_CONSTANT, OPERAND),
    (re.compile(r"empty"), EMPTY),
    (re.compile(r"only .* supported|is '\w+'|which edgec does not compute|works on"), FORM),
)


def refusal(case: Case, what: str) -> str:
    """The category of a refusal: what the case itself is says most, then the words of the message."""
    if case.outside is not None:
        return case.outside
    for pattern, name in _REASONS:
        if found := pattern.search(what):
            return f"{name} {_type_name(found[1])}" if name == ELEMENT_TYPE else name
    return OTHER


def _type_name(name: str) -> str:
    """ONNX's name of an element type, from that of the IR or of NumPy."""
    short = re.fullmatch(r"([fiu])(\d+\w*)", name)
    if short:
        name = {"f": "float", "i": "int", "u": "uint"}[short[1]] + short[2]
    return {"bf16": "bfloat16", "float64": "double", "float32": "float", "float4_e2m1fn": "float4e2m1"}.get(
        name, name.replace("_", "")
    )
