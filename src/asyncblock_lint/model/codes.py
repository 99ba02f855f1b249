"""The stable codes, their names, and one sentence on each."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A code as users select it; `default` tells whether it is on without being asked for."""

    code: str
    name: str
    summary: str
    default: bool = True


CODES: tuple[Code, ...] = (
    Code("ABL000", "unreadable-file", "A file that could not be decoded or parsed."),
    Code("ABL001", "unused-suppression", "A suppression comment that silences nothing."),
    Code("ABL101", "blocking-sleep", "A sleep that holds the thread, and with it the loop."),
    Code("ABL102", "blocking-input", "Waiting for a person to type."),
    Code("ABL201", "blocking-http", "An HTTP request through a synchronous client."),
    Code("ABL202", "blocking-socket", "A blocking socket operation, name look-up or TLS exchange."),
    Code("ABL203", "blocking-protocol-client", "A synchronous mail, file-transfer or remote-shell client."),
    Code("ABL204", "blocking-service-client", "A synchronous client of a remote service or its SDK."),
    Code("ABL301", "blocking-subprocess", "Starting a process and waiting for its end."),
    Code("ABL302", "blocking-process-wait", "Waiting for a process that already runs."),
    Code("ABL303", "blocking-process-start", "Starting a process through a blocking system call."),
    Code("ABL401", "blocking-file-io", "Reading, writing, moving, removing or listing files."),
    Code(
        "ABL402",
        "blocking-file-metadata",
        "Asking about a file or folder; short on local disks, long on network ones.",
        default=False,
    ),
    Code("ABL403", "blocking-import-or-tls", "Dynamic imports, package metadata and certificate files."),
    Code("ABL501", "blocking-database", "A query or connection through a synchronous database driver."),
    Code("ABL502", "blocking-store-client", "A synchronous key-value, queue or search client."),
    Code("ABL601", "blocking-lock", "Waiting for a lock, semaphore, condition, event or barrier of threads."),
    Code("ABL602", "blocking-wait", "Waiting for a thread, a thread's queue, or file descriptors."),
    Code("ABL603", "blocking-future-result", "Waiting for a concurrent future or an executor."),
    Code(
        "ABL604",
        "nested-event-loop",
        "Running an event loop, or waiting for this one, while it runs this code.",
    ),
    Code("ABL605", "lock-held-across-await", "A lock of threads that stays held while the coroutine awaits."),
    Code("ABL701", "cpu-bound-loop", "A loop that computes for long, or spins, without giving way."),
    Code(
        "ABL702",
        "cpu-bound-call",
        "Key derivation, compression, parsing and other work that keeps a core busy.",
    ),
    Code("ABL703", "heavy-compute-library", "Data frames, images, documents and model inference."),
    Code("ABL801", "eager-offload", "A blocking call made here, and only its result handed to a thread."),
    Code("ABL802", "coroutine-in-thread", "An `async def` handed to a thread, where it never runs."),
    Code(
        "ABL803",
        "async-without-await",
        "An endpoint that blocks and never awaits: a thread would run a plain `def`.",
    ),
    Code(
        "ABL804", "sync-method-with-async-twin", "A synchronous method whose class has it as a coroutine too."
    ),
)

TWIN = "ABL804"
"""A call that blocks for a known reason comes before one that merely has a twin."""

BY_CODE = {code.code: code for code in CODES}
DEFAULT_CODES = frozenset(code.code for code in CODES if code.default)
