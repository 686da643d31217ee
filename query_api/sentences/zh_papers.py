"""Chinese: what stands on papers."""

from __future__ import annotations

from typing import Final

PAPER_TEXTS: Final[dict[str, str]] = {
    "paper_delivery-note": "送货单",
    "paper_pick-list": "拣货单",
    "papers": "打印",
    "paper_from": "发货方",
    "customer_line": "贵方行号",
    "ordered": "订购",
    "units_here": "本次到货",
    "to_come": "待发",
    "to_pick": "应拣",
    "lot_or_serial": "批次或序列号",
    "picked_tick": "已拣",
    "nothing_to_pick": "目前没有要拣的商品。",
    "signature": "收货人签字",
    "signed_name": "姓名",
    "signed_on": "日期",
}
