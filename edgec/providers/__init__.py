"""Kernels that other packages make."""
