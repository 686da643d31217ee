"""Chinese: who is on an order, what departments ask each other, and what the start page tells a person, by key."""

from __future__ import annotations

from typing import Final

TAKING_TEXTS: Final[dict[str, str]] = {
    "queue_messages": "留言",
    "taken_by": "{name} 正在处理",
    "taken_since": "{name}，自 {time} 起",
    "taken_notice": "{name} 自 {time} 起正在处理。",
    "taken_take_over": "{name} 自 {time} 起正在处理，要接手吗？",
    "taken_by_you": "您自 {time} 起正在处理",
    "on_it": "正在处理",
    "message_to": "给{party}",
    "message_unanswered": "尚未答复",
    "message_answered": "已答复",
    "follow": "关注",
    "followed": "他人对此订单的变动会显示在",
    "unfollow": "取消关注",
    "no_messages": "没有待答复的留言。",
    "changed_orders": "您的订单有变动",
    "changed_last": "最近的变动",
    "all_seen": "我已看过",
    "nothing_changed": "您关注或处理过的订单没有变动。",
}
