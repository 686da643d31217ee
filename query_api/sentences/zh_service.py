"""Chinese: the words of customer service: the search box, and what is written down of a customer's call."""

from __future__ import annotations

from typing import Final

from projections.search_terms import SearchField

SERVICE_TEXTS: Final[dict[str, str]] = {
    "find_label": "查找订单：订单号、客户单号、客户、电子邮件、电话、运单号或货号",
    "find_hint": "查找：订单号、客户、电话、运单号、货号…",
    "found_for": "查找",
    "found_by": "匹配项",
    "found_nothing": "没有找到。",
    "found_too_many": "以此开头的太多，未全部列出。请输入更多字符。",
    "looked_in": "查找范围：",
    "find_how": "可输入全部或开头；电话号码比对最后七位。大小写、空格和连字符不影响结果。",
    "list_comma": "、",
    "full_stop": "。",
    "customer_reads": "客户看到：",
    "tracking_page": "客户看到的页面",
    "asked_where": "客户询问订单进度：",
    "asked_where_question": "客户询问订单进度。",
}

SEARCHED: Final[dict[SearchField, str]] = {
    SearchField.NUMBER: "订单号",
    SearchField.REFERENCE: "客户单号",
    SearchField.CUSTOMER_ID: "客户编号",
    SearchField.CUSTOMER_NAME: "客户名称",
    SearchField.EMAIL: "电子邮件",
    SearchField.PHONE: "电话",
    SearchField.DELIVERY_PHONE: "电话",
    SearchField.TRACKING_NUMBER: "运单号",
    SearchField.SKU: "货号",
}
