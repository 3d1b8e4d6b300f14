"""The sample staff, teams and systems, and who speaks for whom by default."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Person:
    """One of the sample staff."""

    id: str
    name: str
    role: str
    teams: tuple[str, ...] = ()


TEAMS = {"complaints": "投诉组", "inquiries": "咨询组"}

ADMINISTRATOR = Person("admin", "管理员", "administrator")

SAMPLE_STAFF = (
    Person("chen.min", "陈敏", "seat", ("complaints", "inquiries")),
    Person("liu.yang", "刘洋", "agent", ("complaints",)),
    Person("zhang.qian", "张倩", "agent", ("inquiries",)),
    Person("wang.fang", "王芳", "lead", ("complaints", "inquiries")),
    Person("zhao.fang", "赵芳", "service_manager", ("complaints", "inquiries")),
    Person("xu.lei", "徐蕾", "account_manager", ("complaints", "inquiries")),
    Person("zhou.hang", "周航", "management"),
    Person("he.jing", "何静", "store_manager", ("inquiries",)),
    Person("ops", "运维", "ops"),
)

SAMPLE_SYSTEMS = ("shop-app", "feedback")
"""The shop's app speaks for the customers who use it; feedback passes on what they wrote."""

DEFAULTS = {"work": "wang.fang", "admin": ADMINISTRATOR.id, "feed": "feedback"}
DEFAULTS_WITHOUT_SAMPLE = dict.fromkeys(("work", "admin", "feed"), ADMINISTRATOR.id)
