"""A process of its own that holds llama.cpp's HTTP server: run as a script, never imported by kit.

A process and not a thread, because llama.cpp holds Python's lock while it loads and while it
stops (Ctrl-C and every other stream would wait), and crashes at exit while it still answers.

stdin: one line of JSON, ``{"path", "alias", "key", "port", "parallel"}``, then nothing; its end is
the order to stop, so this process cannot outlive the one that started it, however that one ended.
stdout: one line of JSON, ``{"url"}`` once the model is loaded or ``{"error"}``. stderr: nothing.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

CONTEXT = 8192  # tokens, shared by all that is answered at once


def serve(wanted: dict[str, Any]) -> Any:
    """The running server; it stops when the last reference to it goes."""
    # A waiting thread of libgomp spins: on a busy machine that costs 9/10 of the speed.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # read by libgomp when it is loaded, just below
    import xllamacpp

    return xllamacpp.Server(settings(xllamacpp.CommonParams(), wanted))


def settings(p: Any, wanted: dict[str, Any]) -> Any:
    p.model.path, p.model_alias = wanted["path"], {wanted["alias"]}
    p.n_ctx, p.kv_unified, p.n_parallel = CONTEXT, True, wanted["parallel"]
    p.cpuparams.n_threads = p.cpuparams_batch.n_threads = min(4, os.cpu_count() or 2)
    p.hostnames, p.port = ["127.0.0.1"], wanted["port"]
    p.api_keys = [wanted["key"]] if wanted["key"] else []
    p.cors_origins = "http://127.0.0.1"  # the default lets any web page read the answers
    p.ui, p.offline, p.warmup, p.endpoint_slots = False, True, False, False
    p.fit_params = False  # measuring the memory doubles the time to load
    p.cache_ram_mib, p.verbosity = 0, -1
    return p


def taken(port: int) -> bool:
    """Whether another program listens there."""
    import socket  # only to find out why it failed

    with socket.socket() as probe:
        return port != 0 and probe.connect_ex(("127.0.0.1", port)) == 0


def main() -> None:
    say = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever C++ prints is not our one line
    wanted = json.loads(sys.stdin.readline())
    try:
        server = serve(wanted)
    except ImportError as error:
        print(json.dumps({"error": "import", "message": str(error)}), file=say, flush=True)
        return
    except RuntimeError as error:  # all that llama.cpp says, whatever the cause
        cause = "port" if taken(wanted["port"]) else "load"
        print(json.dumps({"error": cause, "message": str(error)}), file=say, flush=True)
        return
    print(json.dumps({"url": server.listening_address}), file=say, flush=True)
    sys.stdin.read()
    os._exit(0)  # without the destructor, which waits for answers that nobody wants any more


if __name__ == "__main__":
    main()
