"""What the contract tests of branch writes and of rehearsals claim, on every stack of containers."""

from test_branch_write import *  # noqa: F403
from test_rehearsal_properties import *  # noqa: F403

from tests.stack.on_stacks import lakehouse as lakehouse
