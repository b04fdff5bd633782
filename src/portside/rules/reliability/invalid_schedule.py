"""A CronJob whose schedule nobody can read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from portside.model.fields import text
from portside.model.resource import Resource
from portside.model.violation import Violation

RULE = """
id: invalid-schedule
controls: [R017]
title: Schedule that Kubernetes cannot read
severity: low
severity-reason: the API server refuses the CronJob, so the work is never done
why: >-
  A schedule has five fields, minute, hour, day, month and weekday, or is a word such as @daily.
  What does not parse is refused; a time zone belongs in `timeZone`, and not into the schedule.
fix: Correct the schedule, and name the zone in `spec.timeZone`.
profile: recommended
form: object
kinds: [batch/CronJob]
fix-class: none
frameworks:
  - NIST-800-190:4.4.3
  - SOC2-TSC:A1.2
  - ISO27001-2022:A.8.14
  - ATT&CK:T1053.007
  - MS-ThreatMatrix:MS-TA9014
  - ISO27001-2022:A.8.6
aliases:
  - datree:CRONJOB_INVALID_SCHEDULE_VALUE
  - kics:CronJob Deadline Not Configured
  - kyverno:validate-cron-schedule
examples:
  - bad: fields that are missing, too large, misspelt or turned around
    lines: [5, 17, 29, 41, 53, 65, 77, 89]
    api: refused
    manifest: |
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-0}
      spec:
        schedule: "0 3 * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-1}
      spec:
        schedule: "60 3 * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-2}
      spec:
        schedule: "0 3 * * MUN"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-3}
      spec:
        schedule: "*/0 * * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-4}
      spec:
        schedule: "5-1 * * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-5}
      spec:
        schedule: "@often"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-6}
      spec:
        schedule: "TZ=Europe/Rome 0 3 * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-7}
      spec:
        schedule: "@every 1 hour"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
  - bad: no zone but that of the machine
    lines: [6]
    api: refused
    manifest: |
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-0}
      spec:
        schedule: "0 3 * * *"
        timeZone: Local
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
  - good: all that may be written
    manifest: |
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-0}
      spec:
        schedule: "0 3 * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-1}
      spec:
        schedule: "*/5 9-17/2 1,15 JAN-MAR mon-fri"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-2}
      spec:
        schedule: "? ? * * sun"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-3}
      spec:
        schedule: "@daily"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-4}
      spec:
        schedule: "@every 1h30m"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-5}
      spec:
        schedule: "0 0 31 12 0"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
      ---
      apiVersion: batch/v1
      kind: CronJob
      metadata: {name: report-6}
      spec:
        schedule: "1-59/2 * * * *"
        jobTemplate:
          spec:
            template:
              spec:
                restartPolicy: Never
                containers: [{name: report, image: "registry.example.org/report:2.1"}]
"""

_WORDS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("weekday", 0, 6, _DAYS),
)
_UNITS = ("ms", "us", "ns", "h", "m", "s")


def check(it: Resource, params: Mapping[str, Any]) -> Iterator[Violation]:
    schedule = text(it.value, "spec", "schedule")
    if schedule and (fault := _fault(schedule)):
        yield Violation(f"has the schedule {schedule!r}: {fault}", ("spec", "schedule"))
    if text(it.value, "spec", "timeZone").lower() == "local":
        yield Violation("has the zone of whatever machine it runs on", ("spec", "timeZone"))


def _fault(schedule: str) -> str:
    """Why the parser of Kubernetes (robfig/cron) refuses it; empty where it does not."""
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        return "a time zone belongs in timeZone"
    if schedule.startswith("@every "):
        return "" if _is_duration(schedule[7:]) else "that is no duration"
    if schedule.startswith("@"):
        return "" if schedule in _WORDS else "there is no such word"
    parts = schedule.split()
    if len(parts) != len(_FIELDS):
        return f"it has {len(parts)} fields, expected 5"
    for part, (name, least, most, words) in zip(parts, _FIELDS, strict=True):
        for item in part.split(","):
            if item and not _is_range(item, least, most, words):
                return f"{item} is no {name}"
    return ""


def _is_range(item: str, least: int, most: int, words: tuple[str, ...]) -> bool:
    span, slash, step = item.partition("/")
    if slash and (not _is_number(step) or int(step) == 0):
        return False
    if span in ("*", "?"):
        return True
    low, dash, high = span.partition("-")
    first = _value(low, least, words)
    last = _value(high, least, words) if dash else first
    return least <= first <= last <= most


def _value(word: str, least: int, words: tuple[str, ...]) -> int:
    """The number that a word means; one below the least for what means none."""
    if word.lower() in words:
        return words.index(word.lower()) + least
    return int(word) if _is_number(word) else least - 1


def _is_number(word: str) -> bool:
    return word.isascii() and word.isdigit() and len(word) < 10


def _is_duration(text: str) -> bool:
    """A duration of Go: numbers, each with its unit."""
    rest = text.removeprefix("+")
    while rest:
        number = rest[: len(rest) - len(rest.lstrip("0123456789."))]
        if not number.strip(".") or number.count(".") > 1:
            return False
        rest = rest[len(number) :]
        unit = next((it for it in _UNITS if rest.startswith(it)), "")
        if not unit:
            return False
        rest = rest[len(unit) :]
    return bool(text)
