"""What the client can do, asked of what it said when it started."""

from __future__ import annotations

from lsprotocol import types
from pygls.capabilities import get_capability

from portside.records import NamedTuple


class Abilities(NamedTuple):
    code_actions: bool
    """Whether it takes actions with edits, and not commands only."""
    resolves_edits: bool
    """Whether it asks for an action's edit once the action is chosen."""
    resolves_commands: bool
    """Whether an action may get its command then, too."""
    disabled_actions: bool
    shows_documents: bool
    document_changes: bool
    creates_files: bool
    markdown: bool
    """Whether it renders Markdown in what is shown under the pointer."""
    watches_files: bool
    """Whether it can be asked to tell of files that change."""
    relative_patterns: bool


def abilities(client: types.ClientCapabilities) -> Abilities:
    """The abilities that `client` claims; what it does not mention it has not."""

    def has(path: str) -> bool:
        return bool(get_capability(client, path))

    action = "text_document.code_action"
    operations = get_capability(client, "workspace.workspace_edit.resource_operations") or ()
    # Neovim names the operations only, which stand nowhere but in such changes.
    changes = has("workspace.workspace_edit.document_changes") or bool(operations)
    resolved = get_capability(client, f"{action}.resolve_support.properties") or ()
    formats = get_capability(client, "text_document.hover.content_format") or ()
    return Abilities(
        code_actions=has(f"{action}.code_action_literal_support"),
        resolves_edits="edit" in resolved and has(f"{action}.data_support"),
        resolves_commands="command" in resolved,
        disabled_actions=has(f"{action}.disabled_support"),
        shows_documents=has("window.show_document.support"),
        document_changes=changes,
        creates_files=changes and types.ResourceOperationKind.Create in operations,
        markdown=types.MarkupKind.Markdown in formats,
        watches_files=has("workspace.did_change_watched_files.dynamic_registration"),
        relative_patterns=has("workspace.did_change_watched_files.relative_pattern_support"),
    )
