"""The commands that a build runs, whichever way they are written: shell form, array, or file."""

from __future__ import annotations

from collections.abc import Iterator

from portside.records import NamedTuple
from portside.syntax.dockerfile.instruction import EXEC, Instruction
from portside.syntax.dockerfile.shell import Command, Script, parse
from portside.syntax.dockerfile.shell_words import ShellWord
from portside.syntax.dockerfile.stages import Stage, Step
from portside.syntax.dockerfile.text import Placed, Position
from portside.syntax.dockerfile.words import Word

_SHELLS = frozenset({"sh", "bash", "ash", "dash", "ksh", "mksh", "zsh", "busybox"})
_WRAPPERS = frozenset({"sudo", "exec", "command", "nice", "nohup", "time", "env", "eatmydata"})
_RUNNING = frozenset({"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"})
_DEEPEST = 5
"""Scripts in arguments of shells in arguments of shells."""


class Ran(NamedTuple):
    """One simple command of a build. `words` are the name, without its folder, and arguments."""

    name: str
    words: tuple[ShellWord, ...]
    command: Command
    script: Script
    text: Placed
    step: Step

    @property
    def arguments(self) -> list[str]:
        return [word.text for word in self.words[1:]]

    def place(self, index: int = 0) -> tuple[int, int, int]:
        """Line, column and width of a word; of the first, or of the whole command without any."""
        words = self.words or self.command.assignments
        index_at = words[index].begin if words else self.command.begin
        end = words[index].end if words else index_at + 1
        return (*self.text.place(index_at), self.text.width(index_at, end))

    def has(self, *options: str) -> int:
        """The index of the first word that is one of `options`, or begins with `--option=`; or 0.

        A short one (`-k`) counts within a cluster of letters (`-sSk`) too.
        """
        for index, word in enumerate(self.words[1:], 1):
            if word.text == "--":
                return 0
            if any(_is_option(word.text, option) for option in options):
                return index
        return 0

    def plain(self) -> list[tuple[int, str]]:
        """The arguments that do not begin with a hyphen, each with its index among the words."""
        return [
            (index, word.text)
            for index, word in enumerate(self.words[1:], 1)
            if not word.text.startswith("-")
        ]


def _is_option(word: str, option: str) -> bool:
    if option.startswith("--"):
        return word == option or word.startswith(f"{option}=")
    if len(option) != 2:
        return word == option
    return word[:1] == "-" and word[:2] != "--" and option[1] in word[1:].partition("=")[0]


def runs(stage: Stage) -> tuple[Ran, ...]:
    """The commands of all RUN instructions of a stage."""
    if stage.ran is None:
        steps = [step for step in stage.steps if step.instruction.keyword == "RUN"]
        stage.ran = tuple(ran for step in steps for ran in commands(step))
    return stage.ran


def commands(step: Step) -> Iterator[Ran]:
    """The commands of one instruction; none for a shell that is not one of POSIX's kin."""
    for placed, begin, end in scripts(step):
        yield from _of_script(placed, begin, end, step, 0)
    if step.instruction.form == EXEC and not _is_shell_array(step.instruction):
        ran = _of_array(step)
        if ran is not None:
            yield ran


def shell_comments(step: Step) -> Iterator[tuple[Position, str]]:
    """The comments in the scripts of an instruction, which its shell would leave out."""
    for placed, begin, end in scripts(step):
        for start, stop in parse(placed.text, begin, end).comments:
            yield placed.place(start), placed.text[start:stop]


def is_posix(shell: tuple[str, ...]) -> bool:
    """Whether scripts for this shell are read here."""
    name = shell[0].replace("\\", "/").rpartition("/")[2].removesuffix(".exe").lower()
    return name in _SHELLS or name == "env"


def scripts(step: Step) -> Iterator[tuple[Placed, int, int]]:
    """The shell scripts of an instruction: a text, and from where to where one stands in it."""
    instruction = step.instruction
    if instruction.keyword not in _RUNNING:
        return
    if instruction.form == EXEC:
        if _is_shell_array(instruction):
            yield _array_script(instruction)
        return
    words = instruction.words[instruction.keyword == "HEALTHCHECK" :]
    if words and is_posix(step.shell):
        yield from _shell_scripts(instruction, words[0])


