"""Where ./dev bench peers puts the peers, the surroundings that each of them runs in, and their versions."""
import pathlib

from measuring import rig

ENVIRONMENTS = rig.ROOT / "build" / "peers"
# Every library on one thread, so that waiting for each other costs none of them; and nobody reports home.
SETTINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "NML_DISABLE_USAGE_LOGGING": "1",
            "DO_NOT_TRACK": "1", "WHYLOGS_NO_ANALYTICS": "True", "PYTHONWARNINGS": "ignore"}
COMPARED = ("evidently", "msgspec", "nannyml", "numpy", "orjson", "polars", "river", "scouter-ml", "whylogs")


def installed(environment):
    return (ENVIRONMENTS / environment).exists()


def versions():
    """As pinned, in words."""
    pinned = {}
    for file in sorted(pathlib.Path(__file__).parent.glob("requirements*.txt")):
        for line in file.read_text().split():
            name, _, version = line.partition("==")
            pinned[name.partition("[")[0]] = version
    return ", ".join(f"{name} {pinned[name]}" for name in COMPARED)
