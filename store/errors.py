"""Why the store could not do it.

StoreError
├── StoreDown         the database does not answer; try again
├── KeyReused         the same key or external reference came with another body
├── UnknownCustomer   the customer's reference leads nowhere
├── UnknownStaff      nobody on the staff has this id
├── UnknownTeam       no team has this id
├── UnknownKey        no API key has this id
├── Taken             the id is given already
├── WrongContact      a contact point without anything in it
├── Unstorable        a text holds a character that a database refuses
├── NumbersUsedUp     no free case number was drawn; never seen
└── WrongUrl          the database's address cannot be used
"""


class StoreError(Exception):
    """The store could not do it; the message says why, in one sentence."""


class StoreDown(StoreError):
    """The database does not answer, or not in time; the same call may succeed later."""


class KeyReused(StoreError):
    """An idempotency key or external reference was used before, with another body."""


class UnknownCustomer(StoreError):
    """No customer of this tenant has this reference."""


class UnknownStaff(StoreError):
    """Nobody on this tenant's staff has this id."""


class UnknownTeam(StoreError):
    """No team of this tenant has this id."""


class UnknownKey(StoreError):
    """No API key of this tenant has this id."""


class Taken(StoreError):
    """A person or team of this id is there already."""


class WrongContact(StoreError):
    """The contact point is empty once it is brought into shape."""


class Unstorable(StoreError):
    """The text holds a NUL character, which PostgreSQL refuses and SQLite would keep."""


class NumbersUsedUp(StoreError):
    """All case numbers drawn for the day were taken."""


class WrongUrl(StoreError):
    """The address names no database that Banjie can use."""
