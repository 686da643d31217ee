"""Chinese: badges, PINs, and the devices at which they open something."""

from __future__ import annotations

from typing import Final

from web.badges import MOST_WRONG_PINS, PIN_DIGITS, SHORTEST_BADGE

BADGE_TEXTS: Final[dict[str, str]] = {
    "badge": "工卡",
    "badge_and_pin": "工卡和 PIN 码",
    "badge_code": "卡上的代码",
    "badge_code_hint": "扫描此人已有的卡。留空则生成新的代码供打印。",
    "badge_give": "发放工卡",
    "badge_give_other": "换发工卡",
    "badge_given": "已发放工卡。",
    "badge_help": "先扫描工卡，再输入 PIN 码。PIN 码在用密码登录后，在“我的账户”里设置。",
    "badge_locked": f"PIN 码输错 {MOST_WRONG_PINS} 次，已停用。",
    "badge_locked_own": f"PIN 码输错 {MOST_WRONG_PINS} 次，您的工卡已停用。设置新的 PIN 码后可以再用。",
    "badge_made": "请为{name}打印这张工卡。代码不再显示。",
    "badge_none": "还没有发放工卡。",
    "badge_take_back": "收回工卡",
    "device_by": "登记人",
    "device_is": "当前浏览器是“{name}”。",
    "device_is_none": "当前浏览器没有登记。",
    "device_name": "设备名称",
    "device_name_hint": "设备所在的地方，例如“2 号打包台”。",
    "device_register": "登记当前浏览器",
    "device_rename": "用这个名称登记",
    "device_since": "登记时间",
    "device_this": "当前浏览器",
    "device_withdraw": "取消登记",
    "devices": "设备",
    "devices_all": "所有设备",
    "devices_hint": "在已登记的浏览器上，仓库和物流人员可以用工卡和 PIN 码登录。登记后请在这里退出登录。",
    "devices_none": "还没有登记设备。",
    "pin": "PIN 码",
    "pin_choose": "设置 PIN 码",
    "pin_hint": f"{PIN_DIGITS} 位数字；不能是 {'1234567890'[:PIN_DIGITS]} 这样的顺序，也不能重复。",
    "pin_new": "新 PIN 码",
    "pin_none": "还没有设置 PIN 码。",
    "pin_there": "已设置 PIN 码。",
    "with_password": "用姓名和密码登录",
}

BADGE_REFUSALS: Final[dict[str, str]] = {
    "badge-refused": f"登录失败。请重新扫描工卡并输入 PIN 码。PIN 码输错 {MOST_WRONG_PINS} 次后，工卡停用，直到本人用密码登录并设置新的 PIN 码。",
    "badge-taken": "这张工卡是别人的。",
    "badge-too-short": f"工卡代码至少 {SHORTEST_BADGE} 个字符。",
    "no-role-by-badge": "工卡只用于仓库和物流工作，您今天没有这样的角色。请用密码登录。",
    "pin-six-digits": f"PIN 码是 {PIN_DIGITS} 位数字。",
    "pin-too-easy": "这个 PIN 码太容易被猜到，请换一个。",
    "pins-differ": "两次输入的 PIN 码不一致。",
}
