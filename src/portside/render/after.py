"""What becomes of rendered text before it is installed: the variables that Flux fills in.

A target of which that cannot be told is unread as a whole: its text is not what is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.finding import Unread
from portside.secrets.veil import veiled

if TYPE_CHECKING:
    from portside.model.reading import Target
    from portside.render.environment import Environment
    from portside.render.wire import Rendered


def finished(target: Target, answer: Rendered) -> Rendered | Unread:
    """`answer` as it is installed, line for line; or why that cannot be told."""
    environment: Environment | None = target.after
    if environment is None:
        return answer
    if environment.post:
        return _unread(
            environment,
            "postRenderers change what the chart makes, which is not followed",
            "move the patches into the chart or its values, or scan what is made",
        )
    return _filled(environment, answer)


def _filled(environment: Environment, answer: Rendered) -> Rendered | Unread:
    substitution = environment.substitution
    if substitution is None:
        return answer
    from portside.render.gitops.substitute import SubstitutionError, substitute

    files = []
    missing: dict[str, None] = {}
    for it in answer.files:
        try:
            made = substitute(it.text, substitution)
        except SubstitutionError as error:
            return _unread(
                environment, f"Flux refuses {it.name}: {error.reason}", "mend the variable"
            )
        missing |= dict.fromkeys(made.missing)
        files.append(it._replace(text=made.text))
    if missing and substitution.undecided:
        names = ", ".join(missing)
        return _unread(
            environment,
            f"the variables {names} have no value here, and may be in "
            f"{', '.join(it.removeprefix('the values in ') for it in substitution.undecided)}",
            "give them under postBuild.substitute, or a default: ${name:=value}",
        )
    return answer._replace(files=tuple(files))


def _unread(environment: Environment, reason: str, remedy: str) -> Unread:
    said = environment.said
    return Unread(f"{said.by} {said.name}", f"{veiled(reason)}; {remedy}", said.file, said.line)
