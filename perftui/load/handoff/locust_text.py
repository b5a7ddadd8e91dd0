"""The parts of a locustfile that are the same for every plan: what compares, asks, shapes and judges."""

from __future__ import annotations

OPEN = """\
Locust has no open model. The rate is reached by users who pace themselves and wait for their answers: while the server
stands still nothing is sent, and what was not sent is in no percentile.
"""
NOTES = """\
The ramp at the start is counted. Timeouts are those of one read or write, not of a whole request. A user keeps cookies.
"""
HOLDS = '''
OPERATORS = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}


def found(response, subject, ms):
    """What a check is about; None where there is no such thing."""
    if subject == "status":
        return response.status_code
    if subject == "latency":
        return ms
    if subject.startswith("header."):
        return (response.headers or {}).get(subject.partition(".")[2])
    text = (response.content or b"").decode("utf-8", "replace")
    if subject == "body":
        return text
    try:
        value = json.loads(text)
        for part in subject.split(".")[1:]:
            value = value[int(part)] if isinstance(value, list) else value[part]
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return None
    return value


def holds(response, ms, subject, sign, wanted):
    """Whether an answer is as the check wants it."""
    got = found(response, subject, ms)
    if got is None:
        return False
    if sign in ("~", "!~"):
        return (wanted in str(got)) == (sign == "~")
    try:
        return OPERATORS[sign](float(got), float(wanted))
    except (TypeError, ValueError):
        return OPERATORS[sign](str(got).lower() if isinstance(got, bool) else str(got), wanted)
'''
ASK = '''
    def ask(self, method, path, name, headers, data=None, checks=()):
        """One request; redirects are not followed."""
        broken = []
        started = time.perf_counter()
        with self.client.request(
            method, path, name=name, headers=headers, data=data, catch_response=True, allow_redirects=False,
            context={"broken_checks": broken},
        ) as response:
            ms = (time.perf_counter() - started) * 1000
            if not response.status_code:
                return
            broken += [text for text, *check in checks if not holds(response, ms, *check)]
            is_own = any(check[1] == "status" for check in checks)
            if broken and (is_own or response.status_code < 400):
                response.failure("check: " + "; ".join(broken))
            elif is_own:
                response.success()
'''
PLAIN_ASK = '''
    def ask(self, method, path, name, headers, data=None):
        """One request; redirects are not followed."""
        self.client.request(method, path, name=name, headers=headers, data=data, allow_redirects=False)
'''
SHAPE = '''

class Stages(LoadTestShape):
    """So many users at every moment."""

    def tick(self):
        at = self.get_run_time()
        for seconds, before, after in STAGES:
            if at < seconds:
                return max(1, math.ceil(before + (after - before) * at / seconds)), USERS
            at -= seconds
        return None
'''
JUDGE = '''

def measured(environment, metric, name, what, percent):
    """The value of a threshold by now; None of nothing. Locust rounds percentiles to two digits."""
    entry = environment.stats.total
    if name:
        entry = next((each for (known, _), each in environment.stats.entries.items() if known == name), None)
    if entry is None or not entry.num_requests:
        return None
    if metric == "http_req_failed":
        return entry.fail_ratio
    if metric == "http_reqs":
        return entry.num_requests if what == "count" else entry.total_rps
    if what == "avg":
        return entry.avg_response_time
    if what in ("min", "max"):
        return entry.min_response_time if what == "min" else entry.max_response_time
    return entry.get_response_time_percentile(0.5 if what == "med" else percent / 100)


def broken_thresholds(environment):
    found = []
    for text, metric, name, what, percent, sign, limit, aborts, delay in THRESHOLDS:
        value = measured(environment, metric, name, what, percent)
        if value is not None and not COMPARE[sign](value, limit):
            found.append((text, value, aborts, delay))
    return found


COMPARE = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "==": operator.eq, "===": operator.eq, "!=": operator.ne,
}


@events.test_start.add_listener
def watch(environment, **_):
    """End the run when a threshold is broken that has to end it."""
    if isinstance(environment.runner, WorkerRunner):
        return
    started = time.monotonic()

    def look():
        while True:
            gevent.sleep(0.5)
            seconds = time.monotonic() - started
            if any(aborts and seconds >= delay for _, _, aborts, delay in broken_thresholds(environment)):
                environment.runner.quit()
                return

    gevent.spawn(look)


@events.quitting.add_listener
def judge(environment, **_):
    """Exit code 99 when a threshold is broken."""
    if isinstance(environment.runner, WorkerRunner):
        return
    found = broken_thresholds(environment)
    for text, value, _, _ in found:
        print(f"threshold {text}: BROKEN ({value})", file=sys.stderr)
    environment.process_exit_code = 99 if found else 0
'''
WATCHED = """

locust_watch.attach(Plan)
"""
