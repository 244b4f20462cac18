"""Addresses: rectangles of given lifespans are packed as low as can be, with a proof where there is one."""

from edgec.schedule.packing.checker import check_packing
from edgec.schedule.packing.items import Item
from edgec.schedule.packing.solve import Packing, pack
from edgec.schedule.packing.table import Packed, pack_table

__all__ = ["Item", "Packed", "Packing", "check_packing", "pack", "pack_table"]
