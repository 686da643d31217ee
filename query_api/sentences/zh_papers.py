"""Chinese: what stands on papers."""

from __future__ import annotations

from typing import Final

PAPER_TEXTS: Final[dict[str, str]] = {
    "paper_delivery-note": "送货单",
    "paper_pick-list": "拣货单",
    "paper_packing-slip": "装箱单",
    "paper_parcel-label": "箱签",
    "no_delivery-note": "没有要送的商品。",
    "no_pick-list": "目前没有要拣的商品。",
    "no_packing-slip": "还没有打包的包裹。",
    "no_parcel-label": "还没有打包的包裹。",
    "paper_in_en": "英文版",
    "paper_in_zh": "中文版",
    "print": "打印",
    "paper_to": "收货方",
    "sheet_of_parcel": "第 {place} 箱，共 {places} 箱",
    "sheet_of_parcel_more": "第 {place} 箱，共 {places} 箱，后续还有",
    "rest_follows": "订单其余部分随后发出。",
    "weight": "重量",
    "your_reference": "贵方单号",
    "in_parcel": "箱内数量",
    "picked_by": "拣货人",
    "papers": "打印",
    "paper_from": "发货方",
    "customer_line": "贵方行号",
    "ordered": "订购",
    "units_here": "本次到货",
    "to_come": "待发",
    "to_pick": "应拣",
    "lot_or_serial": "批次或序列号",
    "picked_tick": "已拣",
    "signature": "收货人签字",
    "signed_name": "姓名",
    "signed_on": "日期",
    "sheets": "共 {count} 张",
    "print_later": "行数太多，一页放不下。留到下一页的订单：{count}",
    "print_next": "显示其余订单",
    "not_in_house": "您的岗位仅在订单由仓库处理期间可查看地址",
    "print_most": "仅限最紧急的 {count} 个订单。其他订单请先筛选看板或勾选。",
}
