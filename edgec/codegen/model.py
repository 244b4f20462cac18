"""Graph + schedule + memory plan -> the C of one model: header, source, weights, and what the manifest says of them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edgec.codegen.binary import BINARY_FROM, binary_weights
from edgec.codegen.ctree import (
    Address,
    Assign,
    BinOp,
    Block,
    Call,
    Cast,
    CModule,
    Comment,
    ConstArray,
    Declare,
    Define,
    Evaluate,
    Expr,
    ExternArray,
    For,
    Function,
    If,
    Include,
    Int,
    Name,
    ReturnValue,
    Stmt,
    StructType,
    TopLevel,
    add,
)
from edgec.codegen.emitter import C_TYPES, Emitter, Kernel
from edgec.codegen.kernels import select
from edgec.codegen.text import expression, render
from edgec.ir import Const, Graph, Op, Value, print_op
from edgec.schedule import ALIGN, MemoryPlan, Problem, Schedule, storage

_KEYWORDS = frozenset(
    """auto break case char const continue default do double else enum extern float for goto if inline int long
    register restrict return short signed sizeof static struct switch typedef union unsigned void volatile
    while""".split()  # noqa: SIM905 - words are easier to read than a list of strings
)


def c_identifier(name: str) -> str:
    """A valid C identifier close to ``name``."""
    text = re.sub(r"\W", "_", name, flags=re.ASCII)
    return f"_{text}" if not text or text[0].isdigit() or text in _KEYWORDS else text


@dataclass(frozen=True)
class Port:
    """One input or output of the model."""

    name: str
    c_name: str
    value: Value


@dataclass(frozen=True)
class StepInfo:
    """What the manifest and the report say of one step."""

    op: Op
    kernel: str
    weights_bytes: int


@dataclass(frozen=True)
class Model:
    """Everything that codegen needs: ``kernels`` are those of the schedule's steps, in order."""

    name: str
    graph: Graph
    schedule: Schedule
    kernels: tuple[Kernel, ...]
    problem: Problem
    plan: MemoryPlan
    io_in_arena: bool

    def offset(self, value: Value) -> int | None:
        """Offset of a value in the arena, or None if it lies in the caller's memory."""
        index = self.problem.of_value.get(value)
        return None if index is None else self.plan.offsets[index]

    @property
    def inputs(self) -> list[Port]:
        """The inputs that the caller gives."""
        return _ports(self.graph.given)

    @property
    def outputs(self) -> list[Port]:
        """The outputs that the caller gets."""
        return _ports(self.graph.returned)

    @property
    def states(self) -> list[tuple[Port, str]]:
        """Inputs that are kept between runs, each with the output that is its next value."""
        named = zip(self.graph.input_names, self.graph.inputs, strict=True)
        ports = _ports({n: v for n, v in named if v in self.graph.states})
        return [(port, self.graph.states[port.value]) for port in ports]


@dataclass(frozen=True)
class Emitted:
    """Files of the model (name -> content), the runtime headers it includes, and its steps."""

    files: Mapping[str, str | bytes]
    headers: tuple[str, ...]
    steps: tuple[StepInfo, ...]


def choose_kernels(schedule: Schedule) -> tuple[Kernel, ...]:
    """The kernel of each step; EdgecError for an operator in a form that none serves."""
    return tuple(select(op) for op in schedule.steps)


