"""Order and rematerialization of plain graphs under a budget of memory."""

from edgec.schedule.remat.baseline import best_square_root, square_root
from edgec.schedule.remat.problem import RematProblem
from edgec.schedule.remat.replay import replay
from edgec.schedule.remat.solve import RematAnswer, solve

__all__ = ["RematAnswer", "RematProblem", "best_square_root", "replay", "solve", "square_root"]
