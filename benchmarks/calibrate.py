"""Print how long an operation takes on this machine, as loops are estimated, in nanoseconds.

    python benchmarks/calibrate.py

Each program below is timed, and the operations of its round are counted as the linter counts them. The
mean belongs into `OPERATION` of `asyncblock_lint/link/effort.py`.
"""

import statistics
import time

from asyncblock_lint.extract.visitor import module_facts

ROUNDS = 300_000
REPEATS = 5
BODIES = {
    "nothing": "pass",
    "a product": "number * number",
    "a sum": "total += number",
    "a sum of products": "total += number * number",
    "a comparison": "if number % 7 == 3: total += 1",
    "a call": "total += abs(number)",
    "a method": "items.append(number)",
    "an item": "table[number % 8] = table[number % 5]",
    "an attribute": "total += box.value",
    "a string": "text = str(number) + 'x'",
}
PROGRAM = """
class Box:
    value = 1

def run(rounds):
    total, items, table, box = 0, [], [0] * 8, Box()
    for number in range(rounds):
        {body}
"""


def nanoseconds(program: str) -> float:
    """The best time of a round, of several runs."""
    names: dict[str, object] = {}
    exec(compile(program, "<body>", "exec"), names)
    run = names["run"]
    assert callable(run)
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        run(ROUNDS)
        times.append(time.perf_counter() - start)
    return min(times) / ROUNDS * 1e9


def counted(program: str) -> float:
    """The operations of a round."""
    [loop] = [loop for function in module_facts(program).functions for loop in function.loops]
    return loop.operations


def main() -> None:
    """Print a line for each body, and the mean."""
    each = []
    for name, body in BODIES.items():
        program = PROGRAM.format(body=body)
        took, number = nanoseconds(program), counted(program)
        each.append(took / number)
        print(f"{name:20} {took:6.1f} ns / {number:3.1f} operations = {each[-1]:5.1f} ns")
    print(f"{'mean':20} {statistics.mean(each):43.1f} ns")


if __name__ == "__main__":
    main()