def emit_model(model: Model, command: str = "", binary: bool | None = None) -> Emitted:
    """Write the C of a model; ``binary``: its constants as a binary file, by default if they are large."""
    if binary is None:
        binary = sum(op.data.nbytes for op in model.graph.ops if isinstance(op, Const)) >= BINARY_FROM
    # Symbols that the linker sees begin with the model's name.
    prefix = f"{model.name}_" if binary else ""
    names = _value_names(model.graph)
    body: list[Stmt] = []
    used: dict[str, None] = {}
    items: list[TopLevel] = []
    weights: list[ConstArray] = []
    steps = []
    pointers = _Recorder({v: f"v_{n}" for v, n in names.items()}, used)
    for index, (op, kernel) in enumerate(zip(model.schedule.steps, model.kernels, strict=True)):
        scratch = model.problem.of_scratch.get(index)
        emitter = Emitter(prefix + names[op.results[0]], pointers, None if scratch is None else f"scratch_{index}")
        statements = list(kernel.emit(emitter))
        if scratch is not None:
            place = _arena_pointer("void", model.plan.offsets[scratch])
            statements = [Block([Declare("void *const", f"scratch_{index}", place), *statements])]
        body += [Comment(print_op(op, model.graph)), _step_hook(index), *statements]
        items += emitter.structs
        weights += emitter.arrays
        steps.append(StepInfo(op, kernel.name, emitter.weights_bytes))
    states = [_keep(model, value, pointers) for value in model.graph.states]
    body += [Comment("The end."), _step_hook(len(steps)), *states, ReturnValue(Name("EDGEC_OK"))]

    headers = tuple(sorted({*(k.header for k in model.kernels), *(["memory.h"] if states else [])}))
    source = CModule(
        [
            Comment(f"{model.name}: generated by edgec, do not edit.\n{command}".rstrip()),
            Include(f"{model.name}.h"),
            *(Include(f"edgec/{h}") for h in headers),
            *([Include(f"{model.name}_weights.h")] if weights else []),
            *items,
            *_functions(model, body, {name: value for value, name in names.items() if f"v_{name}" in used}),
        ]
    )
    files: dict[str, str | bytes] = {
        f"{model.name}.h": render(_header(model)),
        f"{model.name}.c": render(source),
    }
    if weights:
        comment = Comment(f"Constants of {model.name}, each in the order in which its kernel reads it.")
        guard = f"{model.name.upper()}_WEIGHTS_H"
        declared: list[TopLevel] = [*weights]
        if binary:
            files.update(binary_weights(model.name, weights))
            declared = [ExternArray(a.type, a.name, a.data.size) for a in weights]
        files[f"{model.name}_weights.h"] = render(CModule([comment, Include("edgec/core.h"), *declared], guard))
    return Emitted(files, ("core.h", *headers), tuple(steps))


def _keep(model: Model, state: Value, pointers: Mapping[Value, str]) -> Stmt:
    """At the end of a run: the output that is the state of the next one goes to where that is read."""
    new = dict(zip(model.graph.output_names, model.graph.outputs, strict=True))[model.graph.states[state]]
    places = (Name(pointers[state]), Name(pointers[new]))
    return Evaluate(Call("EDGEC_MEMCPY", (*places, Int(state.type.bytes))))


class _Recorder(dict[Value, str]):
    """Names of pointers, noting which ones are asked for, in order."""

    def __init__(self, names: Mapping[Value, str], used: dict[str, None]) -> None:
        super().__init__(names)
        self.used = used

    def __getitem__(self, value: Value) -> str:
        name = super().__getitem__(value)
        self.used[name] = None
        return name


def _value_names(graph: Graph) -> dict[Value, str]:
    """A unique C name for every value, upper and lower case aside."""
    taken: set[str] = set()
    names = {}
    for value in graph.values():
        base = re.sub(r"\W", "_", value.name, flags=re.ASCII)
        if base[0].isdigit():
            base = f"t{base}"
        name, number = base, 1
        while name.lower() in taken:
            number += 1
            name = f"{base}_{number}"
        taken.add(name.lower())
        names[value] = name
    return names


def _ports(named: Mapping[str, Value]) -> list[Port]:
    ports: list[Port] = []
    for name, value in named.items():
        base = c_identifier(name)
        c_name, number = base, 1
        while c_name in {p.c_name for p in ports}:
            number += 1
            c_name = f"{base}_{number}"
        ports.append(Port(name, c_name, value))
    return ports


def _step_hook(index: int) -> Stmt:
    return Evaluate(Call("EDGEC_STEP", (Int(index),)))


def _ctype(value: Value) -> str:
    return C_TYPES[value.type.dtype]


def _arena_pointer(type: str, offset: int) -> Expr:
    """Through ``void *``, because the arena is aligned and the compiler cannot know."""
    place = Cast("void *", add(Name("base"), Int(offset)))
    return place if type == "void" else Cast(f"{type} *", place)


# --- header ----------------------------------------------------------------------------------------------------------


def _describe(value: Value) -> str:
    shape = ",".join(map(str, value.shape))
    return f"{value.type.dtype.value}[{shape}], {value.type.bytes} bytes"


def _describe_states(model: Model) -> str:
    if not model.graph.states:
        return "No state is kept from run to run."
    kept = [f"{port.name}: {_describe(port.value)}; its next value is {output}" for port, output in model.states]
    return f"States kept from run to run; see {model.name}_reset.\n" + "\n".join(kept)


def _parameters(model: Model, const: str) -> list[tuple[str, str]]:
    return [
        ("void *", "arena"),
        ("size_t", "arena_bytes"),
        (f"{const}{model.name}_inputs *", "inputs"),
        (f"{const}{model.name}_outputs *", "outputs"),
    ]


