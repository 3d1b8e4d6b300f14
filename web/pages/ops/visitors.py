"""Who may look at the pages for operators, and who may act on them."""

from typing import Annotated

from fastapi import Depends

from app.authorization import Right, check_installation, check_right
from app.import_rights import check_import_cases
from web.visitor import LoggedIn, Visitor


async def reader(visitor: LoggedIn) -> Visitor:
    """Return somebody who may read what operators read of the visitor's own tenant.

    Raises:
        Forbidden
    """
    check_right(visitor.caller, Right.READ_OPERATIONS)
    return visitor


async def installation_reader(visitor: LoggedIn) -> Visitor:
    """Return somebody who may look at the installation, which serves all tenants.

    Raises:
        Forbidden, NotFound
    """
    check_installation(visitor.caller)
    return visitor


async def installation_operator(visitor: LoggedIn) -> Visitor:
    """Return somebody who may act on the installation.

    Raises:
        Forbidden, NotFound
    """
    check_installation(visitor.caller, Right.OPERATE)
    return visitor


async def administrator(visitor: LoggedIn) -> Visitor:
    """Return somebody who may take over cases of another system.

    Raises:
        Forbidden
    """
    check_import_cases(visitor.caller)
    return visitor


Reader = Annotated[Visitor, Depends(reader)]
Administrator = Annotated[Visitor, Depends(administrator)]
InstallationReader = Annotated[Visitor, Depends(installation_reader)]
InstallationOperator = Annotated[Visitor, Depends(installation_operator)]
