"""``dataclasses.dataclass`` for many small frozen classes, and to a type checker the same thing.

Python writes, compiles and runs half a dozen methods for every class: a tenth of a second for those of the first frame,
a quarter of the time until it is painted. Here only ``__init__`` is written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass as dataclass
else:
    from dataclasses import MISSING, FrozenInstanceError, fields
    from dataclasses import dataclass as _dataclass
    from operator import attrgetter

    def dataclass(cls=None, /, *, frozen=False, slots=False, **others):
        """What is not frozen with slots, or wants more than that, is left to Python."""
        if cls is not None or others or not (frozen and slots):
            return _dataclass(cls, frozen=frozen, slots=slots, **others)
        return _made

    def _made(cls):
        # Where there is no docstring Python would make one, of a signature that it inspects.
        doc, cls.__doc__ = cls.__doc__, cls.__doc__ or " "
        made = _dataclass(cls, init=False, repr=False, eq=False, slots=True)
        made.__doc__ = doc
        made.__init__ = _init(made)
        for name, method in _methods(made.__match_args__).items():
            if name not in cls.__dict__:
                setattr(made, name, method)
        return made

    def _init(cls):
        """Sets what it is given, past the refusal that everybody else meets."""
        known, taken, lines = {"set_": object.__setattr__, "absent": MISSING}, [], []
        for field in fields(cls):
            name = value = field.name
            if not (field.init and field.repr and field.compare and field.hash is None and not field.kw_only):
                raise TypeError(f"{cls.__qualname__}.{name} asks for more than {__name__} can do")
            if field.default_factory is not MISSING:
                known[f"make_{name}"] = field.default_factory
                taken.append(f"{name}=absent")
                value = f"make_{name}() if {name} is absent else {name}"
            elif field.default is not MISSING:
                known[f"default_{name}"] = field.default
                taken.append(f"{name}=default_{name}")
            else:
                taken.append(name)
            lines.append(f" set_(self, {name!r}, {value})")
        if hasattr(cls, "__post_init__"):
            lines.append(" self.__post_init__()")
        exec(f"def __init__({', '.join(['self', *taken])}):\n" + "\n".join(lines or [" pass"]), known)
        known["__init__"].__qualname__ = f"{cls.__qualname__}.__init__"
        return known["__init__"]

    def _methods(names):
        values = _all_of(names)

        def eq(self, other):
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

        def told(self):
            said = (f"{name}={value!r}" for name, value in zip(names, values(self), strict=True))
            return f"{self.__class__.__qualname__}({', '.join(said)})"

        def restore(self, state):
            for name, value in zip(names, state, strict=True):
                object.__setattr__(self, name, value)

        return {
            "__eq__": eq,
            "__hash__": lambda self: hash(values(self)),
            "__repr__": told,
            "__setattr__": _refuse_to_set,
            "__delattr__": _refuse_to_delete,
            "__getstate__": lambda self: values(self),
            "__setstate__": restore,
        }

    def _all_of(names):
        """A function of an instance that answers with these of its attributes, as a tuple."""
        if len(names) > 1:
            return attrgetter(*names)
        return lambda instance: tuple(getattr(instance, name) for name in names)

    def _refuse_to_set(self, name, value):
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_to_delete(self, name):
        raise FrozenInstanceError(f"cannot delete field {name!r}")
