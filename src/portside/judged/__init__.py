"""The judged form: an object as the API server would admit it (D12)."""

from portside.judged.admit import Admitted, admit

__all__ = ["Admitted", "admit"]
