"""How is what is held about a person said, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

Text = tuple[str, str]

FIELDS: Final[Mapping[str, Text]] = {
    "origin": ("Asal", "Origin"),
    "service_office": ("Kantor yang memproses", "Office that processed it"),
    "destination": ("Negara tujuan", "Destination"),
    "sector": ("Sektor", "Sector"),
    "position": ("Jabatan", "Position"),
    "employer_type": ("Jenis pemberi kerja", "Employer type"),
    "scheme": ("Skema penempatan", "Placement scheme"),
    "certification_level": ("Tingkat sertifikasi", "Certification level"),
    "certification_verified": ("Sertifikasi terverifikasi", "Certification verified"),
    "language_certificate": ("Sertifikat bahasa", "Language certificate"),
    "agency_id": ("P3MI", "Agency (P3MI)"),
    "overseas_agency_id": ("Mitra di luar negeri", "Partner abroad"),
    "employer_ref": ("Pemberi kerja (rujukan)", "Employer (reference)"),
    "wage_monthly_idr": ("Gaji per bulan (Rp)", "Monthly wage (IDR)"),
    "fee_idr": ("Biaya penempatan (Rp)", "Placement fee (IDR)"),
    "contract_months": ("Lama kontrak (bulan)", "Contract length (months)"),
    "contract_signed_before_departure": (
        "Kontrak ditandatangani sebelum berangkat",
        "Contract signed before departure",
    ),
    "has_work_visa": ("Visa kerja", "Work visa"),
    "has_bpjs": ("BPJS Ketenagakerjaan", "Social security (BPJS)"),
    "has_health_certificate": ("Sertifikat kesehatan", "Health certificate"),
    "attended_opp": ("Mengikuti OPP", "Attended pre-departure orientation"),
    "prior_placements": ("Penempatan sebelumnya", "Earlier placements"),
    "registered_on": ("Tanggal pendaftaran", "Registered on"),
    "departed_on": ("Tanggal berangkat", "Departed on"),
    "contract_end_on": ("Akhir kontrak", "End of contract"),
    "returned_on": ("Tanggal kembali", "Returned on"),
}
"""Every fact of a placement that is kept, as its subject reads it."""

EVENTS: Final[Mapping[str, Text]] = {
    "status_change": ("perubahan status", "change of status"),
    "contact": ("kontak", "contact"),
    "missed_contact": ("kontak tidak terjawab", "missed contact"),
    "complaint": ("pengaduan", "complaint"),
    "employer_change": ("ganti pemberi kerja", "change of employer"),
    "contract_extension": ("perpanjangan kontrak", "contract extension"),
    "certificate_verified": ("sertifikat diverifikasi", "certificate verified"),
    "repatriation": ("pemulangan", "repatriation"),
    "deportation": ("deportasi", "deportation"),
    "interception": ("pencegahan keberangkatan", "interception"),
    "death": ("kematian", "death"),
}
OUTCOMES: Final[Mapping[str, Text]] = {
    "harm_found": ("ditemukan kerugian", "harm found"),
    "no_harm_found": ("tidak ditemukan kerugian", "no harm found"),
    "not_reached": ("tidak terjangkau", "not reached"),
    "deferred": ("ditunda", "deferred"),
}
NOT_SHOWN: Final[Text] = (
    "Catatan bebas petugas dan nama petugas tidak ditampilkan karena dapat menyebut orang lain; kantor "
    "dapat membacakannya setelah nama orang lain dihapus. Jenis kelamin, usia, agama, status keluarga tidak disimpan.",
    "Free notes of officers and their names are not shown, for they may name others; the office can read "
    "them out once that is removed. Sex, age, religion and family status are not kept.",
)
RIGHTS: Final[Text] = (
    "Anda dapat meminta koreksi, berkeberatan atas penilaian otomatis sehingga manusia yang memutuskan, atau "
    "meminta penghapusan tautan ke diri Anda; tidak satu pun memengaruhi penempatan Anda.",
    "You may ask for a correction, object to the automated score so that a person decides, or ask that every "
    "link to you be erased; none of this affects your placement.",
)
ORDERS_NOTHING: Final[Text] = (
    "Ada keberatan: nilai ini tidak dipakai untuk mengurutkan; petugas yang memutuskan.",
    "There is an objection: this score orders nothing; an officer decides.",
)
KEPT_AFTER_ERASURE: Final[Text] = (
    "Tersisa catatan penempatan, kunjungan, daftar dan kuitansi tanpa tautan ke orangnya, dan jejak audit bahwa "
    "penghapusan ini dilakukan. Hapus juga di sistem asal: kiriman berikutnya dari sana membawa tautannya kembali.",
    "What stays are records of placements, visits, lists and receipts without a link to the person, and the audit "
    "row of this erasure. Erase in the source system too: what it sends next brings the link back.",
)
WITHHELD: Final[Text] = (
    "tidak diberikan: melindungi siapa pun yang mengadu atau dihubungi",
    "withheld: protects whoever complained or was contacted",
)
CORRECT_IT: Final[Text] = (
    "Salah? Kirim data yang benar dengan PUT /v1/placements/{name}, atau minta kantor mengoreksinya; nilai "
    "dihitung ulang seketika. Pekerja tidak perlu membuktikan apa pun.",
    "Wrong? Send what is right with PUT /v1/placements/{name}, or ask the office to correct it; the score is "
    "made anew at once. The worker has to prove nothing.",
)
