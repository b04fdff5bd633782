"""How severe a finding may be that a comment or an annotation excuses (D9).

Neither has an approver: above the cap only a waiver excuses. `comments` in `portside.yaml` sets it
otherwise: who may write there may write a waiver there, too.
"""

from __future__ import annotations

from portside.model.severity import NAMES

NOTHING = "none"
UP_TO = (NOTHING, *NAMES)
_BY_PROFILE = {"recommended": "critical", "strict": "medium", "auditor": "low"}
_POD_SECURITY = "medium"


def highest(profile: str, configured: str = "") -> int:
    """The highest severity that comments may excuse; -1 where they may excuse nothing.

    `profile` is its name with any version, `configured` what `portside.yaml` says.
    """
    name = configured or _BY_PROFILE.get(profile, _POD_SECURITY)
    return UP_TO.index(name) - 1
