"""Scripts that write to the files by which a step sets variables and the path for later ones."""

from __future__ import annotations

from collections.abc import Iterator

from portside.workflows.shell import POWERSHELLS, Command, commands

FILES = ("GITHUB_ENV", "GITHUB_PATH")
_PRINTING = ("echo", "printf")
_WRITING = ("out-file", "add-content", "set-content", "tee-object")


def written(script: str, shell: str) -> Iterator[str]:
    """The name of the file for each command of `script` that writes to it what is not fixed."""
    if shell in ("bash", "sh", "zsh"):
        for command in commands(script):
            yield from _by_posix(command)
    elif shell in POWERSHELLS:
        for command in commands(script, shell):
            yield from _by_powershell(command)
    elif shell in ("cmd", "cmd.exe"):
        yield from _by_cmd(script)


def _by_posix(command: Command) -> Iterator[str]:
    for redirection in command.redirections:
        name = _variable(redirection.target.value)
        if name and not (command.name in _PRINTING and _is_fixed(command)):
            yield name
    if "tee" in command.name and command.before in ("|", "|&"):
        yield from filter(None, map(_variable, command.arguments))


def _is_fixed(command: Command) -> bool:
    return all(word.is_fixed for word in command.program[1:])


def _variable(text: str) -> str:
    """`GITHUB_ENV` for `$GITHUB_ENV` and `${GITHUB_ENV}`; empty for what is neither."""
    name = text.removeprefix("$").removeprefix("{").removesuffix("}")
    return name if text.startswith("$") and name in FILES else ""


def _by_powershell(command: Command) -> Iterator[str]:
    places = [it.target.text for it in command.redirections]
    if command.words and command.words[0].text.lower() in _WRITING:
        places += [it.text for it in command.words[1:]]
    for place in places:
        for name in FILES:
            if f"env:{name.lower()}" in place.lower():
                yield name


def _by_cmd(script: str) -> Iterator[str]:
    for line in script.splitlines():
        for name in FILES:
            before, sign, _ = line.upper().partition(f"%{name}%")
            before = before.rstrip('"').rstrip()
            if sign and before.endswith(">") and before.rstrip(">").strip():
                yield name
