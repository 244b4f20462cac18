"""Packings: exact by brute force on small ones, distances between pairs, the checker, bad input."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packing_instances import cut_rectangle

from edgec.errors import EdgecError
from edgec.ir import IRError
from edgec.schedule.packing import Item, check_packing, pack
from edgec.schedule.packing.items import rectangles
from edgec.schedule.packing.search import SLOW, is_compiled, search

Gaps = dict[tuple[int, int], int]


def together(a: Item, b: Item) -> bool:
    return a.lower < b.upper and b.lower < a.upper


def least_height(items: list[Item], gaps: Gaps) -> int:
    """Over all orders from the bottom: each item as low as those before it let it be, and not below them."""
    best = sum(item.size for item in items)
    for order in permutations(range(len(items))):
        offsets: dict[int, int] = {}
        for i in order:
            ends = [offsets[j] + gaps.get((j, i), items[j].size) for j in offsets if together(items[i], items[j])]
            offsets[i] = max(ends, default=0)
        best = min(best, max((offsets[i] + items[i].size for i in offsets), default=0))
    return best


@st.composite
def problems(draw: st.DrawFn) -> tuple[list[Item], Gaps]:
    figures = draw(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 5), st.integers(1, 4)), max_size=6))
    items = [Item(f"i{k}", lower, lower + length, size) for k, (size, lower, length) in enumerate(figures)]
    # A result, which begins where the operand ends, may begin below the operand's end.
    pairs = [(a, b) for a in range(len(items)) for b in range(len(items)) if items[a].lower == items[b].upper - 1]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    chosen += [(b, a) for a, b in chosen if draw(st.booleans())]
    gaps = {(a, b): draw(st.integers(0, items[a].size)) for a, b in chosen if a != b}
    return items, gaps


@settings(derandomize=True, deadline=None, max_examples=80)
@given(problems())
def test_the_least_height_of_all_orders_is_found(problem: tuple[list[Item], Gaps]) -> None:
    items, gaps = problem
    packing = pack(items, gaps=gaps)
    check_packing(items, packing.offsets, packing.height, gaps=gaps)
    assert packing.height == packing.bound == least_height(items, gaps)


@pytest.mark.parametrize("compiled", [True, False])
@settings(derandomize=True, deadline=None, max_examples=60)
@given(problems())
def test_the_search_finds_the_least_height_and_proves_that_less_is_too_little(
    compiled: bool, problem: tuple[list[Item], Gaps]
) -> None:
    items, gaps = problem
    r, least = rectangles(items, 1, gaps), least_height(items, gaps)
    found = search(r, least // r.unit, 100_000, 60, compiled=compiled)
    assert found.offsets is not None
    check_packing(items, [o * r.unit for o in found.offsets], least, gaps=gaps)
    if least:
        less = search(r, (least - 1) // r.unit, 10_000_000, 60, compiled=compiled)
        assert less.offsets is None
        assert less.proven


@pytest.mark.skipif(not is_compiled(), reason="no C compiler")
@pytest.mark.parametrize("seed", range(3))
def test_a_full_rectangle_is_packed_perfectly_where_first_fit_is_far_off(seed: int) -> None:
    instance = cut_rectangle(seed, 150, 150, pinwheels=1.0)
    check_packing(instance.items, instance.offsets, instance.capacity)
    packing = pack(instance.items)
    check_packing(instance.items, packing.offsets, packing.height)
    assert packing.height == packing.bound == instance.capacity
    assert pack(instance.items) == packing
    assert pack(instance.items, nodes=0).height > 1.1 * instance.capacity


def test_without_a_compiler_it_says_that_it_is_slow() -> None:
    items = [
        Item(f"i{k}", *figures) for k, figures in enumerate([(0, 2, 3), (1, 3, 2), (2, 4, 3), (0, 1, 2), (3, 4, 2)])
    ]
    assert pack(items, compiled=False).height == 5
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("edgec.schedule.packing.search.native_library", lambda *_: None)
        patch.setattr("edgec.schedule.packing.solve.greedy", lambda _: [0, 3, 5, 3, 8])
        assert pack(items).notes == (SLOW,)


def test_an_operand_may_begin_at_the_safe_distance_above_the_result() -> None:
    items = [Item("x", 0, 2, 100), Item("y", 1, 3, 80)]
    assert pack(items).height == 180
    packing = pack(items, gaps={(1, 0): 10})
    assert packing.height == packing.bound == 110
    assert packing.offsets == (10, 0)
    assert pack(items, alignment=16, gaps={(1, 0): 10}).offsets == (16, 0)


def test_the_checker_refuses_what_overlaps_and_what_lies_outside() -> None:
    items = [Item("x", 0, 2, 100), Item("y", 1, 3, 80)]
    check_packing(items, (0, 100), 180)
    check_packing(items, (10, 0), 110, gaps={(1, 0): 10})
    for offsets, height, alignment, gaps in (
        ((0, 99), 180, 1, {}),
        ((0, 100), 179, 1, {}),
        ((-1, 100), 180, 1, {}),
        ((0, 100), 180, 16, {}),
        ((0,), 180, 1, {}),
        ((9, 0), 110, 1, {(1, 0): 10}),
        ((0, 10), 110, 1, {(1, 0): 10}),
    ):
        with pytest.raises(IRError):
            check_packing(items, offsets, height, alignment, gaps)


@pytest.mark.parametrize(
    ("item", "what"),
    [
        (Item("a", 3, 3, 1), "lives from"),
        (Item("a", 0, 1, -1), "size of -1"),
        (Item("a", 0, 1, 1 << 53), "2\\^53"),
        (Item("a", 0, 1 << 53, 1), "2\\^53"),
    ],
)
def test_what_cannot_be_an_item_is_refused(item: Item, what: str) -> None:
    with pytest.raises(EdgecError, match=what):
        pack([item])


def test_many_items_are_packed_without_the_search_and_too_many_are_refused() -> None:
    many = [Item(f"i{k}", k, k + 3, 1 + k % 5) for k in range(4000)]
    packing = pack(many)
    check_packing(many, packing.offsets, packing.height)
    with pytest.raises(EdgecError, match="too many"):
        pack([Item(f"i{k}", 0, 1, 1) for k in range(5000)])
    with pytest.raises(EdgecError, match="too many"):
        pack([Item(f"i{k}", k, 10_000 + k, 1) for k in range(6000)])
