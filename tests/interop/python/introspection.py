"""The public methods that the installed client has."""

import importlib
import inspect
import pkgutil

import mycel_sdk
import mycel_web_backend_client.api
from mycel_sdk.generated_adapter import load_generated_bundle


def methods(client):
    """Their names, sorted: of the exported classes, of the client's resources, and what only the generated layer has."""
    return sorted([*_of_classes(), *_of(client), *_only_generated()])


def _of_classes():
    for exported in mycel_sdk.__all__:
        kind = getattr(mycel_sdk, exported)
        yield exported
        for name, value in inspect.getmembers(kind):
            if not name.startswith("_") and callable(value):
                yield f"{exported}.{name}"


def _of(client):
    for name, value in vars(client).items():
        if name.startswith("_"):
            continue
        if callable(value):
            yield name
        else:
            for method, function in inspect.getmembers(value, callable):
                if not method.startswith("_"):
                    yield f"{name}.{method}"


def _only_generated():
    used = {getattr(value, "__module__", None) for value in vars(load_generated_bundle("mycel_web_backend_client")).values()}
    api = mycel_web_backend_client.api
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if module.ispkg or module.name in used:
            continue
        operation = importlib.import_module(module.name)
        for name, function in inspect.getmembers(operation, inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.name:
                yield f"{module.name.removeprefix('mycel_web_backend_client.')}.{name}"