def _header(model: Model) -> CModule:
    name, macro = model.name, model.name.upper()
    io = "The inputs and outputs lie in the arena: ask <name>_bind where. A run may overwrite its inputs."
    if not model.io_in_arena:
        io = "Inputs and outputs are the caller's own buffers, aligned for their type."
    items: list[TopLevel] = [
        Comment(f"{name}: generated by edgec, do not edit. Thread-safe as long as each thread has its own arena."),
        Include("edgec/core.h"),
        Define(f"{macro}_ARENA_BYTES", f"{model.plan.arena_bytes}u", "Size of the caller's arena in bytes."),
        Define(f"{macro}_ARENA_ALIGN", f"{ALIGN}u", "Alignment of the arena in bytes."),
        Define(f"{macro}_STEPS", str(len(model.kernels)), "Operators that run; see EDGEC_STEP."),
        Define(f"{macro}_MACS", f"{model.graph.macs()}u", "Multiply-accumulates of one run."),
        Define(f"{macro}_HAS_STATES", str(int(bool(model.graph.states))), _describe_states(model)),
        Define(f"{macro}_IO_IN_ARENA", str(int(model.io_in_arena)), io.replace("<name>", name)),
        _port_struct(f"{name}_inputs", model.inputs),
        _port_struct(f"{name}_outputs", model.outputs),
        _for_each(f"{macro}_FOR_EACH_INPUT", model.inputs),
        _for_each(f"{macro}_FOR_EACH_OUTPUT", model.outputs),
    ]
    if model.io_in_arena:
        note = "Fill in where in the arena the inputs and outputs lie. Returns 0 or a negative error code."
        items.append(Function("int32_t", f"{name}_bind", _parameters(model, ""), None, note))
    if model.graph.states:
        note = (
            f"Sets the states to zero: before the first {name}_run, and to begin anew. They lie in the arena, which\n"
            "must stay as it is from run to run. Returns 0 or a negative error code."
        )
        items.append(Function("int32_t", f"{name}_reset", _parameters(model, "")[:2], None, note))
    note = (
        "One inference. Returns 0 or a negative error code (edgec/core.h). Needs nothing but the arena and the stack;\n"
        "nothing has to be kept in the arena between runs"
    )
    kept = ["the states"] if model.graph.states else []
    kept += ["the inputs, which must be written before each"] if model.io_in_arena else []
    note += f", but {' and '.join(kept)}." if kept else "."
    items.append(Function("int32_t", f"{name}_run", _parameters(model, "const "), None, note))
    return CModule(items, f"{macro}_H")


def _port_struct(name: str, ports: Sequence[Port]) -> StructType:
    members = [(f"{_ctype(p.value)} *", p.c_name, _describe(p.value)) for p in ports]
    # A structure of C has at least one member.
    return StructType(name, members or [("char", "none", "there are none")])


def _for_each(macro: str, ports: Sequence[Port]) -> Define:
    # Not X, as such macros mostly say: inputs are called that.
    entries = " ".join(f"EACH_({p.c_name}, {_ctype(p.value)}, {p.value.type.elements})" for p in ports)
    return Define(f"{macro}(EACH_)", entries, "EACH_(name, C type, elements), in order.")


# --- functions -------------------------------------------------------------------------------------------------------


def _functions(model: Model, steps: list[Stmt], used: Mapping[str, Value]) -> list[Function]:
    name = model.name
    check = Function(
        "static int32_t",
        f"{name}_check",
        [("const void *", "arena"), ("size_t", "arena_bytes")],
        _arena_checks(model),
    )
    functions = [check]
    checked = [
        Declare(
            "const int32_t",
            "status",
            Call(f"{name}_check", (Name("arena"), Name("arena_bytes"))),
        ),
        _return_if(BinOp("!=", Name("status"), Name("EDGEC_OK")), "status"),
    ]
    null_io = [BinOp("==", Name(n), Name("NULL")) for n in ("inputs", "outputs")]
    checked.append(_return_if(BinOp("||", *null_io), "EDGEC_ERROR_POINTER"))
    ports = [("inputs", p) for p in model.inputs] + [("outputs", p) for p in model.outputs]
    if model.io_in_arena:
        bound: list[Stmt] = [*checked, Declare("unsigned char *const", "base", Name("arena"))]
        for struct, port in ports:
            offset = model.offset(port.value)
            assert offset is not None  # with the io in the arena every port has a place
            bound.append(_assign(f"{struct}->{port.c_name}", _arena_pointer(_ctype(port.value), offset)))
        functions.append(
            Function("int32_t", f"{name}_bind", _parameters(model, ""), [*bound, ReturnValue(Name("EDGEC_OK"))])
        )
    if model.graph.states:
        cleared: list[Stmt] = [Declare("unsigned char *const", "base", Name("arena"))]
        for state in model.graph.states:
            offset = model.offset(state)
            assert offset is not None  # states are never the caller's
            index = add(Int(offset), Name("i"))
            cleared.append(For("i", 0, state.type.bytes, [Assign(Name(f"base[{expression(index)}]"), Int(0))]))
        parameters = _parameters(model, "")[:2]
        functions.append(
            Function("int32_t", f"{name}_reset", parameters, [*checked[:2], *cleared, ReturnValue(Name("EDGEC_OK"))])
        )
    run: list[Stmt] = [*checked]
    in_arena = model.io_in_arena or any(model.offset(v) is not None for v in used.values())
    if in_arena or model.problem.of_scratch:
        run.append(Declare("unsigned char *const", "base", Name("arena")))
    for struct, port in ports:
        field = Name(f"{struct}->{port.c_name}")
        if model.io_in_arena:
            offset = model.offset(port.value)
            assert offset is not None
            wrong: Expr = BinOp("!=", field, _arena_pointer(_ctype(port.value), offset))
        else:
            wrong = BinOp("==", field, Name("NULL"))
        run.append(_return_if(wrong, "EDGEC_ERROR_POINTER"))
    for pointer, value in used.items():
        run.append(Declare(f"{_ctype(value)} *const", f"v_{pointer}", _place(model, value)))
    functions.append(Function("int32_t", f"{name}_run", _parameters(model, "const "), [*run, *steps]))
    return functions


