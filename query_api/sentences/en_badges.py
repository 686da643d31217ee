"""English: badges, PINs, and the devices at which they open something."""

from __future__ import annotations

from typing import Final

from web.badges import MOST_WRONG_PINS, PIN_DIGITS, SHORTEST_BADGE

BADGE_TEXTS: Final[dict[str, str]] = {
    "badge": "Badge",
    "badge_and_pin": "Badge and PIN",
    "badge_code": "Code of the card",
    "badge_code_hint": "Scan the card that the person has. Leave it empty for a new code to print.",
    "badge_give": "Give badge",
    "badge_give_other": "Give another badge",
    "badge_given": "A badge was given.",
    "badge_help": "Scan your badge, then enter your PIN. You choose it at your account, signed in with your password.",
    "badge_locked": f"Refused after {MOST_WRONG_PINS} wrong PINs.",
    "badge_locked_own": f"After {MOST_WRONG_PINS} wrong PINs your badge is refused. Choose a new PIN, and it works again.",
    "badge_made": "Print this badge for {name}. It is not shown again.",
    "badge_none": "No badge was given yet.",
    "badge_take_back": "Take the badge away",
    "device_by": "Registered by",
    "device_is": "This browser is “{name}”.",
    "device_is_none": "This browser is not registered.",
    "device_name": "Name of the device",
    "device_name_hint": "Where it stands, for example “Packing bench 2”.",
    "device_register": "Register this browser",
    "device_rename": "Register under this name",
    "device_since": "Registered",
    "device_this": "This browser",
    "device_withdraw": "Withdraw",
    "devices": "Devices",
    "devices_all": "All devices",
    "devices_hint": "At a registered browser, people of warehouse and logistics sign in with badge and PIN. After registering, sign out here.",
    "devices_none": "None is registered.",
    "pin": "PIN",
    "pin_choose": "Choose this PIN",
    "pin_hint": f"{PIN_DIGITS} digits; no row such as {'1234567890'[:PIN_DIGITS]}, and nothing that repeats.",
    "pin_new": "New PIN",
    "pin_none": "No PIN was chosen yet.",
    "pin_there": "A PIN was chosen.",
    "with_password": "With name and password",
}

BADGE_REFUSALS: Final[dict[str, str]] = {
    "badge-refused": f"That did not work. Please scan the badge again and enter the PIN. After {MOST_WRONG_PINS} wrong PINs a badge is refused until its owner has signed in with the password and chosen a new PIN.",
    "badge-taken": "This badge is somebody else's.",
    "badge-too-short": f"A badge has at least {SHORTEST_BADGE} characters.",
    "no-role-by-badge": "A badge is for work in the warehouse and in logistics, and you have no such role today. Please sign in with your password.",
    "pin-six-digits": f"A PIN has {PIN_DIGITS} digits.",
    "pin-too-easy": "This PIN is among those that are guessed first. Please choose another one.",
    "pins-differ": "The two PINs are not the same.",
}
