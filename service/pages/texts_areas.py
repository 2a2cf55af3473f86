"""Which words stand on the pages of areas, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "ar_map": ("Peta ubin Nusa Tenggara Timur", "Tile map of East Nusa Tenggara"),
    "ar_map_note": (
        "Tiap kabupaten/kota satu ubin sama besar, kira-kira menurut letaknya. Angka: kematian, deportasi, penempatan "
        "tercatat. Warna: pita prioritas dari rata-rata perkiraan penempatan tercatat. Ubin membuka barisnya di tabel.",
        "Each regency or city is a tile of equal size, roughly where it lies. Numbers: deaths, deportations, recorded "
        "placements. Colour: the priority band of the mean estimate of the recorded placements. A tile opens its row "
        "in the table.",
    ),
    "ar_blind": (
        "Wilayah dengan banyak kematian dan sedikit penempatan tercatat tidak terlihat oleh daftar penempatan.",
        "An area with many deaths and few recorded placements is out of sight of the lists of placements.",
    ),
    "ar_province": ("Provinsi", "Province"),
    "ar_show": ("Tampilkan", "Show"),
    "ar_table": ("Wilayah asal di {province}", "Areas of origin in {province}"),
    "ar_placements": ("Penempatan tercatat", "Recorded placements"),
    "ar_band": ("Rata-rata", "On average"),
    "ar_raised": ("Tinggi atau sangat tinggi", "High or very high"),
    "ar_few": ("kurang dari 10", "fewer than 10"),
    "ar_none": ("Tidak ada kejadian dan tidak ada penempatan tercatat.", "No events and no recorded placements."),
    "ar_events": ("Kejadian dalam 12 bulan", "Events within 12 months"),
    "ar_type": ("Kejadian", "Event"),
    "ar_type_death": ("Kematian", "Death"),
    "ar_type_deportation": ("Deportasi", "Deportation"),
    "ar_type_interception": ("Pencegahan", "Interception"),
    "ar_when": ("Terjadi", "Happened"),
    "ar_known": ("Dicatat", "Recorded"),
    "ar_where": ("Tempat", "Place"),
    "ar_no_events": ("Tidak ada kejadian wilayah dalam 12 bulan.", "No area events within 12 months."),
    "ar_back": ("Kembali ke daftar wilayah", "Back to the area list"),
    "ar_placements_none": ("Tidak ada penempatan tercatat.", "No recorded placements."),
    "ar_rows": ("Baris daftar dari wilayah ini", "Rows of lists from this area"),
}
