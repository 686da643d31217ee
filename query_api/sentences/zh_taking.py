"""Chinese: who is on an order, and what departments ask each other, by key."""

from __future__ import annotations

from typing import Final

TAKING_TEXTS: Final[dict[str, str]] = {
    "queue_messages": "留言",
    "taken_by": "{name} 正在处理",
    "taken_since": "{name}，自 {time} 起",
    "taken_take_over": "{name} 自 {time} 起正在处理，要接手吗？",
    "taken_by_you": "您自 {time} 起正在处理",
    "on_it": "正在处理",
    "messages": "留言",
    "message_to": "给{party}",
    "message_unanswered": "尚未答复",
    "message_answered": "已答复",
    "message_count": "待答复 {count}",
}
