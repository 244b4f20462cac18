"""Data: a TOML file per target, and the linker scripts, start-up files and test driver that devices build with."""
