"""What did the newest `risk-model drift` find?

The service does not compute it: it would need whole cohorts of two dates. The command keeps its result
beside the releases, and this reads it.
"""

from pathlib import Path

from pydantic import ValidationError

from risk_model.errors import UnreadableFileError
from risk_model.scoring.release import DRIFT_FILE
from service.payloads.drift import Drift


def read_drift(model_dir: Path) -> Drift | None:
    """Return what was found last; None where nobody looked yet.

    Raises:
        UnreadableFileError: the file is damaged, or of another version.
    """
    path = model_dir / DRIFT_FILE
    try:
        return Drift.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise UnreadableFileError(f"{path}: not what risk-model drift keeps; run it again") from error
