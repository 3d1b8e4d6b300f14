"""Examples for the OpenAPI description: a complaint and an inquiry as they come in."""

from collections.abc import Mapping
from typing import Any

CASES: Mapping[str, Mapping[str, Any]] = {
    "complaint": {
        "kind": "complaint",
        "channel": "phone",
        "received_at": "2026-11-20T14:05:00+08:00",
        "form": {"words": "刚买二十天内屏就坏了，联系客服不给换，也不给退。"},
        "external_ref": "CRM-20261120-0017",
        "customer": {
            "name": "张三",
            "contacts": [
                {"kind": "phone", "value": "138 0000 0001"},
                {"kind": "email", "value": "zhangsan@example.com"},
            ],
        },
        "order": "SO-20261031-8841",
        "product": "平板",
    },
    "inquiry": {
        "kind": "inquiry",
        "channel": "chat",
        "form": {"words": "订单已经付款，发票什么时候能开？"},
        "external_ref": "chat-77310",
    },
}

FORMS: Mapping[str, Mapping[str, Any]] = {
    "accept": {"note": "已电话联系客户，确认受理。"},
    "classify": {
        "category": "product_quality",
        "severity": "minor",
        "impact": "one",
        "urgency": "normal",
        "hardness": "ordinary",
    },
    "assign": {"assignee": "liu.yang", "team": "complaints"},
    "investigate": {
        "cause": "production",
        "reasonable": True,
        "finding": "屏幕排线虚焊，属生产问题，客户要求合理。",
    },
    "propose": {
        "solution": "免费更换同型号新机，来回运费由我们承担。",
        "cost": {"amount": "35.00", "currency": "CNY"},
    },
    "accept_solution": {},
    "carry_out": {"done": "新机已寄出，旧机已收回。"},
    "answer": {"answer": "付款后在订单页点“开具发票”，24 小时内发到邮箱。", "minutes": 3},
    "follow_up": {"reached": True, "solved": True, "satisfaction": "satisfied", "nps": 8},
    "withdraw": {"reason": "客户表示问题已自行解决。"},
}
