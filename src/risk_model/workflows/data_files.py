"""Which files is a data set made of, and are they still the same?"""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import pandas as pd

from risk_model.data.database import address_of, read_data
from risk_model.errors import UnreadableFileError

RELEASES: Final = Path("models/champion")
KEYS: Final = Path("var/keys")
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


def digest_of(data: Path) -> str:
    """Return one SHA-256 over what a version is trained on: the files of a data set, a table, or a database's rows."""
    if address_of(data) is None:
        return data_hash(files_of(data))
    digest, tables = hashlib.sha256(), read_data(data)
    for frame in (tables.placements, tables.events, tables.inspections):
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


def files_of(data: Path) -> list[Path]:
    """Return the files whose bytes a version is trained on, in order of name: a data set's, or the table `data` is."""
    if data.is_file():
        return [data]
    return sorted(path for path in data.glob("*.parquet") if path.stem in ("placements", "events", "inspections"))


def read_any_table(file: Path) -> pd.DataFrame:
    """Read a table of any columns from Parquet or CSV.

    Raises:
        UnreadableFileError: when the file is missing, of another kind, or not readable.
    """
    readers: dict[str, Callable[[Path], pd.DataFrame]] = {".parquet": pd.read_parquet, ".csv": pd.read_csv}
    reader = readers.get(file.suffix.lower())
    if reader is None:
        raise UnreadableFileError(f"{file}: a table is read from .parquet or .csv; convert it first")
    try:
        return reader(file)
    except FileNotFoundError:
        raise UnreadableFileError(f"{file}: no such file") from None
    except (ValueError, OSError) as error:
        raise UnreadableFileError(f"{file}: not a readable {file.suffix} file ({error})") from error
