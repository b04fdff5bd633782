"""Field paths as rule files write them: `spec.ports`, `metadata.annotations["a.b/c"]`, `x[0]`."""

from __future__ import annotations

_STOPS = ".["


def parse_path(text: str) -> tuple[str | int, ...]:
    """The steps of `text`; the empty text is the empty path. Raises ValueError with the reason."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        if text[position] == "[":
            step, position = _bracket(text, position + 1)
            steps.append(step)
            continue
        if steps and text[position] == ".":
            position += 1
        end = _name_end(text, position)
        if end == position:
            raise ValueError(f"a field name is missing at character {position + 1}")
        steps.append(text[position:end])
        position = end
    return tuple(steps)


def _name_end(text: str, position: int) -> int:
    while position < len(text) and text[position] not in _STOPS:
        position += 1
    return position


def _bracket(text: str, position: int) -> tuple[str | int, int]:
    close = text.find('"]', position + 1) if text[position : position + 1] == '"' else -1
    if close > 0:
        return text[position + 1 : close], close + 2
    close = text.find("]", position)
    inside = text[position:close] if close > 0 else ""
    if not inside.isdecimal():
        raise ValueError(f'[ at character {position} needs a number or a "quoted" name and ]')
    return int(inside), close + 1
