"""A policy with categories of its own, written as somebody would write it."""

from typing import Final

from cases.common.policy import publish
from policies.check import read_policy
from policies.documents import calendars
from tests.cases.test_policy_documents import TEXT

VERSION: Final = "test-categories"
CATEGORIES: Final = """\
categories:
  complaint:
    - {code: product_quality}
    - code: battery
      title: {zh_CN: 电池问题, en: Battery}
      acts_as: product_quality
      subcategories:
        - {code: swollen, title: {zh_CN: 鼓包, en: Swollen}}
        - {code: no_charge, title: {zh_CN: 充不进电, en: Does not charge}}
      playbook:
        text: {zh_CN: 先请顾客停止使用。, en: First have the customer stop using it.}
        checks:
          - {code: customer_contacted}
          - {code: power_off, title: {zh_CN: 已请顾客断电, en: Power cut}}
        required_for: [minor, moderate, serious]
        solution: {zh_CN: 免费更换电池。, en: A new battery at no cost.}
    - {code: service_attitude, title: {zh_CN: 服务, en: Service}}
    - {code: misc, title: {zh_CN: 杂项, en: Sundry}}
"""
"""`price` and others are retired, `service_attitude` has another name, `battery` is new."""
POLICY_TEXT: Final = TEXT.replace("2027-1", VERSION) + CATEGORIES


def publish_categories() -> str:
    """Publish the policy in this process, and return its version."""
    publish([read_policy(POLICY_TEXT, calendars())[1]])
    return VERSION
