"""What makes manifests by a program that is not run here: said to be unread, with the command.

Known by the name of the file, and by its bytes where the name alone does not tell.
"""

from __future__ import annotations

_HELMFILES = tuple(
    f"helmfile.{suffix}{engine}" for suffix in ("yaml", "yml") for engine in ("", ".gotmpl")
)
_BY_SUFFIX = {
    ".jsonnet": "a Jsonnet program: jsonnet -y {name} | portside scan - judges what it makes",
    ".cue": "a CUE program: cue export --out yaml {name} | portside scan - judges what it makes",
    ".pkl": "a Pkl program: pkl eval -f yaml {name} | portside scan - judges what it makes",
    ".k": "a KCL program: kcl run {name} | portside scan - judges what it makes",
}
_TIMONI = "a Timoni module: timoni build NAME {folder} | portside scan - judges what it makes"
_HELMFILE = "a helmfile: helmfile template -f {name} | portside scan - judges what it makes"
_CDK8S = "a cdk8s application: cdk8s synth, and portside scan of its dist folder, judges it"
_KPT = "kpt's functions, which are not run: kpt fn render {folder} -o unwrap | portside scan -"
_YTT = "a ytt template: ytt -f {name} | portside scan - judges what it makes"


def may_generate(name: str) -> bool:
    """Whether a file of that name is to be opened, although it is neither YAML nor JSON by it."""
    base = name.rpartition("/")[2]
    return base in _HELMFILES or base == "Kptfile" or base.endswith(tuple(_BY_SUFFIX))


def generator(data: bytes, name: str) -> tuple[bool, str] | None:
    """What program the file `name` is of, if it is of one that makes manifests.

    Whether it makes objects that are not read, and what it is.
    """
    folder, _, base = name.rpartition("/")
    said = _by_name(data, folder.rpartition("/")[2], base)
    if said:
        return True, said.format(name=name, folder=folder or ".")
    suffix = base[base.rfind(".") :] if "." in base else ""
    if suffix in _BY_SUFFIX:
        if b"apiVersion" in data and b"kind" in data:
            return True, _BY_SUFFIX[suffix].format(name=name)
        return False, "a program, without apiVersion and kind in it"
    if base == "Kptfile":
        return False, "a package of kpt, which has no functions"
    return None


def _by_name(data: bytes, folder: str, base: str) -> str:
    if b"releases:" in data and (base in _HELMFILES or folder == "helmfile.d"):
        return _HELMFILE
    if base == "timoni.cue":
        return _TIMONI
    if base == "Kptfile" and b"pipeline:" in data:
        return _KPT
    if base == "cdk8s.yaml" and b"app:" in data:
        return _CDK8S
    return _YTT if b"#@" in data and _is_ytt(data) else ""


def _is_ytt(data: bytes) -> bool:
    """Whether comments of ytt stand where they decide what a manifest says."""
    if b"apiVersion" not in data or b"kind" not in data:
        return False
    import re

    return (
        re.search(rb"^[ \t-]*+#@(?: |/|overlay|data|schema)|[:-] #@ ", data, re.MULTILINE)
        is not None
    )
