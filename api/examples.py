"""Examples for the OpenAPI description: a case of each kind, and what is done with it."""

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
    "returns": {
        "kind": "returns",
        "channel": "app",
        "received_at": "2026-11-20T20:00:00+08:00",
        "form": {"words": "连衣裙尺码偏小，收到三天，吊牌未拆，想退货。"},
        "external_ref": "RMA-20261120-0042",
        "customer": {
            "name": "周琳",
            "contacts": [{"kind": "app", "value": "user-30417"}],
        },
        "order": "SO-20261117-8841",
        "product": "连衣裙",
    },
    "repair": {
        "kind": "repair",
        "channel": "phone",
        "received_at": "2026-11-20T08:00:00+08:00",
        "form": {"words": "热水器打不着火，买了一年半。", "model": "JSQ-20"},
        "external_ref": "WX-APP-5512",
        "customer": {
            "name": "刘芳",
            "contacts": [
                {"kind": "phone", "value": "139 0000 0002"},
                {"kind": "address", "value": "成华区建设路 1 号"},
            ],
        },
        "product": "热水器",
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
    "convert": {"kind": "complaint"},
    "review": {
        "ground": "personal",
        "ruling": "refund",
        "damaged": False,
        "delivered_on": "2026-11-17",
        "freight": "customer",
        "amount": {"amount": "299.00", "currency": "CNY"},
    },
    "ship": {"tracking": "SF1234567890"},
    "inspect": {
        "grade": "A",
        "passed": True,
        "amount": {"amount": "299.00", "currency": "CNY"},
    },
    "take_job": {"note": "今天下午有空。"},
    "appoint": {"window": "11 月 21 日 14:00—16:00"},
    "visit": {},
    "diagnose": {"outcome": "chargeable", "finding": "点火器老化，已过保修期。"},
    "quote": {
        "price": {"amount": "180.00", "currency": "CNY"},
        "work": "更换点火器，含上门费。",
    },
    "accept_quote": {"note": "客户电话确认。"},
    "repair": {"work": "更换点火器。", "parts": "点火器 1 只"},
    "test": {"passed": True, "note": "连续点火十次正常。"},
    "hand_over": {},
    "follow_up": {"reached": True, "solved": True, "satisfaction": "satisfied", "nps": 8},
    "withdraw": {"reason": "客户表示问题已自行解决。"},
}
