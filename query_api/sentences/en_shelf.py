"""English: words for finding articles on the shelf, by key."""

from __future__ import annotations

from typing import Final

SHELF_TEXTS: Final[dict[str, str]] = {
    "bin": "Bin",
    "bins": "Bins",
    "codes": "Codes on the article and its packs",
    "none_known": "none known",
    "counts": "Counts of many articles",
    "counts_explained": "SKU, location, quantity and, if you like, bin: a line each, up to 1,000. An article that lies in several bins has a line for each; they are one count.",
    "counts_pasted": "Paste from a spreadsheet",
    "counts_file": "Or a CSV file",
    "counts_look": "Look at it first",
    "counts_unreadable": "The file is no text.",
    "counts_none": "No line was found.",
    "counts_lines": "line {lines}",
    "counts_record": "Record counts: {count}",
    "counts_gone": "This was told more than ten minutes ago. Each article's page says what became of it.",
    "counts_more": "More counts",
    "count_tasks": "Count tasks: {count}",
    "only_to_count": "Only what is to be counted",
    "told_order": "{order} ({units})",
    "told_reserved": "{units} reserved",
    "told_taken_back": "{units} taken back",
    "told_refused": "{units} refused",
    "told_more": "and {count} more",
    "code_stands_for": "{code} = {units}",
}
