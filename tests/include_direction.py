#!/usr/bin/env python3
"""Checks the direction of includes: monitor -> alerts, baselines, detectors; baselines -> detectors; alerts and detectors stand alone.

Libraries have one place each, so that replacing one touches one place. Run by ctest; prints every offending line as file:line.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("detectors", "baselines", "alerts", "monitor", "tests", "bench")
# What each folder may include of the project.
MAY_INCLUDE = {
    "detectors": {"detectors"},
    "baselines": {"baselines", "detectors"},
    "alerts": {"alerts"},
    "monitor": {"monitor", "alerts", "baselines", "detectors"},
    "tests": set(FOLDERS),
    "bench": set(FOLDERS) - {"tests"},
}
# Headers of libraries, and where they may be included (a folder, or the beginning of a path). Tests and benches may use any.
LIBRARIES = {
    r"librdkafka/": ("monitor/",),
    r"sqlite3\.h": ("monitor/",),
    r"httplib\.h": ("monitor/",),
    r"yaml-cpp/": ("monitor/",),
    r"prometheus/": ("monitor/",),
    r"simdjson\.h": ("monitor/",),
    r"zlib\.h": ("baselines/csv/unpacker", "monitor/"),
    r"zstd\.h": ("baselines/csv/unpacker",),
    r"curl/": ("alerts/http_client",),
    r"openssl/": ("alerts/", "monitor/"),
    r"nlohmann/": ("alerts/", "baselines/", "monitor/"),
    r"boost/accumulators/": ("detectors/",),
}
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]')


def faults_of(path):
    name = path.relative_to(ROOT).as_posix()
    folder = name.split("/")[0]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        header = found.group(1)
        owner = header.split("/")[0]
        if owner in FOLDERS and owner not in MAY_INCLUDE[folder]:
            yield f"{name}:{number}: {folder}/ must not include {header}"
        for pattern, places in LIBRARIES.items():
            if re.match(pattern, header) and folder not in ("tests", "bench") and not name.startswith(places):
                yield f"{name}:{number}: {header} belongs to {', '.join(places)} only"


def main():
    sources = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*")) if path.suffix in (".h", ".cc")]
    faults = [fault for path in sources for fault in faults_of(path)]
    print("\n".join(faults) or f"{len(sources)} files include in the right direction only")
    return 1 if faults or not sources else 0


if __name__ == "__main__":
    sys.exit(main())
