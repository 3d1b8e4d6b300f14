"""The OpenAPI 3.1 description, its bodies typed by kind; `python -m api.openapi` prints it."""

from fastapi import FastAPI


def refine(app: FastAPI) -> None:
    """placeholder"""
