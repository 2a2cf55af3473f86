"""A client made by a generator from the description of the API can do an officer's and a system's work."""

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from service.access import NATIONAL, PLACEMENT_SYSTEM
from service.app import create_app
from service.payloads.examples import PLACEMENT
from service.running import Running
from tests.service.conftest import new_key
from tests.service.test_pages_in_browser import listening

DESCRIPTION = Path(__file__).resolve().parents[2] / "docs" / "openapi.json"
NAME = "placement_risk_client"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], ModuleType]]:
    """Gives a module of the generated client by its name."""
    folder = tmp_path_factory.mktemp("client")
    program = Path(sys.executable).with_name("openapi-python-client")
    words = ["generate", "--path", str(DESCRIPTION), "--output-path", str(folder / NAME), "--meta", "none"]
    made = subprocess.run([str(program), *words], capture_output=True, text=True, check=True)
    missing = [
        line.strip() for line in (made.stdout + made.stderr).splitlines() if "Unsupported" in line or "Unable" in line
    ]
    assert missing == ["Unsupported content type application/x-ndjson"], "everything but streamed lines is there"
    sys.path.insert(0, str(folder))
    yield lambda name: importlib.import_module(f"{NAME}.{name}")
    sys.path.remove(str(folder))


@pytest.fixture
def address(running: Running) -> Iterator[str]:
    with listening(create_app(running)) as address:
        yield address


def test_a_generated_client_registers_scores_lists_and_reads_problems(
    generated: Callable[[str], ModuleType], running: Running, address: str
) -> None:
    opened, models = generated("client").AuthenticatedClient, generated("models")
    system = opened(base_url=address, token=new_key(running, PLACEMENT_SYSTEM))
    officer = opened(base_url=address, token=new_key(running, NATIONAL), headers={"Accept-Language": "en"})

    register = generated("api.placements.register_placement")
    wanted = models.PlacementWanted.from_dict({**PLACEMENT, "certification_verified": None})
    registered = register.sync_detailed(PLACEMENT["placement_id"], client=system, body=wanted, idempotency_key="k-1")
    again = register.sync_detailed(PLACEMENT["placement_id"], client=system, body=wanted, idempotency_key="k-1")
    assert (registered.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert again.parsed == registered.parsed

    body = models.PlacementIn.from_dict(PLACEMENT)
    scored = generated("api.scores.score_placement").sync(client=officer, body=body)
    assert (scored.placement_id, scored.band) == (PLACEMENT["placement_id"], registered.parsed.score.band)

    wanted_list = models.ListRequest(capacity=5, office="BP3MI-NTT", seed=1)
    made = generated("api.priority_lists.make_list").sync(client=officer, body=wanted_list)
    read = generated("api.priority_lists.read_list").sync(made.list_id, client=officer)
    heads = generated("api.priority_lists.read_lists").sync(client=officer)
    assert [row.unit_id for row in read.rows] == [row.unit_id for row in made.rows]
    assert [head.list_id for head in heads.lists] == [made.list_id]

    missing = generated("api.priority_lists.read_list").sync("none", client=officer)
    assert (type(missing), missing.status, missing.title) == (models.ProblemDetails, 404, "List not found")
