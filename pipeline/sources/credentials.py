"""User and password, or a token, for a statistics service: from the environment or the keyring.

They are kept out of everything that is written: representations hide them, and `scrub` takes them
out of a server's own words before these reach an error or a sidecar.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, cast

from pipeline.settings import ENV_PREFIX
from pipeline.sources.fetching import HEADER_ENCODING, FetchError

#: Under this name the keyring holds `user`, `password`, `token` of "<prefix>-<service>".
KEYRING_PREFIX = "versorgungslabor"
_HIDDEN = "***"


class Keyring(Protocol):
    """The one function of the package `keyring` that is used."""

    def get_password(self, service: str, username: str) -> str | None:
        """The secret that is stored under service and name."""


@dataclass(frozen=True)
class Credentials:
    """What a service wants to know of its user; neither part is ever printed."""

    user: str = field(repr=False)
    password: str = field(repr=False)

    def __repr__(self) -> str:
        return "Credentials(***)"

    def headers(self) -> dict[str, str]:
        """As the services take them; a token stands in the place of the user."""
        return {"username": self.user, "password": self.password}

    def scrub(self, text: str) -> str:
        """`text` without user, password or token."""
        for secret in sorted({self.user, self.password} - {""}, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text


def credentials_for(
    service: str,
    environment: Mapping[str, str] = os.environ,
    keyring: Keyring | None = None,
) -> Credentials:
    """Credentials of a service: token before user and password, environment before keyring.

    Parameters
    ----------
    service : id of the service (`regionaldatenbank`).
    environment : holds VERSORGUNGSLABOR_<SERVICE>_TOKEN, or …_USER and …_PASSWORD.
    keyring : asked where the environment has nothing; by default the package `keyring`, if it is
        installed.

    Raises
    ------
    FetchError : neither has them; it names the variables.
    """
    prefix = f"{ENV_PREFIX}{service.upper().replace('-', '_')}"
    store = keyring if keyring is not None else _installed_keyring()

    def secret(name: str) -> str:
        variable = f"{prefix}_{name.upper()}"
        given = environment.get(variable, "")
        if not given and store is not None:
            given = store.get_password(f"{KEYRING_PREFIX}-{service}", name) or ""
        return _sendable(given.strip(), variable)

    token = secret("token")
    if token:
        return Credentials(token, "")
    user, password = secret("user"), secret("password")
    if user and password:
        return Credentials(user, password)
    raise FetchError(
        f"no credentials for {service}",
        expected=f"{prefix}_TOKEN, or {prefix}_USER and {prefix}_PASSWORD in the environment, or "
        f"the same in the keyring under {KEYRING_PREFIX}-{service}",
        remedy="an account is free of charge; docs/how-to/fetch-originals.md",
    )


def _sendable(secret: str, variable: str) -> str:
    """The secret, if it can stand in a header; the error does not show it."""
    try:
        secret.encode(HEADER_ENCODING)
    except UnicodeEncodeError:
        is_sendable = False
    else:
        is_sendable = secret.isprintable()
    if not is_sendable:
        # outside the handler: the error of the codec holds the secret
        raise FetchError(
            "the credentials hold a character that cannot be sent",
            column=variable,
            expected="letters, digits and signs of Western Europe (ISO 8859-1), in one line",
            remedy="choose another password, or check that nothing else was copied along",
        )
    return secret


def _installed_keyring() -> Keyring | None:
    """The package `keyring` with a usable store; it is no dependency of ours."""
    try:
        module = importlib.import_module("keyring")
        module.get_password(KEYRING_PREFIX, "probe")
    except Exception:  # a keyring without a desktop fails in its own ways: then there is none
        return None
    return cast(Keyring, module)
