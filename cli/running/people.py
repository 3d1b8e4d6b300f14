"""The sample staff, teams and systems, and who speaks for whom by default."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One of the sample staff."""

    id: str
    name: str
    role: str
    teams: tuple[str, ...] = ()


TEAMS = {
    "complaints": "投诉组",
    "inquiries": "咨询组",
    "returns": "退换货组",
    "repairs": "维修组",
}
ALL = tuple(TEAMS)

ADMINISTRATOR = Person("admin", "管理员", "administrator")

SAMPLE_STAFF = (
    Person("chen.min", "陈敏", "seat", ALL),
    Person("liu.yang", "刘洋", "agent", ("complaints", "returns")),
    Person("zhang.qian", "张倩", "agent", ("inquiries", "repairs")),
    Person("wang.fang", "王芳", "lead", ALL),
    Person("zhao.fang", "赵芳", "service_manager", ALL),
    Person("xu.lei", "徐蕾", "account_manager", ALL),
    Person("zhou.hang", "周航", "management"),
    Person("he.jing", "何静", "store_manager", ("inquiries",)),
    Person("ma.qiang", "马强", "repairer", ("repairs",)),
    Person("lu.wei", "陆伟", "logistics", ("returns", "repairs")),
    Person("shun.da", "顺达维修", "vendor", ("repairs",)),
    Person("ops", "运维", "ops"),
)

SAMPLE_SYSTEMS = ("shop-app", "feedback")
"""The shop's app speaks for the customers who use it; feedback passes on what they wrote."""

DEFAULTS = {
    "work": "wang.fang",
    "manage": "zhao.fang",
    "admin": ADMINISTRATOR.id,
    "feed": "feedback",
}
DEFAULTS_WITHOUT_SAMPLE = dict.fromkeys(DEFAULTS, ADMINISTRATOR.id)