def _assign(target: str, value: Expr) -> Stmt:
    return Assign(Name(target), value)


def _return_if(condition: Expr, status: str) -> Stmt:
    return If(condition, [ReturnValue(Name(status))])


def _arena_checks(model: Model) -> list[Stmt]:
    macro = model.name.upper()
    misaligned = BinOp("%", Cast("uintptr_t", Name("arena")), Name(f"{macro}_ARENA_ALIGN"))
    return [
        _return_if(BinOp("==", Name("arena"), Name("NULL")), "EDGEC_ERROR_POINTER"),
        _return_if(BinOp("<", Name("arena_bytes"), Name(f"{macro}_ARENA_BYTES")), "EDGEC_ERROR_ARENA_SIZE"),
        _return_if(BinOp("!=", misaligned, Int(0)), "EDGEC_ERROR_ALIGNMENT"),
        ReturnValue(Name("EDGEC_OK")),
    ]


def _place(model: Model, value: Value) -> Expr:
    """Where a value lies: in the arena, or in the buffer that the caller gave for the port whose storage it shares."""
    offset = model.offset(value)
    if offset is not None:
        return _arena_pointer(_ctype(value), offset)
    for struct, ports in (("inputs", model.inputs), ("outputs", model.outputs)):
        for port in ports:
            if storage(port.value) is storage(value):
                field = Name(f"{struct}->{port.c_name}")
                return field if _ctype(port.value) == _ctype(value) else Cast(f"{_ctype(value)} *", field)
    raise ValueError(f"%{value.name} has no place")


def example_main(model: Model) -> str:
    """A ``main.c`` that runs the model once on zeros: a start for the user's own."""
    name, macro = model.name, model.name.upper()
    body: list[Stmt] = [
        Declare(f"{name}_inputs", "inputs"),
        Declare(f"{name}_outputs", "outputs"),
    ]
    arguments = (Name("arena"), Call("sizeof", (Name("arena"),)), Address(Name("inputs")), Address(Name("outputs")))
    items: list[TopLevel] = [
        Comment(f"Runs {name} once. Write your own inputs where the zeros are."),
        Include(f"{name}.h"),
    ]
    raise_ = _return_if(BinOp("!=", Name("status"), Name("EDGEC_OK")), "status")
    if model.io_in_arena:
        body += [Declare("int32_t", "status", Call(f"{name}_bind", arguments)), raise_]
    else:
        for struct, ports in (("inputs", model.inputs), ("outputs", model.outputs)):
            for port in ports:
                buffer = f"{struct}_{port.c_name}"
                body.append(Declare(f"static {_ctype(port.value)}", buffer, extent=port.value.type.elements))
                body.append(_assign(f"{struct}.{port.c_name}", Name(buffer)))
        body.append(Declare("int32_t", "status"))
    for port in model.inputs if model.io_in_arena else []:
        zero = _assign(f"inputs.{port.c_name}[i]", Int(0))
        body.append(For("i", 0, port.value.type.elements, [zero]))
    body += [
        _assign("status", Call(f"{name}_run", arguments)),
        Comment("The result is in: " + ", ".join(f"outputs.{p.c_name}" for p in model.outputs)),
        ReturnValue(Name("status")),
    ]
    arena = Declare(
        f"static __attribute__((aligned({macro}_ARENA_ALIGN))) unsigned char", f"arena[{macro}_ARENA_BYTES]"
    )
    items.append(Function("int", "main", [], [arena, *body]))
    return render(CModule(items))
