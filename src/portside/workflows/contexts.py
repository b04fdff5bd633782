"""Who decides what a context holds: GitHub, the workflow's author, or somebody from outside.

Source: GitHub's "Contexts reference" and "Webhook events and payloads"; "Security hardening for
GitHub Actions", on untrusted input. An event's payload is taken for text of whoever caused the
event unless GitHub makes the value itself: a number, a flag, a time, a hash, a word from a list.
"""

from __future__ import annotations

from portside.workflows.expression import Reference
from portside.workflows.expression.flow import is_exactly, is_under

FREE = "free"
"""Text that somebody else writes."""
SHAPED = "shaped"
"""Text that is only partly somebody else's."""
FIXED = "fixed"
"""Nothing that could be read as code."""
UNKNOWN = "unknown"
"""Depends on what the workflow does: outputs, variables, inputs, the matrix."""

_OF_GITHUB = frozenset(
    (
        *("action_path", "action_status", "api_url", "event_name", "event_path", "graphql_url"),
        *("job", "ref_protected", "ref_type", "repository", "repository_id", "repository_owner"),
        *("repository_owner_id", "repositoryurl", "retention_days", "run_attempt", "run_id"),
        *("run_number", "secret_source", "server_url", "sha", "token", "triggering_actor"),
        *("workflow_sha", "workspace", "actor_id", "env", "path"),
    )
)
"""Of `github.*`, what GitHub makes. An account's name cannot hold what a shell would act upon."""
_OF_RUNNER = frozenset(("arch", "debug", "environment", "os", "temp", "tool_cache", "workspace"))
_MADE = frozenset(
    (
        *("id", "number", "author_association", "locked", "draft", "merged", "mergeable", "state"),
        *("rebaseable", "fork", "private", "public", "archived", "disabled", "deleted", "created"),
        *("forced", "distinct", "site_admin", "prerelease", "protected", "verified", "default"),
        *("additions", "deletions", "changed_files", "commits", "comments", "review_comments"),
        *("size", "conclusion", "status", "state_reason", "active_lock_reason", "position"),
        *("line", "side", "start_line", "start_side", "original_line", "original_position"),
        *("original_start_line", "subject_type", "ref_type", "run_attempt", "run_number"),
        *("due_on", "open_issues", "closed_issues", "watchers", "forks", "stargazers"),
        *("type", "visibility", "is_template", "web_commit_signoff_required", "merge_method"),
        *("maintainer_can_modify", "immutable", "rerequestable", "delete_branch_on_merge"),
        *("privacy", "timestamp", "date", "merge_commit_message", "merge_commit_title"),
    )
)
"""Last steps of a payload that are numbers, flags or words from a list, wherever they stand."""
_NO_CODE = ("_at", "_count", "_id", "_enforcement_level")
"""Ends of last steps that are times, numbers and words from a fixed list."""
_FLAGS = ("allow_", "has_", "is_", "require_", "required_", "squash_merge_commit_", "total_")
_BELOW = ("permissions", "reactions", "organization_permissions")
"""Steps below which there are flags and numbers alone."""
_HASHES = frozenset(
    (
        *("github.event.after", "github.event.before", "github.event.pull_request.head.sha"),
        *("github.event.pull_request.base.sha", "github.event.pull_request.merge_commit_sha"),
        *("github.event.workflow_run.head_sha", "github.event.check_suite.head_sha"),
        *("github.event.check_run.head_sha", "github.event.head_commit.id"),
    )
)
_NOT_NUMBERS = frozenset(
    (
        *("node_id", "check_suite_node_id", "external_id", "gravatar_id", "tree_id", "spdx_id"),
        *("client_id", "commit_id", "original_commit_id"),
    )
)
_RESULTS = (
    ("needs", "*", "result"),
    ("steps", "*", "outcome"),
    ("steps", "*", "conclusion"),
    ("job", "status"),
)


def control(reference: Reference) -> str:
    """FREE, SHAPED, FIXED or UNKNOWN."""
    if not reference.head:
        return UNKNOWN
    steps = reference.path.split(".")
    if steps[0] == "github":
        return _of_github(steps)
    if steps[0] == "runner" and len(steps) == 2:
        return FIXED if steps[1] in _OF_RUNNER else UNKNOWN
    if steps[0] == "secrets" or any(is_exactly(reference, *it) for it in _RESULTS):
        return FIXED
    return UNKNOWN


def is_from_outside(reference: Reference) -> bool:
    """Whether anybody on the internet may write it: a title, a body, a branch's name."""
    if is_exactly(reference, "github", "head_ref"):
        return True
    if not is_under(reference, "github", "event") or control(reference) == FIXED:
        return False
    steps = reference.path.split(".")
    return len(steps) == 2 or steps[2] in _WRITTEN_BY_ANYBODY


_WRITTEN_BY_ANYBODY = frozenset(
    (
        *("issue", "pull_request", "comment", "review", "review_comment", "discussion", "pages"),
        *("commits", "head_commit", "workflow_run", "changes", "sender"),
    )
)


def _of_github(steps: list[str]) -> str:
    if len(steps) == 1:
        return FREE
    if steps[1] != "event":
        return FIXED if len(steps) == 2 and steps[1] in _OF_GITHUB else FREE
    if ".".join(steps) in _HASHES:
        return FIXED
    last = steps[-1]
    if len(steps) > 2 and (_is_made(last) or (steps[-2] in _BELOW and last != "url")):
        return FIXED
    return SHAPED if last.endswith("_url") and _has_template(last) else FREE


def _is_made(last: str) -> bool:
    if last in _NOT_NUMBERS:
        return False
    return last in _MADE or last.endswith(_NO_CODE) or last.startswith(_FLAGS)


def _has_template(last: str) -> bool:
    """Whether the address is one with holes, as a user's `events_url`."""
    return last in ("events_url", "following_url", "gists_url", "starred_url")
