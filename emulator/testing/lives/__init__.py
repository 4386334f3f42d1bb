"""Lives: courses that an order can take, drawn from the providers' own tables by Hypothesis.

`lives` is a strategy of them, `Emulator.play` makes one happen, and `EmulatorMachine` is a state machine to inherit
from. They need Hypothesis, which the extra `lives` of this package installs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from emulator.testing.lives.drawing import lives
    from emulator.testing.lives.life import Life
    from emulator.testing.lives.machine import EmulatorMachine
    from emulator.testing.lives.playing import Played
    from emulator.testing.lives.steps import Beginning, Fire, Inject, Read, Run, Step, Wait
else:
    _HOME = {"lives": "drawing", "EmulatorMachine": "machine", "Life": "life", "Played": "playing"}

    def __getattr__(name: str) -> Any:
        """Imports what is asked for: to play a life that is written down takes no Hypothesis."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_HOME.get(name, 'steps')}"), name)


__all__ = ["Beginning", "EmulatorMachine", "Fire", "Inject", "Life", "Played", "Read", "Run", "Step", "Wait", "lives"]
