"""Which files is a data set made of, and are they still the same?"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

READ_CHUNK: Final = 1 << 20


def data_hash(files: Iterable[Path]) -> str:
    """Return one SHA-256 over the names and bytes of `files`."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.name.encode())
        with file.open("rb") as stream:
            while chunk := stream.read(READ_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def files_of(data: Path) -> list[Path]:
    """Return the files of the data set in `data` whose bytes a version is trained on, in order of name."""
    return sorted(path for path in data.glob("*.parquet") if path.stem in ("placements", "events", "inspections"))
