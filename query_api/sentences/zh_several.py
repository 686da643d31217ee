"""Chinese: words for doing something to several orders at once, by key."""

from __future__ import annotations

from typing import Final

TEXTS: Final[dict[str, str]] = {
    "several": "对所选订单执行",
    "select": "选择 {number}",
    "select_all": "全选当前显示",
    "several_selected": "已选 {count}",
    "several_show_more": "显示 200 条",
    "several_none": "没有选择订单。请回到看板勾选。",
    "several_will": "将执行",
    "several_will_not": "不会执行",
    "several_what": "将记录的内容",
    "several_not_now": "现在不能执行。等待谁：{party}。下一步：{step}。",
    "several_too_many": "一次太多，请在这些之后再做。",
    "several_carrier_missing": "请填写由谁承运。",
    "several_pasted": "运单号，每个包裹一行，顺序与下表相同；也可在旁边逐个填写",
    "several_too_many_pasted": "共 {lines} 行，{parcels} 个包裹。请核对哪个运单号属于哪个包裹。",
    "several_twice": "这个运单号也写在另一张订单的包裹上。",
    "several_without_number": "没有运单号的包裹：{count}",
    "several_change": "修改承运商或运单号",
    "several_done": "已记录：{count}。",
    "several_done_list": "已执行",
    "several_not_done": "未执行",
    "several_again": "再看一下这些",
    "several_gone": "结果已超过十分钟，不再显示。请在各订单页面查看。",
    "several_to_board": "回到看板",
}
