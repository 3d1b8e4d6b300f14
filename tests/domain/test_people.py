"""Who acts: staff never stand for others, and a system only for those who let it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.language.roles import (
    CUSTOMER,
    NOBODY,
    NOT_STAFF,
    SYSTEM,
    THE_TIMER,
    TIMER,
    WORLD,
    Actor,
    ActorKind,
    Party,
    Roles,
    role,
    the_world,
)
from domain.stories import person, through

role_sets = st.frozensets(st.sampled_from(["agent", "lead", *NOT_STAFF])).map(Roles)


@given(role_sets, role_sets)
def test_roles_are_sets(one: Roles, other: Roles) -> None:
    assert set(one | other) == set(one) | set(other)
    assert set(one & other) == set(one) & set(other)
    assert bool(one) == (one != NOBODY)


def test_roles_are_told_in_one_order() -> None:
    assert str(role("lead") | role("agent")) == "agent, lead"


@given(role_sets)
def test_staff_never_stand_for_anybody_else(roles: Roles) -> None:
    assert not person("a", *roles).stands_for & NOT_STAFF


def test_others_stand_for_their_own_kind() -> None:
    assert THE_TIMER.stands_for == TIMER
    assert the_world("tell").stands_for == WORLD
    assert Actor(kind=ActorKind.CUSTOMER, id="c").stands_for == CUSTOMER


@pytest.mark.parametrize("kind", list(ActorKind))
def test_roles_given_to_others_than_staff_count_for_nothing(kind: ActorKind) -> None:
    actor = Actor(kind=kind, id="x", roles=("agent",))
    assert bool(actor.stands_for & role("agent")) == actor.is_staff


def test_a_system_stands_for_the_customer_it_speaks_for() -> None:
    assert through("app").stands_for == SYSTEM | CUSTOMER
    assert Actor(kind=ActorKind.SYSTEM, id="app").stands_for == SYSTEM
    for_staff = Party(kind=ActorKind.STAFF, id="a")
    assert Actor(kind=ActorKind.SYSTEM, id="x", on_behalf_of=for_staff).stands_for == SYSTEM
