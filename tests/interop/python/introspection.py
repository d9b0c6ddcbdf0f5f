"""The public methods that the installed client has."""

import importlib
import inspect
import pkgutil

import mycel_sdk
from mycel_sdk.client import GENERATED_PACKAGE_NAME as GENERATED
from mycel_sdk.generated_adapter import load_generated_bundle


def methods(client):
    """Their names: of what the package exports, of the client's resources, and what only the generated layer has."""
    return sorted({*_of_exports(), *_of_client(client), *_only_generated()})


def _of_exports():
    for name in mycel_sdk.__all__:
        exported = getattr(mycel_sdk, name)
        if not issubclass(exported, Exception):
            yield name
        for method, function in inspect.getmembers(exported, inspect.isroutine):
            # Not what every exception of Python has.
            if not method.startswith("_") and getattr(function, "__module__", "").startswith("mycel_sdk"):
                yield f"{name}.{method}"


def _of_client(client):
    for name, value in vars(client).items():
        if name.startswith("_"):
            continue
        if callable(value):
            yield name
            continue
        for method, _ in inspect.getmembers(value, callable):
            if not method.startswith("_"):
                yield f"{name}.{method}"


def _only_generated():
    """The functions of operations that the client's resources don't call."""
    called = {getattr(value, "__module__", None) for value in vars(load_generated_bundle(GENERATED)).values()}
    api = importlib.import_module(f"{GENERATED}.api")
    for module in pkgutil.walk_packages(api.__path__, f"{api.__name__}."):
        if module.ispkg or module.name in called:
            continue
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if not name.startswith("_") and function.__module__ == module.name:
                yield f"{module.name.removeprefix(f'{GENERATED}.')}.{name}"
