from floe_bench import __version__ as version

__all__ = ["version"]
