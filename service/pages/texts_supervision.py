"""Which words stand on the supervisor's pages, in Bahasa Indonesia and in English?"""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sv_title": ("Pengawasan", "Supervision"),
    "sv_intro": (
        "Bagaimana kunjungan berjalan, apakah urutan daftar berguna, dan apa yang luput. Angka bergaris bawah "
        "membuka barisnya.",
        "How visits are going, whether the order of the lists is of use, and what is missed. Underlined numbers open "
        "their rows.",
    ),
    "sv_filter": ("Saring", "Filter"),
    "sv_all_offices": ("Semua kantor yang Anda lihat", "All offices that you see"),
    "sv_months": ("Daftar dari", "Lists of"),
    "sv_months_of": ("{count} bulan terakhir", "the last {count} months"),
    "sv_show": ("Tampilkan", "Show"),
    "sv_workload": ("Beban dan kemajuan", "Workload and progress"),
    "sv_workload_note": (
        "Baris dari daftar yang sedang berjalan. Kapasitas: kunjungan sebulan menurut data pengguna atau kantor.",
        "Rows of lists at work. Capacity: visits a month as stated for the user or the office.",
    ),
    "sv_inspector": ("Pengawas", "Inspector"),
    "sv_nobody": ("Belum dibagikan", "Given to nobody"),
    "sv_unknown_user": ("Pengguna lain", "Another user"),
    "sv_rows": ("Baris", "Rows"),
    "sv_capacity": ("Kapasitas", "Capacity"),
    "sv_capacity_unknown": ("tidak dinyatakan", "not stated"),
    "sv_over": ("melebihi kapasitas", "over capacity"),
    "sv_share": ("Kemajuan", "Progress"),
    "sv_no_work": ("Tidak ada daftar yang sedang berjalan.", "No list is at work."),
    "sv_progress": ("Daftar yang sedang berjalan", "Lists at work"),
    "sv_list": ("Daftar", "List"),
    "sv_issued": ("Diterbitkan", "Issued"),
    "sv_of_total": ("{done} dari {all} dikunjungi", "{done} of {all} visited"),
    "sv_status": ("Status", "Status"),
    "sv_status_visited": ("Dikunjungi", "Visited"),
    "sv_status_accepted": ("Diterima", "Accepted"),
    "sv_status_open": ("Belum diambil", "Not taken on"),
    "sv_status_deferred": ("Ditunda", "Deferred"),
    "sv_status_not_reached": ("Tidak bertemu", "Not reached"),
    "sv_status_dropped": ("Tidak dikunjungi", "Not visited"),
    "sv_status_waiting": ("Belum selesai", "Not finished"),
    "sv_worth": ("Apakah urutannya berguna?", "Is the order of use?"),
    "sv_not_enough": ("Belum cukup data", "Not enough data"),
    "sv_interval_note": (
        "Angka dalam kurung: kemungkinan 90% nilai sebenarnya terletak di antaranya; pada keadilan antar kelompok 95%.",
        "Numbers in brackets: the true value lies between them with 90% confidence; for fairness between groups 95%.",
    ),
    "sv_ratio": ("Temuan menurut urutan dibandingkan undian", "Found by the order against chance"),
    "sv_ratio_value": ("{ratio}× ({low}–{high})", "{ratio}× ({low}–{high})"),
    "sv_ratio_more": ("lebih dari {low}×", "more than {low}×"),
    "sv_ratio_says": (
        "Kunjungan menurut urutan menemukan bahaya {value} sesering kunjungan yang dipilih dengan undian.",
        "Visits chosen by the order found harm {value} as often as chance would have.",
    ),
    "sv_ratio_none": (
        "Baik urutan maupun undian belum menemukan bahaya.",
        "Neither the order nor chance has found harm yet.",
    ),
    "sv_ratio_few": (
        "Masing-masing perlu 10 kunjungan yang bertemu orang; kini {risk} menurut urutan dan {random} menurut undian.",
        "Each needs 10 visits that reached somebody; so far {risk} by the order and {random} by chance.",
    ),
    "sv_ratio_note": (
        "Undian mengambil dari penempatan yang tidak terpilih menurut urutan, jadi terhadap undian dari semua "
        "penempatan bedanya sedikit lebih kecil.",
        "Chance draws from placements that the order left, so against a draw from all placements the difference is "
        "somewhat smaller.",
    ),
    "sv_by_order": ("Menurut urutan", "By the order"),
    "sv_by_chance": ("Menurut undian", "By chance"),
    "sv_found_of": ("{found} temuan dari {visits} kunjungan: {share}", "{found} found in {visits} visits: {share}"),
    "sv_missed": ("Bahaya yang luput", "Harm missed"),
    "sv_missed_value": ("{estimate} ({low}–{high})", "{estimate} ({low}–{high})"),
    "sv_missed_says": (
        "Diperkirakan {value} penempatan per daftar sedang mengalami kerugian dan tidak ditemukan.",
        "An estimated {value} placements per list were in harm and were not found.",
    ),
    "sv_found_per_list": ("Ditemukan, per daftar", "Found, per list"),
    "sv_in_harm": ("Bagian kohort yang mengalami kerugian", "Share of the cohort in harm"),
    "sv_visits_by_chance": (
        "Kunjungan menurut peluang yang bertemu orang",
        "Visits drawn by chance that reached somebody",
    ),
    "sv_lists_counted": ("Daftar yang dihitung", "Lists counted"),
    "sv_overrides": ("Urutan yang diubah petugas", "Order changed by officers"),
    "sv_raised": ("Dinaikkan", "Raised"),
    "sv_lowered": ("Diturunkan", "Lowered"),
    "sv_untouched": ("Dibiarkan", "Left as it was"),
    "sv_untouched_share": ("{share} baris dibiarkan pada urutannya.", "{share} of rows were left in their order."),
    "sv_overrides_none": ("Belum ada baris dalam jangka ini.", "No rows in this period yet."),
    "sv_raised_says": (
        "Baris yang dinaikkan menemukan bahaya {value} sesering baris yang dibiarkan.",
        "Raised rows found harm {value} as often as rows that were left.",
    ),
    "sv_raised_few": (
        "Untuk melihat apakah menaikkan membantu perlu 10 kunjungan ke baris yang dinaikkan dan 10 ke yang dibiarkan.",
        "To see whether raising helped, 10 visits to raised rows and 10 to untouched ones are needed.",
    ),
    "sv_overrides_note": (
        "Petugas menaikkan baris karena mengetahui sesuatu; angka ini menunjukkan apakah pengetahuan itu menyertai "
        "temuan.",
        "Officers raise a row because they know something; the figure shows whether such knowledge goes with findings.",
    ),
    "sv_reason": ("Alasan", "Reason"),
    "sv_reached": ("Dikunjungi dan bertemu", "Visited and reached"),
    "sv_found": ("Bahaya ditemukan", "Harm found"),
    "sv_no_overrides": ("Tidak ada baris yang diubah urutannya.", "No row was moved."),
    "sv_fairness": ("Keadilan antar kelompok", "Fairness between groups"),
    "sv_fairness_says": (
        "Diukur sebelum rilis dipakai: apakah kelompok mana pun lebih sering luput daripada menurut pembandingnya.",
        "Measured before the release came into use: whether any group is missed more often than by what it replaces.",
    ),
    "sv_fairness_few": (
        "Rilis yang dipakai tidak membawa angka per kelompok. Buat dengan: risk-model promote",
        "The release in use carries no figures by group. Make one that does with: risk-model promote",
    ),
    "sv_fairness_run": (
        "Belum ada angka dari kunjungan acak sejak pelatihan. Jalankan: risk-model drift --data …",
        "No figures from visits chosen by chance since training yet. Run: risk-model drift --data …",
    ),
    "sv_fairness_since": (
        "Selisih sejak pelatihan: bagian bahaya kelompok itu yang masuk daftar, dikurangi bagian lainnya, pada "
        "kunjungan acak sampai {day}, selang 95%. Kelompok dengan data belum cukup: {count}; itu tidak berarti adil.",
        "Gap since training: share of the group's harm that lists reach, less that of everybody else, on visits "
        "chosen by chance until {day}, 95% intervals. Groups without enough data: {count}; that does not mean fair.",
    ),
    "sv_fairness_least": (
        "Sebelum rilis: bagian bahaya kelompok itu yang masuk daftar, lebih atau kurang; yang terendah dari {count} "
        "kelompok, selang 95% bersama.",
        "Before release: share of the group's harm that lists reach, more or less; the least of {count} groups, "
        "95% intervals that hold together.",
    ),
    "sv_over_rule": ("dibanding aturan dua baris", "against the two-line rule"),
    "sv_over_champion": ("dibanding rilis sebelumnya", "against the release before"),
    "sv_fairness_rule": (
        "Aturan dua baris yang dipakai, dan aturan itu tidak diuji per kelompok.",
        "The two-line rule is in use, and it is not tested by group.",
    ),
    "sv_passed": ("lolos", "passed"),
    "sv_failed": ("tidak lolos", "failed"),
    "sv_see_rows": ("Lihat barisnya", "See the rows"),
    "sv_by_office_note": (
        "Per kantor; pilih satu kantor untuk melihat para pengawasnya.",
        "By office; choose one to see its inspectors.",
    ),
    "sv_rows_title": ("Baris di balik angka", "Rows behind the figure"),
    "sv_rows_count": ("{count} baris", "{count} rows"),
    "sv_rows_none": ("Tidak ada baris yang cocok.", "No row fits."),
    "sv_back": ("Kembali ke pengawasan", "Back to supervision"),
    "pg_next": ("Berikutnya", "Next"),
    "pg_previous": ("Sebelumnya", "Previous"),
    "pg_page_of": ("Halaman {page} dari {pages}", "Page {page} of {pages}"),
    "sv_finding": ("Hasil", "Finding"),
    "sv_finding_yes": ("Bahaya ditemukan", "Harm found"),
    "sv_finding_no": ("Tidak ditemukan bahaya", "No harm found"),
    "sv_finding_reached": ("Bertemu orang", "Reached somebody"),
    "sv_work_placements": ("Daftar penempatan", "Lists of placements"),
    "sv_work_now": ("Daftar yang sedang berjalan", "Lists at work"),
    "sv_moved": ("Urutan diubah", "Order changed"),
    "sv_arm": ("Cara terpilih", "How it was chosen"),
    "sv_arms": ("Kemajuan menurut cara terpilih", "Progress by how rows were chosen"),
    "sv_arms_note": (
        "Semua baris perlu selesai atau diberi alasan, juga yang terpilih lewat undian: tanpa itu tidak ada yang tahu "
        "apa yang luput. Cara terpilih satu baris tidak ditampilkan kepada yang mengunjunginya.",
        "Every row needs a visit or a reason, those drawn by chance too: without them nobody knows what is missed. "
        "How one row was chosen is not shown to those who visit it.",
    ),
    "sv_arm_mandatory": ("Wajib", "Mandatory"),
    "sv_arm_risk": ("Menurut urutan", "By the order"),
    "sv_arm_coverage": ("Cakupan", "Coverage"),
    "sv_arm_random": ("Undian", "Chance"),
    "sv_changed": ("Terakhir diubah", "Last changed"),
    "sv_until": ("sampai {day}", "until {day}"),
    "sv_clear": ("Hapus saringan", "Clear the filters"),
    "sv_number": ("Nomor", "Number"),
}
