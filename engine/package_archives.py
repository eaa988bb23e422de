"""Packages as zip files: exported byte for byte, and taken in with care."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from io import BytesIO

from engine.manifests import PackageError, parse_manifest
from engine.package_files import MANIFEST, MAX_FILE, MAX_FILES, kind_of, xml_root

MAX_ARCHIVE = 20_000_000  # bytes, unpacked
_STAMP = (2020, 1, 1, 0, 0, 0)  # equal packages make equal archives


def packed(folder: str, files: Mapping[str, bytes]) -> bytes:
    """The files as a zip, in a folder of that name."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{folder}/{path}", _STAMP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return out.getvalue()


def unpacked(archive: bytes, where: str) -> tuple[str, dict[str, bytes]]:
    """The package id and the files of a zip, in a folder or not.

    A file that is no part of a package refuses the whole archive by its name, so that nothing is
    left out unnoticed; hidden files of operating systems are passed over. Raises PackageError.
    """
    try:
        with zipfile.ZipFile(BytesIO(archive)) as opened:
            files = _read(opened, where)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as broken:
        raise PackageError(where, f"this is no zip file that can be read: {broken}") from broken
    root = next((name.removesuffix(MANIFEST) for name in files if _is_manifest(name)), None)
    if root is None:
        raise PackageError(
            where, f"holds no {MANIFEST}; pack the whole folder of a package, as Export does"
        )
    inside = {}
    for name, content in files.items():
        if not name.startswith(root):
            raise PackageError(f"{where}: {name}", f"lies beside the package in {root or where}")
        path = name.removeprefix(root)
        _check(path, content, f"{where}: {name}")
        inside[path] = content
    return parse_manifest(inside[MANIFEST], f"{where}: {root}{MANIFEST}").id, inside


def _is_manifest(name: str) -> bool:
    return name == MANIFEST or name.endswith(f"/{MANIFEST}")


def _read(opened: zipfile.ZipFile, where: str) -> dict[str, bytes]:
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    entries = [entry for entry in entries if not _is_hidden(entry.filename)]
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_ARCHIVE:
        raise PackageError(where, f"holds more than {MAX_FILES} files or {MAX_ARCHIVE} bytes")
    files: dict[str, bytes] = {}
    for entry in entries:
        with opened.open(entry) as file:
            content = file.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise PackageError(f"{where}: {entry.filename}", f"is larger than {MAX_FILE} bytes")
        files[entry.filename] = content
    return files


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__MACOSX")) for part in name.split("/"))


def _check(path: str, content: bytes, where: str) -> None:
    try:
        kind = kind_of(path)
    except PackageError as stranger:
        raise PackageError(where, stranger.message.partition(": ")[2]) from stranger
    if kind in ("bpmn", "dmn"):
        xml_root(content, where)
