"""Chinese: people and their roles; what happened to them, what the page about them says, and why something was refused."""

from __future__ import annotations

from typing import Final, assert_never

from domain.offering import Act
from domain.person import events as person
from query_api.sentences.zh_words import ROLES, day

PEOPLE_ACTS: Final[dict[Act, str]] = {
    Act.INVITE_PERSON: "邀请",
    Act.GRANT_ROLE: "授予角色",
    Act.WITHDRAW_ROLE: "收回角色",
    Act.DEACTIVATE_PERSON: "停用",
    Act.ACTIVATE_PERSON: "重新启用",
}

PEOPLE_FIELDS: Final[dict[str, str]] = {
    "email": "电子邮件",
    "name": "姓名",
    "person": "人员",
    "role": "角色",
    "until": "代班至（最后一天；长期则留空）",
}

PEOPLE_TEXTS: Final[dict[str, str]] = {
    "people": "人员",
    "people_hint": "谁在这里工作，担任什么角色。名册中的人用密码或公司的登录服务登录；程序和命令行生成的链接自带角色。",
    "empty_people": "还没有邀请任何人。",
    "role_list": "角色",
    "no_role": "目前没有角色",
    "deputy_until": "代班至 {day}",
    "role_ended": "已于 {day} 结束",
    "person_state": "状态",
    "person_active": "启用",
    "person_inactive": "已停用",
    "person_id": "操作时的编号",
    "lasting_admins": "长期管理员",
    "ruled_by_provider": "通过公司的登录服务登录。角色在每次登录时由该服务决定，这里不能授予或收回；停用此人后，无论该服务怎么说都不能登录。",
    "unknown-person_title": "没有这个人",
    "unknown-person_text": "这个地址下没有邀请过任何人，请在列表中查找。",
}

PEOPLE_REFUSALS: Final[dict[str, str]] = {
    "email-taken": "已有人使用这个电子邮件地址。",
    "last-admin": "这样就没有人管理人员了，请先让另一人担任管理员。",
    "name-taken": "已有人叫这个名字。请加上区分，大家都会看到这个名字。",
    "not-active": "此人已停用。",
    "own-role": "不能给自己授予角色，须由另一人授予。",
    "role-ends-in-the-past": "角色的最后一天已经过去。",
    "role-of-programs": "这个角色只用于程序。",
    "ruled-by-provider": "此人的角色由公司的登录服务决定，请在那里更改。",
    "too-many-people": "人员名册已满。",
    "unknown-person": "没有这个人。",
}


def sentence(event: person.RegisterEvent) -> str:
    """One event as one sentence."""
    match event:
        case person.PersonInvited():
            at = f"（{event.details.email}）" if event.details.email else ""
            return f"{'通过登录服务加入：' if event.identity else '邀请 '}{event.details.name}{at}。"
        case person.RoleGranted():
            until = f"，代班至 {day(event.until)}" if event.until else ""
            return f"授予角色：{ROLES[event.role]}{until}。"
        case person.RoleWithdrawn():
            return f"收回角色：{ROLES[event.role]}。"
        case person.PersonDeactivated():
            return "已停用。"
        case person.PersonActivated():
            return "已重新启用。"
        case _:
            assert_never(event)
