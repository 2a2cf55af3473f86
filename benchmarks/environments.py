"""Where do the servers that others made live? Each in an environment of its own, so that none bends another's versions.

Made once by pip from `benchmarks/peers/NAME.txt`, and again only when that file changes.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
LAST_LINES = 3


class NotInstalledError(Exception):
    """A peer cannot be compared here; the message is the end of what pip said."""


def environment(name: str, folder: Path) -> Path:
    """Return the folder of the programs of `name`'s environment below `folder`; make it where it is missing.

    Raises:
        NotInstalledError: pip could not install it.
    """
    wanted = (PEERS / f"{name}.txt").read_bytes()
    home = folder / name
    stamp = home / "installed"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == hashlib.sha256(wanted).hexdigest():
        return home / "bin"
    print(f"installing {name} (once)", flush=True)
    steps = (
        [sys.executable, "-m", "venv", "--clear", str(home)],
        [
            str(home / "bin" / "pip"),
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            str(PEERS / f"{name}.txt"),
        ],
    )
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.strip() and not line.startswith("WARNING")]
            raise NotInstalledError(" ".join(said[-LAST_LINES:]))
    stamp.write_text(hashlib.sha256(wanted).hexdigest(), encoding="utf-8")
    return home / "bin"
