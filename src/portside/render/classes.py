"""Which rules do not fit what is rendered: hooks, tests, and what a release names later."""

from __future__ import annotations

_OF_WHAT_SERVES = (
    *("readiness-probe-missing", "liveness-probe-missing", "probes-identical", "single-replica"),
    *("replicas-share-node", "disruption-budget-missing", "rollout-not-rolling", "bare-pod"),
    *("job-never-removed", "job-unbounded", "cron-job-without-deadline", "stale-image-pull"),
    *("spread-constraint-without-selector", "autoscaler-single-replica"),
)
NOT_OF_TESTS = frozenset(_OF_WHAT_SERVES)
"""`helm test` runs a test once, when asked to, and nobody is served by it: rules about being there
(probes, replicas, budgets, spread, restarts, ends) say nothing of it; all others do."""
NOT_OF_HOOKS = frozenset(("bare-pod", "job-never-removed"))
"""Helm itself runs a hook, waits for it and removes it."""
NOT_OF_HELM = frozenset(("namespace-not-named",))
"""The release names the namespace of what names none."""
OF_CREDENTIALS = frozenset(
    (
        *("secret-in-repository", "credential-in-config-map", "credential-in-environment"),
        *("credential-in-command",),
    )
)
"""What is generated at installation stands in no repository."""
MENDED_BY_OBJECTS = frozenset(("disruption-budget-missing",))
"""What mends them is an object of its own, which belongs into a template nobody has written."""
