"""Chinese: the words of entering an order, by key."""

from __future__ import annotations

from typing import Final

ENTRY_TEXTS: Final[dict[str, str]] = {
    "not_placed": "下单未成功。",
    "correct_fields": "请更正标出的栏目。",
    "try_again": "目前不确定是否已下单。请原样再提交一次，不会重复下单。",
    "email": "电子邮件",
    "recipient": "收货人",
    "street": "街道",
    "postal_code": "邮编",
    "city": "城市",
    "more_lines": "增加行",
    "terms": "条件",
    "currency": "币种",
    "priority_hint": "优先级（0 最先，9 最后）",
    "partial_explained": "有货的可以先发",
    "backorder_explained": "缺货时等待补货；否则由我方取消缺货件数",
    "form_gone": "填写的内容已不再保留：表单只保留十分钟。",
}