def _shell_scripts(instruction: Instruction, word: Word) -> Iterator[tuple[Placed, int, int]]:
    """The command, or the here-document that stands for it, or that its shell reads."""
    first = instruction.heredocs[0].content if instruction.heredocs else None
    is_document = word.text.lstrip("0123456789").startswith("<<")
    if first is None or not is_document:
        yield instruction.line, word.begin, word.end
    if first is None:
        return
    if _runs_in_shell(first.text) if is_document else _feeds_shell(word.text):
        yield first, 0, len(first.text)


def _runs_in_shell(text: str) -> bool:
    if not text.startswith("#!"):
        return True
    interpreter = text[2:].partition("\n")[0].split()
    names = [it.rpartition("/")[2] for it in interpreter]
    return any(name in _SHELLS for name in names[:2])


def _feeds_shell(text: str) -> bool:
    """Whether the here-document is the script of the shell that is called."""
    found = [it for it in parse(text).commands if it.words]
    if len(found) != 1 or found[0].name not in _SHELLS:
        return False
    return all(word.text.startswith("-") and word.text != "-c" for word in found[0].words[1:])


def _is_shell_array(instruction: Instruction) -> bool:
    words = instruction.words
    return (
        len(words) >= 3
        and words[0].text.rpartition("/")[2] in _SHELLS
        and any(_is_option(word.text, "-c") for word in words[1:-1])
    )


def _array_script(instruction: Instruction) -> tuple[Placed, int, int]:
    texts = [word.text for word in instruction.words]
    number = next(i for i, it in enumerate(texts[1:], 1) if _is_option(it, "-c")) + 1
    text = texts[number]
    places = [instruction.line.place(index) for index in instruction.maps[number]]
    return Placed(text, range(len(places)), places), 0, len(text)


def _of_array(step: Step) -> Ran | None:
    instruction = step.instruction
    texts = instruction.words
    if not texts or instruction.keyword == "HEALTHCHECK":
        return None
    words = tuple(ShellWord(it.text, it.begin, it.end, True, True) for it in texts)
    command = Command(words, (), (), words[0].begin, (), -1, "")
    script = Script((command,), (), "")
    return _unwrapped(Ran(command.name, words, command, script, instruction.line, step))


def _of_script(placed: Placed, begin: int, end: int, step: Step, depth: int) -> Iterator[Ran]:
    script = parse(placed.text, begin, end)
    for command in script.commands:
        if not command.words and not command.assignments:
            continue
        ran = _unwrapped(Ran(command.name, command.words, command, script, placed, step))
        yield ran
        inner = _inner_script(ran)
        if inner is not None and depth < _DEEPEST:
            yield from _of_script(inner, 0, len(inner.text), step, depth + 1)


def _inner_script(ran: Ran) -> Placed | None:
    """The script of `sh -c '…'`."""
    if ran.name not in _SHELLS:
        return None
    option = ran.has("-c")
    if not option or option + 1 >= len(ran.words):
        return None
    word = ran.words[option + 1]
    raw = ran.text.text[word.begin : word.end]
    if raw[1:-1] == word.text:
        places = [ran.text.place(word.begin + 1 + at) for at in range(len(word.text) + 1)]
    else:
        places = [ran.text.place(word.begin)] * (len(word.text) + 1)
    return Placed(word.text, range(len(places)), places)


def _unwrapped(ran: Ran) -> Ran:
    """The command without `sudo`, `env NAME=value` and the like in front."""
    words = ran.words
    at = 0
    while at < len(words) - 1 and words[at].text.rpartition("/")[2] in _WRAPPERS:
        following = at + 1
        while following < len(words) and _is_setting(words[following].text):
            following += 1
        if following == len(words):
            break
        at = following
    if not at:
        return ran
    return ran._replace(name=words[at].text.rpartition("/")[2], words=words[at:])


def _is_setting(word: str) -> bool:
    """Whether a word belongs to `sudo` or `env` rather than to what they run."""
    return word.startswith("-") or "=" in word.partition("/")[0]


def place_of(instruction: Instruction, index: int, end: int) -> tuple[int, int, int]:
    """Line, column and width of a part of an instruction."""
    at: Position = instruction.line.place(index)
    return (*at, instruction.line.width(index, end))
