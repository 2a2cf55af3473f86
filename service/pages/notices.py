"""What must every reader of a page know, with or without a list on it?"""

from typing import Final

from risk_model.placements.published_rule import KIND
from risk_model.prioritisation.notices import REGISTER_BLIND_SPOT, SIMULATED_DATA
from service.champion import SIMULATED
from service.language import Language
from service.pages.texts import words
from service.pages.views import Notice
from service.running import Running
from service.storage.lists import StoredList
from service.storage.register import Import

BANNERS: Final = (SIMULATED_DATA.code, "switched_off", "published_rule", "release_refused")


def notices_of(
    running: Running, stored: StoredList | None, newest: Import | None, language: Language
) -> tuple[Notice, ...]:
    """Return the notices of a list as stored with it, and those that this moment adds; banners first."""
    said = {REGISTER_BLIND_SPOT.code: getattr(REGISTER_BLIND_SPOT, f"text_{language}")}
    if SIMULATED in (newest.data_origin if newest else "", stored.head["data_origin"] if stored else ""):
        said[SIMULATED_DATA.code] = getattr(SIMULATED_DATA, f"text_{language}")
    if (stored.head["model_kind"] if stored else running.served.model.kind) == KIND:
        said["published_rule"] = words(language)["published_rule"]
    if running.served.switched_off:
        said["switched_off"] = words(language)["switched_off"]
    if running.served.refused:
        said["release_refused"] = words(language)["release_refused"]
    for notice in stored.head["notices"] if stored else ():
        said[notice["code"]] = notice[f"text_{language}"]
    ordered = [*(code for code in BANNERS if code in said), *(code for code in said if code not in BANNERS)]
    return tuple(Notice("banner" if code in BANNERS else "note", said[code]) for code in ordered)
