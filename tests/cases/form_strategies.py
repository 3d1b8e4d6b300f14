"""Forms that somebody might hand in: strategies for random ones, and every shape of one."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from itertools import product
from types import UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

from annotated_types import Ge, Le
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel
from pydantic.fields import FieldInfo

from cases import KINDS
from domain.engine.action_forms import Assignment
from domain.errors import WrongForm
from domain.language.categories import OF_CATEGORIES, Sort, terms_of
from domain.language.forms import Form
from domain.language.roles import Actor
from domain.language.values import Money

CODES = st.from_regex(r"[a-z0-9.:-]{1,12}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
DATES = st.dates(date(2026, 2, 20), date(2026, 3, 2))
FIRST = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 8 * 24 * 60).map(lambda minutes: FIRST + timedelta(minutes=minutes))
MONEY = st.builds(Money, amount=st.decimals(0, 10_000, places=2), currency=st.just("CNY"))


@cache
def forms(form: type[Form]) -> st.SearchStrategy[Form]:
    """Any form of this class that is accepted."""
    fields = {name: _field(form, field) for name, field in form.model_fields.items()}
    attempts = st.fixed_dictionaries(fields).map(lambda fields: accepted(form, fields))
    return st.builds(cast, st.just(form), attempts.filter(lambda each: each is not None))


def assignments(staff: Sequence[Actor]) -> st.SearchStrategy[Form]:
    """Handing over to somebody on the staff, with the roles they have."""
    return st.builds(
        lambda whom, team, limit: Assignment(
            assignee=whom.id, roles=whom.roles, team=team, limit=limit
        ),
        st.sampled_from(staff),
        st.none() | CODES,
        st.none() | MOMENTS,
    )


@cache
def shapes(form: type[Form]) -> tuple[Form, ...]:
    """Return every choice of yes and no, of codes, of present and left out; the rest is plain."""
    names = list(form.model_fields)
    choices = [
        _codes(form, sort) if (sort := _sort(field)) else list(_each(field.annotation))
        for field in form.model_fields.values()
    ]
    attempts = (accepted(form, dict(zip(names, some, strict=True))) for some in product(*choices))
    return tuple(each for each in attempts if each is not None)


def _sort(field: FieldInfo) -> Sort | None:
    """Return what of categories a field takes, if it takes that alone."""
    mark = field.json_schema_extra
    sort = mark.get(OF_CATEGORIES) if isinstance(mark, dict) else None
    return cast(Sort | None, sort)


def _codes(form: type[Form], sort: Sort) -> Sequence[Any]:
    """Return the codes that a kind with this form has; for a sub-category, none."""
    kinds = [each for each in KINDS.values() if form in each.forms.values()]
    terms = [term for each in kinds for term in terms_of(each.categories.built_in, sort)]
    return [*dict.fromkeys(term.code for term in terms)] or [None]


def _field(form: type[Form], field: FieldInfo) -> st.SearchStrategy[Any]:
    if sort := _sort(field):
        return st.sampled_from(_codes(form, sort))
    if (part := _parts(field.annotation)) is not None and any(map(_sort, _fields_of(part))):
        fields = {name: _field(form, each) for name, each in part.model_fields.items()}
        return st.lists(st.fixed_dictionaries(fields), max_size=2)
    return _any(field)


def _fields_of(part: type[BaseModel]) -> Iterator[FieldInfo]:
    yield from part.model_fields.values()


def accepted(form: type[Form], fields: dict[str, Any]) -> Form | None:
    """Return the form, unless it is refused."""
    try:
        return form.strict(fields)
    except WrongForm:
        return None


def _any(field: FieldInfo) -> st.SearchStrategy[Any]:
    if field.annotation is str:
        is_code = any("\\w" in str(getattr(m, "pattern", "")) for m in field.metadata)
        return CODES if is_code else TEXTS
    return _some(field.annotation, field.metadata)


def _some(annotation: Any, metadata: Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return st.one_of(*(_some(each) for each in get_args(annotation)))
    if get_origin(annotation) is Annotated:
        plain, *more = get_args(annotation)
        return _some(plain, [m for each in more for m in getattr(each, "metadata", [each])])
    if (part := _parts(annotation)) is not None:
        fields = {name: _any(field) for name, field in part.model_fields.items()}
        return st.lists(st.fixed_dictionaries(fields), max_size=2)
    if annotation is int:
        low: Any = next(m.ge for m in metadata if isinstance(m, Ge))
        high: Any = next(m.le for m in metadata if isinstance(m, Le))
        return st.integers(low, high)
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: CODES, bool: st.booleans(), date: DATES, AwareDatetime: MOMENTS, Money: MONEY,
        type(None): st.none(),
    }  # fmt: skip
    return simple[annotation] if annotation in simple else st.sampled_from(list(annotation))


def _parts(annotation: Any) -> type[BaseModel] | None:
    """Return what a field holds any number of, if it is a part of a form with fields of its own."""
    part, *_ = get_args(annotation) if get_origin(annotation) is tuple else (None,)
    return part if isinstance(part, type) and issubclass(part, BaseModel) else None


def _one_of_each(part: type[BaseModel]) -> Iterator[Any]:
    """Yield one part for each choice there is, if a choice is all that a part needs."""
    needed = {name: f.annotation for name, f in part.model_fields.items() if f.is_required()}
    for name, annotation in needed.items():
        if len(needed) == 1 and isinstance(annotation, type) and issubclass(annotation, Enum):
            yield tuple({name: each} for each in annotation)


def _each(annotation: Any) -> Iterator[Any]:
    if (part := _parts(annotation)) is not None:
        yield ()
        yield from _one_of_each(part)
    elif get_origin(annotation) in (Union, UnionType):
        for option in get_args(annotation):
            yield from _each(option)
    elif get_origin(annotation) is Annotated:
        yield from _each(get_args(annotation)[0])
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        yield from annotation
    else:
        plain: dict[Any, Sequence[Any]] = {
            bool: (True, False), str: ("x",), int: (0,), type(None): (None,),
            date: (date(2026, 3, 1),), AwareDatetime: (datetime(2026, 3, 3, tzinfo=UTC),),
            Money: ({"amount": "1"},), tuple[str, ...]: (("x",),),
        }  # fmt: skip
        yield from plain.get(annotation, ())
