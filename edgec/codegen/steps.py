"""A step of the schedule as a C function of its own: so that its registers are its own, and its bytes can be told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgec.codegen.ctree import (
    BinOp,
    Block,
    Call,
    Cast,
    ConstArray,
    ConstStruct,
    Declare,
    Evaluate,
    Expr,
    For,
    Function,
    If,
    Int,
    Name,
    ReturnValue,
    Stmt,
    add,
)
from edgec.codegen.emitter import C_TYPES, ArrayKey, Emitter
from edgec.codegen.kernels.registry import fallible
from edgec.codegen.model import Model, Place
from edgec.ir import Value


@dataclass(frozen=True)
class StepCode:
    """What a step does, before it is a function: statements, and what they use."""

    name: str
    statements: Sequence[Stmt]
    pointers: Mapping[str, tuple[str, Expr]]
    """Name of a pointer into the arena or to a buffer of the caller's -> its type, and where it points."""
    structs: Sequence[ConstStruct]
    weights: Sequence[ConstArray]
    borrowed: Sequence[ConstArray] = ()
    """Arrays of earlier steps that this one reads, too."""

    @property
    def weights_bytes(self) -> int:
        """Bytes of the arrays that the step keeps in flash."""
        return sum(array.data.nbytes for array in self.weights)

    @property
    def constants(self) -> dict[str, str]:
        """Name of a constant that the step reads -> its type, that of an array with a star."""
        arrays = {array.name: f"const {array.type} *" for array in (*self.weights, *self.borrowed)}
        return {**arrays, **{struct.name: f"const {struct.type}" for struct in self.structs}}


def step_code(
    model: Model, index: int, names: Mapping[Value, str], prefix: str, others: Mapping[ArrayKey, ConstArray]
) -> StepCode:
    """The code of one step, by its kernel; ``others`` are arrays of earlier steps."""
    step, kernel = model.schedule.steps[index], model.kernels[index]
    pointers = _Recorder(names)
    scratch = model.problem.of_scratch.get(index)
    emitter = Emitter(prefix + names[step.results[0]], pointers, None if scratch is None else "scratch", others)
    statements = list(kernel.emit(emitter))
    used = {name: (f"{ctype(value)} *", place_of(model, value)) for value, name in pointers.asked.items()}
    if scratch is not None:
        used["scratch"] = ("void *", arena_pointer("void", model.place_of(scratch)))
    name = f"step{index}_{'_'.join(op.opname for op in step.ops)}"
    return StepCode(name, statements, used, emitter.structs, emitter.arrays, emitter.borrowed)


def function(name: str, parameters: Sequence[tuple[str, str]], body: Sequence[Stmt]) -> Function:
    """The function of a step, or of several; it returns a code if anything in it can fail."""
    body = [*body, Evaluate(Call("EDGEC_EFFECT", ()))]
    if returns(body):
        return Function("EDGEC_FUNCTION int32_t", name, parameters, [*body, ReturnValue(Name("EDGEC_OK"))])
    return Function("EDGEC_FUNCTION void", name, parameters, body)


def call(callee: Function, arguments: Sequence[Expr]) -> Stmt:
    """Its call in ``<name>_run``."""
    made = Call(callee.name, tuple(arguments))
    return fallible(made) if "int32_t" in callee.returns else Evaluate(made)


def own_function(model: Model, code: StepCode) -> tuple[Function, Stmt]:
    """The function of one step and its call.

    It gets the base of each memory in which anything lies that it touches, and the pointers to buffers of the caller's.
    """
    inside = {name: place for name, place in code.pointers.items() if _base_of(model, place[1])}
    given = {name: place for name, place in code.pointers.items() if name not in inside}
    needed = {_base_of(model, place) for _, place in inside.values()}
    bases = [base for base, _ in model.bases.values() if base in needed]
    declared = [Declare(f"{type}const", name, place) for name, (type, place) in inside.items()]
    parameters = [("unsigned char *const", base) for base in bases]
    parameters += [(f"{type}const", name) for name, (type, _) in given.items()]
    made = function(f"{model.name}_{code.name}", parameters, [*declared, *code.statements])
    return made, call(made, [*map(Name, bases), *(place for _, place in given.values())])


def _base_of(model: Model, place: Expr) -> str | None:
    """The name of the pointer to the memory in which a place is; None for buffers of the caller's."""
    match place:
        case Name(text) if text in dict(model.bases.values()):
            return text
        case Cast(value=inner) | BinOp(left=inner):
            return _base_of(model, inner)
    return None


class _Recorder(dict[Value, str]):
    """Names of pointers, noting which ones are asked for, in order."""

    def __init__(self, names: Mapping[Value, str]) -> None:
        super().__init__({value: f"v_{name}" for value, name in names.items()})
        self.asked: dict[Value, str] = {}

    def __getitem__(self, value: Value) -> str:
        name = super().__getitem__(value)
        self.asked[value] = name
        return name


def returns(statements: Sequence[Stmt]) -> bool:
    """Whether any of them ends the function."""
    for statement in statements:
        match statement:
            case ReturnValue():
                return True
            case For(body=body) | If(body=body) | Block(body=body) if returns(body):
                return True
    return False


def ctype(value: Value) -> str:
    """The C type of a value's elements."""
    return C_TYPES[value.type.dtype]


def arena_pointer(type: str, place: Place) -> Expr:
    """Through ``void *``, because the arena is aligned and the compiler cannot know."""
    pointer = Cast("void *", add(Name(place.base), Int(place.offset)))
    return pointer if type == "void" else Cast(f"{type} *", pointer)


def place_of(model: Model, value: Value) -> Expr:
    """Where a value lies: in the arena, or in the buffer that the caller gave for the port whose storage it shares."""
    place = model.place(value)
    if place is not None:
        return arena_pointer(ctype(value), place)
    for struct, ports in (("inputs", model.inputs), ("outputs", model.outputs)):
        for port in ports:
            if model.schedule.storage(port.value) is model.schedule.storage(value):
                field = Name(f"{struct}->{port.c_name}")
                return field if port.ctype == ctype(value) else Cast(f"{ctype(value)} *", field)
    raise ValueError(f"%{value.name} has no place")
