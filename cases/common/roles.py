"""The roles of the manuals (A 2, 7.2.1; M 1.3, 3.3.2, 5.1), and who works on what."""

from domain.language.roles import CUSTOMER, Roles, role

SEAT = role("seat")  # 座席, takes calls
AGENT = role("agent")  # 客服专员
LEAD = role("lead")  # team lead, ours
SERVICE_MANAGER = role("service_manager")  # 客服经理
ACCOUNT_MANAGER = role("account_manager")  # 客户经理, another person than the service manager
MANAGEMENT = role("management")  # 管理层
STORE_MANAGER = role("store_manager")  # 店长, decides on suggestions for the store
REPAIRER = role("repairer")  # 维修人员
LOGISTICS = role("logistics")  # 物流人员
VENDOR = role("vendor")  # 维修供应商, repairs for us
OPS = role("ops")  # 系统运维
AUDITOR = role("auditor")
ADMINISTRATOR = role("administrator")  # 管理员

DESK: Roles = SEAT | AGENT | LEAD
MANAGERS: Roles = SERVICE_MANAGER | ACCOUNT_MANAGER | MANAGEMENT
HANDLERS: Roles = DESK | MANAGERS
CUSTOMER_OR_DESK: Roles = CUSTOMER | HANDLERS
BATCH_ROLES: Roles = LEAD | MANAGERS | ADMINISTRATOR  # act on many cases at once
POLICY_ROLES: Roles = MANAGEMENT | ADMINISTRATOR  # say what is promised to customers
REPAIRERS: Roles = REPAIRER | VENDOR
GOODS: Roles = LOGISTICS | STORE_MANAGER | HANDLERS
STAFF_ROLES: Roles = HANDLERS.union(
    STORE_MANAGER, REPAIRERS, LOGISTICS, OPS, AUDITOR, ADMINISTRATOR
)
