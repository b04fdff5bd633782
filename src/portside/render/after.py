"""What becomes of rendered text before it is installed: what Flux patches and fills in.

A target of which that cannot be told is unread as a whole: its text is not what is installed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from portside.model.finding import Unread

if TYPE_CHECKING:
    from portside.model.reading import Target
    from portside.render.environment import Environment, Post
    from portside.render.process import Renderer
    from portside.render.wire import Rendered

_LONGEST = 600


def finished(target: Target, answer: Rendered, program: Renderer) -> Rendered | Unread:
    """`answer` as it is installed; or why that cannot be told.

    Lines stay where they are, unless there are post renderers: then every object is a file of its
    own, with the name of the template that made it.
    """
    environment: Environment | None = target.after
    if environment is None:
        return answer
    if environment.post is not None:
        from portside.render.post import PostError, post_rendered

        try:
            posted = post_rendered(answer, environment.post, program)
        except PostError as error:
            return _not_posted(environment, environment.post, str(error))
        return answer._replace(files=tuple(it.file for it in posted))
    return _filled(environment, answer)


def _not_posted(environment: Environment, post: Post, error: str) -> Unread:
    from portside.secrets.veil import veiled

    said = environment.said
    reason = f"its {post.what.removeprefix('spec.')} cannot be built: {error[:_LONGEST]}"
    remedy = "mend the patch, or move what it does into the chart's values"
    return Unread(
        f"{said.by} {said.name}", f"{veiled(reason)}; {remedy}", post.file, post.line, post.column
    )


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
    from portside.secrets.veil import veiled

    said = environment.said
    return Unread(f"{said.by} {said.name}", f"{veiled(reason)}; {remedy}", said.file, said.line)
