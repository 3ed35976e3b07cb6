"""PyIceberg's access to files, as our own sessions have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyiceberg.io import S3_RETRY_STRATEGY_IMPL
from pyiceberg.io.pyarrow import PyArrowFileIO, _import_retry_strategy

from floe_bench.adapters.iceberg.intact import IntactAvro

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem
    from pyiceberg.io import InputFile


class LakeFileIO(PyArrowFileIO):
    """Manifests and manifest lists that are no whole Avro file cannot be opened, and a small file is one request."""

    def new_input(self, location: str) -> InputFile:  # type: ignore[override]  # upstream names its own class
        found = super().new_input(location)
        return IntactAvro(found) if location.endswith(".avro") else found

    def _initialize_s3_fs(self, netloc: str | None) -> FileSystem:
        """Without the delay a file of a few kilobytes is a multipart upload: three requests.

        What a file system is made from again lacks how it tries again.

        Source: Arrow docs, "S3FileSystem", allow_delayed_open, retry_strategy.
        """
        make, (options,) = super()._initialize_s3_fs(netloc).__reduce__()
        named = self.properties.get(S3_RETRY_STRATEGY_IMPL)
        if named and (retries := _import_retry_strategy(named)):
            options = {**options, "retry_strategy": retries}
        found: FileSystem = make({**options, "allow_delayed_open": True})
        return found
