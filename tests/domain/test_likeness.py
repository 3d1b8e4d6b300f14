"""How alike two cases are: what they share, and their words."""

import pytest

from domain.read_models.likeness import ENOUGH, POINTS, Shared, likeness, pieces, similarity

SCREEN = "收到的平板屏幕碎了，要求赔偿。"
SCREEN_AGAIN = "平板屏幕碎了，收到就这样，要求赔偿。"
RUDE = "店员态度很差，催了三次没人回电话。"


@pytest.mark.parametrize("fact", [each for each in Shared if each is not Shared.WORDS])
def test_no_single_fact_is_enough(fact: Shared) -> None:
    assert not likeness([fact], SCREEN, RUDE).enough


@pytest.mark.parametrize(
    "facts",
    [
        (Shared.CUSTOMER, Shared.ORDER),
        (Shared.CUSTOMER, Shared.SERIAL),
        (Shared.ORDER, Shared.SERIAL),
    ],
)
def test_two_weighty_ones_are(facts: tuple[Shared, ...]) -> None:
    found = likeness(facts, "", "")
    assert (found.enough, found.shared) == (True, facts)


def test_a_persons_words_that_are_mostly_the_same_are_enough() -> None:
    assert likeness([Shared.CUSTOMER], SCREEN, SCREEN).enough
    found = likeness([Shared.CUSTOMER], SCREEN, SCREEN_AGAIN)
    assert found.enough
    assert found.shared == (Shared.CUSTOMER, Shared.WORDS)
    assert not likeness([Shared.CUSTOMER], SCREEN, RUDE).enough
    assert not likeness([], SCREEN, SCREEN).enough, "strangers complain in the same words, too"


def test_two_of_a_person_that_were_raised_soon_after_each_other_are_the_least_likely() -> None:
    found = likeness([Shared.TIME, Shared.CUSTOMER], SCREEN, RUDE)
    assert (found.enough, found.shared) == (True, (Shared.CUSTOMER, Shared.TIME))
    others = [[Shared.CUSTOMER, Shared.ORDER], [Shared.CUSTOMER, Shared.SERIAL]]
    assert all(likeness(each, SCREEN, RUDE).score > found.score for each in others)


def test_words_are_compared_by_pieces() -> None:
    assert pieces("屏幕碎了 hs-1") == {"屏幕", "幕碎", "碎了", "hs", "1"}
    assert pieces("。 !") == frozenset()
    assert similarity(SCREEN, SCREEN) == 1.0
    assert similarity(SCREEN, "") == 0.0
    assert similarity(SCREEN, SCREEN_AGAIN) == similarity(SCREEN_AGAIN, SCREEN)


def test_all_together_are_a_hundred_at_most() -> None:
    assert sum(POINTS.values()) >= 100
    assert likeness([*Shared], SCREEN, SCREEN).score == 100
    assert ENOUGH < 100
