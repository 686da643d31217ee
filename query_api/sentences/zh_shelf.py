"""Chinese: words for finding articles on the shelf, by key."""

from __future__ import annotations

from typing import Final

SHELF_TEXTS: Final[dict[str, str]] = {
    "bin": "货位",
    "bins": "货位",
    "codes": "货品和包装上的条码",
    "none_known": "尚无",
    "counts": "批量盘点",
    "counts_explained": "每行：货号、库房、数量，可加货位，最多 1,000 行。同一货品在多个货位时每个货位一行，合并为一次盘点。",
    "counts_pasted": "从表格粘贴",
    "counts_file": "或上传 CSV 文件",
    "counts_look": "先预览",
    "counts_unreadable": "文件不是文本。",
    "counts_none": "没有找到任何行。",
    "counts_lines": "第 {lines} 行",
    "counts_record": "记录 {count} 项盘点",
    "counts_gone": "结果仅保留十分钟，请在货品页查看。",
    "counts_more": "继续盘点",
    "count_tasks": "盘点任务：{count}",
    "only_to_count": "仅看待盘点的",
    "told_order": "{order}（{units}）",
    "told_reserved": "预留 {units}",
    "told_taken_back": "收回 {units}",
    "told_refused": "{units}无法预留",
    "told_more": "另有 {count} 个",
    "code_stands_for": "{code} = {units}",
}
