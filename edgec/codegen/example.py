"""The program that a user may start from."""

from edgec.codegen.ctree import (
    Address,
    Assign,
    BinOp,
    Call,
    CModule,
    Comment,
    Declare,
    Element,
    Expr,
    For,
    Function,
    Include,
    Int,
    Name,
    ReturnValue,
    Stmt,
    TopLevel,
)
from edgec.codegen.model import Model
from edgec.codegen.source import return_if
from edgec.codegen.text import render


def example_main(model: Model) -> str:
    """A ``main.c`` that runs the model once on zeros: a start for the user's own."""
    name, quantized = model.name, model.quantized
    body: list[Stmt] = [
        Declare(f"{name}_inputs", "inputs"),
        Declare(f"{name}_outputs", "outputs"),
    ]
    given: tuple[Expr, ...] = (Name("arena"), Call("sizeof", (Name("arena"),)))
    if model.memories:
        given = (Address(Name("memories")),)
    arguments = (*given, Address(Name("inputs")), Address(Name("outputs")))
    items: list[TopLevel] = [
        Comment(f"Runs {name} once. Write your own inputs where the zeros are."),
        Include(f"{name}.h"),
    ]
    raise_ = return_if(BinOp("!=", Name("status"), Name("EDGEC_OK")), "status")
    if model.io_in_arena:
        body += [Declare("int32_t", "status", Call(f"{name}_bind", arguments)), raise_]
    else:
        for struct, ports in (("inputs", model.inputs), ("outputs", model.outputs)):
            for port in ports:
                buffer = f"{struct}_{port.c_name}"
                body.append(Declare(f"static {port.ctype}", buffer, extent=port.value.type.elements))
                body.append(Assign(Name(f"{struct}.{port.c_name}"), Name(buffer)))
        body.append(Declare("int32_t", "status"))
    for port in model.inputs:
        element, stem = Element(Name(f"inputs.{port.c_name}"), Name("i")), quantized.get(port)
        if stem:
            body.append(Comment(f"Zeros; other numbers: stored = real / {stem}_SCALE + {stem}_ZERO_POINT, rounded."))
        if stem or model.io_in_arena:
            zero = Assign(element, Name(f"{stem}_ZERO_POINT") if stem else Int(0))
            body.append(For("i", 0, port.value.type.elements, [zero]))
    body += [
        Assign(Name("status"), Call(f"{name}_run", arguments)),
        Comment("The result is in: " + ", ".join(f"outputs.{p.c_name}" for p in model.outputs)),
        *(
            Comment(f"outputs.{port.c_name}: real = {quantized[port]}_SCALE * (stored - {quantized[port]}_ZERO_POINT).")
            for port in model.outputs
            if port in quantized
        ),
        ReturnValue(Name("status")),
    ]
    items.append(Function("int", "main", [], [*_memory(model), *body]))
    return render(CModule(items))


def _memory(model: Model) -> list[Stmt]:
    """The arena, or the memories and where they are: which of the linker's sections each is put in is the user's."""
    macro = model.name.upper()
    aligned = f"static __attribute__((aligned({macro}_ARENA_ALIGN))) unsigned char"
    if not model.memories:
        return [Declare(aligned, f"arena[{macro}_ARENA_BYTES]")]
    names = [name for name, _ in model.memories]
    return [
        *(Declare(aligned, f"memory_{name}[{macro}_{name.upper()}_BYTES]") for name in names),
        Declare(f"{model.name}_memories", "memories"),
        *(Assign(Name(f"memories.{name}"), Name(f"memory_{name}")) for name in names),
    ]
