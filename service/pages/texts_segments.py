"""Which words stand on the pages of segments, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sg_title": ("Segmen", "Segments"),
    "sg_intro": (
        "Seberapa sering kunjungan menemukan bahaya di tiap segmen, dan seberapa pasti angkanya. Judul baris dan kolom "
        "membuka segmen itu.",
        "How often visits find harm in each segment, and how sure the figure is. The headings of rows and columns open "
        "that segment.",
    ),
    "sg_destination": ("Negara tujuan", "Destination"),
    "sg_sector": ("Sektor", "Sector"),
    "sg_certification_level": ("Sertifikasi", "Certification"),
    "sg_all": ("Semua", "All"),
    "sg_show": ("Tampilkan", "Show"),
    "sg_matrix": ("{rows} × {columns}", "{rows} × {columns}"),
    "sg_cell_note": (
        "Angka: bagian kunjungan yang menemukan bahaya dalam 12 bulan, dalam kurung batas 90%; warna menurut batas "
        "bawah. Miring: kurang dari 10 kunjungan menurut daftar, jadi hanya perkiraan awal dari segmen serupa. Titik: "
        "tidak ada, atau kurang dari 10 penempatan dan digabung dalam “lainnya”.",
        "Numbers: share of visits that found harm within 12 months, with 90% limits in brackets; coloured by the lower "
        "one. Slanted: fewer than 10 visits from lists, so only a first guess from similar segments. Dot: none, "
        "or fewer than 10 placements and put together in “others”.",
    ),
    "sg_none": ("Tidak ada segmen yang cukup besar untuk ditampilkan.", "No segment is large enough to be shown."),
    "sg_detail": ("Angka per segmen", "Figures by segment"),
    "sg_segment": ("Segmen", "Segment"),
    "sg_placements": ("Penempatan", "Placements"),
    "sg_list_visits": ("Kunjungan menurut daftar", "Visits from lists"),
    "sg_usual_visits": ("Kunjungan pilihan petugas", "Visits officers chose"),
    "sg_rate": ("Menemukan bahaya", "Found harm"),
    "sg_trend": ("Perubahan setahun", "Change in a year"),
    "sg_reports": ("Pengaduan per 1.000", "Complaints per 1,000"),
    "sg_ratio": ("Dibanding yang diharapkan", "Against expected"),
    "sg_not_reached": ("Tidak bertemu", "Not reached"),
    "sg_few": ("<10", "<10"),
    "sg_too_few": ("terlalu sedikit", "too few"),
    "sg_points": ("{change} poin ({low} sampai {high})", "{change} points ({low} to {high})"),
    "sg_detail_note": (
        "<10: kurang dari 10 kunjungan, jumlahnya tidak ditampilkan. Terlalu sedikit: angkanya akan berdiri di atas "
        "kurang dari 10 kunjungan atau pengaduan. Dibanding yang diharapkan: 1,0 berarti sebanyak segmen lain dengan "
        "campuran pemberi kerja dan tahap yang sama. Jumlah dibulatkan ke lima.",
        "<10: fewer than 10 visits, their number is not shown. Too few: the figure would rest on fewer than 10 visits "
        "or complaints. Against expected: 1.0 means as many as other segments with the same mix of employers and "
        "stages. Counts are rounded to five.",
    ),
    "sg_hard": ("Sulit diawasi", "Hard to supervise"),
    "sg_hard_intro": (
        "Apa yang membuat segmen sulit diawasi, sebab demi sebab berdampingan; tidak dijumlahkan menjadi satu angka. "
        "Segmen yang paling sedikit diketahui di atas.",
        "What makes a segment hard to supervise, reason beside reason; they are not added up to one figure. The "
        "segment "
        "least is known of comes first.",
    ),
    "sg_by": ("Menurut", "By"),
    "sg_visits_per_1000": ("Kunjungan per 1.000", "Visits per 1,000"),
    "sg_width": ("Lebar batas", "Width of the limits"),
    "sg_found_per_report": ("Bahaya per pengaduan", "Harm per complaint"),
    "sg_unvisited": ("Di koridor tanpa kunjungan", "In unvisited corridors"),
    "sg_hard_note": (
        "Terlalu sedikit: angkanya akan berdiri di atas kurang dari 10 kunjungan atau pengaduan. "
        "Lebar batas: makin lebar, makin sedikit diketahui. Bahaya per pengaduan: perkiraan penempatan yang mengalami "
        "kerugian untuk tiap pengaduan setahun; makin besar, makin banyak yang diam.",
        "Too few: the figure would rest on fewer than 10 visits or complaints. "
        "Width of the limits: the wider, the less is known. Harm per complaint: placements expected to be in harm for "
        "each complaint of a year; the larger, the more stay silent.",
    ),
    "sg_association": (
        "Angka ini menyertai ciri segmen; tidak mengatakan apa yang terjadi bila cirinya lain.",
        "These figures go together with what a segment is; they do not say what would happen if it were otherwise.",
    ),
    "sg_back": ("Kembali ke segmen", "Back to segments"),
    "sg_points_width": ("{width} poin", "{width} points"),
}
