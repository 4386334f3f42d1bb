"""What a request costs beside a bare one: time of the processor, requests per second, and the slowest answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from bench.cases import Case
from bench.load import Job
from bench.processes import Door, Running, control, generate_load, serve_bare, serve_door
from bench.row import Amounts, Found, Skipped

_BARE_REQUESTS = 3
"""As many times those of the emulator, so that both rounds take about as long."""
_WARM_UP = 500


@dataclass(frozen=True)
class Round:
    """What one server did with one job."""

    user_us: float
    """Processor time per request, outside the kernel."""
    system_us: float
    """The same within it."""
    per_s: float
    p99_ms: float
    answer_bytes: int

    @property
    def cpu_us(self) -> float:
        """Processor time per request."""
        return self.user_us + self.system_us


@dataclass(frozen=True)
class Pair:
    """Two rounds, one after the other."""

    ours: Round
    bare: Round

    @property
    def cpu_ratio(self) -> float:
        """The bare application's processor time to ours: as with throughput, more is better."""
        return self.bare.cpu_us / self.ours.cpu_us

    @property
    def throughput_ratio(self) -> float:
        """Our requests per second to the bare application's."""
        return self.ours.per_s / self.bare.per_s

    @property
    def p99_ratio(self) -> float:
        """How many times as slow our slowest answers are: less is better."""
        return self.ours.p99_ms / self.bare.p99_ms


def throughput(case: Case, door: Door, amounts: Amounts) -> tuple[Found, ...]:
    """Rounds of the emulator and of the bare application in turn. Processor time decides, as it changes least with what
    else the machine is busy with."""
    with serve_door(door, *case.arguments) as emulator:
        return (summary(_pairs(case, emulator, amounts)),)


def _pairs(case: Case, emulator: Running, amounts: Amounts) -> list[Pair]:
    sandbox = control(emulator, "GET", "sandboxes/default")
    port = int(sandbox["urls"][case.provider].rpartition(":")[2])
    credentials = sandbox["credentials"][case.provider]
    try:
        prepared = case.prepare(port, credentials, _WARM_UP)
    except (KeyError, ValueError) as error:
        raise Skipped(f"its requests cannot be made: {error!r}") from error
    warm_up = perform(emulator, Job(port, prepared, _WARM_UP))
    pairs = []
    with serve_bare(warm_up.answer_bytes) as bare:
        for _ in range(amounts.rounds):
            prepared = case.prepare(port, credentials, amounts.requests)
            bare_round = perform(bare, Job(bare.port, prepared, amounts.requests * _BARE_REQUESTS))
            pairs.append(Pair(perform(emulator, Job(port, prepared, amounts.requests)), bare_round))
    return pairs


def perform(running: Running, job: Job) -> Round:
    """Has a server do a job. Raises Skipped if an answer is not good, or if there was too little to do."""
    before = running.processor_time()
    outcome = generate_load(job)
    after = running.processor_time()
    if outcome.first_bad:
        raise Skipped(f"answers {outcome.first_bad[:400]!r}")
    if after == before:
        raise Skipped(f"{job.count} requests take too little processor time to be read: send more with --requests")
    return Round(
        1e6 * (after.user_s - before.user_s) / job.count,
        1e6 * (after.system_s - before.system_s) / job.count,
        outcome.requests_per_second,
        outcome.p99_ms,
        outcome.answer_bytes,
    )


_MEANS: dict[str, Callable[[Pair], float]] = {
    "user_us": lambda pair: pair.ours.user_us,
    "system_us": lambda pair: pair.ours.system_us,
    "bare_user_us": lambda pair: pair.bare.user_us,
    "bare_system_us": lambda pair: pair.bare.system_us,
}
"""Processor time comes in hundredths of a second: over all rounds that is exact enough, in a median of them less so."""
_MEDIANS: dict[str, Callable[[Pair], float]] = {
    "throughput_ratio": lambda pair: pair.throughput_ratio,
    "requests_per_s": lambda pair: pair.ours.per_s,
    "bare_requests_per_s": lambda pair: pair.bare.per_s,
    "p99_ratio": lambda pair: pair.p99_ratio,
    "p99_ms": lambda pair: pair.ours.p99_ms,
    "bare_p99_ms": lambda pair: pair.bare.p99_ms,
}


def summary(pairs: Sequence[Pair]) -> Found:
    """What came of all rounds, in numbers and in words."""
    figures = {name: mean(map(figure, pairs)) for name, figure in _MEANS.items()}
    figures |= {name: median(map(figure, pairs)) for name, figure in _MEDIANS.items()}
    ratio = sum(pair.bare.cpu_us for pair in pairs) / sum(pair.ours.cpu_us for pair in pairs)
    ratios = [pair.cpu_ratio for pair in pairs]
    details = (
        "CPU {user_us:.0f}+{system_us:.0f} us, bare {bare_user_us:.0f}+{bare_system_us:.0f} us (user+system), ratios "
        f"{min(ratios):.2f} to {max(ratios):.2f}; "
        "{requests_per_s:.0f}/s, {throughput_ratio:.2f} of bare {bare_requests_per_s:.0f}/s; "
        "p99 {p99_ms:.1f} ms, {p99_ratio:.1f} times bare {bare_p99_ms:.1f} ms"
    )
    return Found(ratio, details.format_map(figures), figures)
