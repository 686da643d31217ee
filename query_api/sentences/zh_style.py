"""Chinese: words of the page that shows the style."""

from __future__ import annotations

from typing import Final

STYLE_TEXTS: Final[dict[str, str]] = {
    "style_title": "页面的全部部件",
    "style_lead": "供修改页面样式的人查看。这里没有真实订单，也不会执行任何操作。",
    "style_headlines": "状态、标记、要点",
    "style_buttons": "按钮与链接",
    "style_notices": "提示、未执行、实时状态",
    "style_notice": "一条普通提示。",
    "style_forms": "表单：各种字段、未通过时的样子、预览",
    "style_tables": "表格与队列",
    "style_changed": "这一行刚刚变动。",
    "style_empty": "空白与加载中",
    "style_progress": "进度、时间线、包裹、码",
}
