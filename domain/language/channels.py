"""The channels by which customers and others reach us."""

from enum import StrEnum, auto


class Channel(StrEnum):
    """How a case, or word about it, came in (M 1.3, 3.4.2, 4.1; A 3.1, 4.3.2; P; X)."""

    PHONE = auto()
    EMAIL = auto()
    CHAT = auto()
    APP = auto()
    WEBSITE = auto()
    SMS = auto()
    WECHAT = auto()
    SOCIAL_MEDIA = auto()
    STORE = auto()
    REVIEW = auto()
    COMPLAINT_PLATFORM = auto()
