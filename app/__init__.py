"""The use cases, without HTTP: callers are the API, the pages, the worker and operators."""

from policies.documents import hand_in

hand_in()
