"""Where ./dev bench peers puts the peers, and the surroundings that each of them runs in."""
from measuring import rig

ENVIRONMENTS = rig.ROOT / "build" / "peers"
# Every library on one thread, so that waiting for each other costs none of them; and nobody reports home.
SETTINGS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "NML_DISABLE_USAGE_LOGGING": "1",
            "DO_NOT_TRACK": "1", "WHYLOGS_NO_ANALYTICS": "True", "PYTHONWARNINGS": "ignore"}
