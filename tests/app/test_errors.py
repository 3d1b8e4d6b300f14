"""Every expected error is an error of a use case, with a code of its own and a category."""

from typing import Any

import pytest

from app.error_codes import category_of, codes
from app.errors import (
    AppError,
    FormRefused,
    NotFound,
    Refused,
)
from app.expected_errors import app_error, field_faults, refused
from domain.errors import Category, NotYourCase, Stale, WrongForm, refusals
from store import errors as store_errors
from temporal import results


def test_every_code_means_one_error() -> None:
    own = [each for each in AppError.__subclasses__() if each is not Refused]
    assert len(codes()) == len(own)
    assert codes().keys() & refusals().keys() == {WrongForm.code}


def test_a_code_that_nobody_knows_raises() -> None:
    with pytest.raises(KeyError):
        category_of("no_such_code")
    with pytest.raises(KeyError):
        app_error(results.Refused("no_such_code", {}, "No."))
    assert app_error(RuntimeError("unexpected")) is None


def test_a_refusal_keeps_its_code_and_its_category() -> None:
    error = refused(Stale("It has moved.", etag=3), "complaint")
    assert (error.code, error.category) == ("stale", Category.OUTDATED)
    assert (str(error), error.params, error.kind) == ("It has moved.", {"etag": 3}, "complaint")


def test_a_case_that_one_may_not_see_is_not_found() -> None:
    error = refused(NotYourCase("It is another's."))
    assert isinstance(error, NotFound)
    assert (str(error), error.params) == ("not_found", {})


def test_the_faults_of_a_form_are_seen_from_what_it_came_in() -> None:
    faults: list[Any] = [{"pointer": "/amount", "code": "missing", "detail": "Field required"}]
    error = refused(WrongForm("It does not fit.", errors=faults), "returns", "/steps/0/form")
    assert isinstance(error, FormRefused)
    assert error.faults == tuple(field_faults(faults, "/steps/0/form"))
    assert error.faults[0].pointer == "/steps/0/form/amount"
    assert "errors" not in error.params


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (store_errors.StoreDown(), "store_down"),
        (store_errors.StoreFull(), "store_down"),
        (store_errors.ArchiveDown(), "archive_down"),
        (store_errors.ArchiveDamaged("a/b", "it is short"), "archive_damaged"),
        (store_errors.CorruptRow("cases", "TS1"), "row_damaged"),
        (store_errors.Unstorable(), "malformed"),
        (results.EngineDown(), "engine_down"),
        (results.CaseNotFound(), "not_found"),
        (results.CaseOver(), "case_over"),
    ],
)
def test_what_store_and_engine_raise_is_expected(error: Exception, code: str) -> None:
    expected = app_error(error)
    assert expected is not None
    assert expected.code == code
