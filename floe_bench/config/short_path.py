"""Unix socket addresses hold about 100 characters; project folders do not keep to that."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import uuid
from pathlib import Path

from floe_bench.errors import StackUnavailable

LONGEST = 76
"""Of a folder that holds sockets: the kernel's 104 (macOS; Linux has 108) less 27 for a file name and the end mark."""


def short_path(folder: Path) -> Path:
    """``folder`` itself when sockets fit into it, else a link to it of the same name on every call.

    The folder is created. The link lies in a folder of this user alone, so nobody else can point it elsewhere.

    Raises:
        StackUnavailable: somebody else owns the folder of links.
    """
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if len(os.fsencode(folder)) <= LONGEST:
        return folder
    link = _links() / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    if not (link.is_symlink() and link.readlink() == folder):
        # Whoever comes at the same instant makes the same link: one replaces the other, and neither is ever without.
        own = link.with_name(f"{link.name}.{uuid.uuid4().hex}")
        own.symlink_to(folder, target_is_directory=True)
        own.replace(link)
    return link


def _links() -> Path:
    """Of the user's temporary folder, or of ``/tmp`` where that is itself long (TMPDIR)."""
    name = f"floe-bench-{os.getuid()}"
    room = LONGEST - len(f"/{name}/") - 16
    base = Path(tempfile.gettempdir())
    links = (base if len(os.fsencode(base)) <= room else Path("/tmp")) / name
    links.mkdir(mode=0o700, exist_ok=True)
    found = links.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StackUnavailable(
            f"{links} must be a folder that only you can open, and it is not",
            remedy=f"rm -r {links}, or set TMPDIR to a folder of yours",
        )
    return links
