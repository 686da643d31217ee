from benchmarks.figures import Amount, Figure, Goal


def figure(goal: Goal, *rounds: tuple[float, float]) -> Figure:
    made = Figure("orders", "orders/s", goal)
    for ours, reference in rounds:
        made.add(ours, reference, p50_ms=1.0)
    return made


def test_a_figure_holds_by_the_median_of_its_rounds_and_tells_their_spread() -> None:
    told = figure(Goal(0.3), (10, 100), (40, 100), (50, 125)).line()

    assert (told["ratio"], told["spread"], told["goal"], told["holds"]) == (0.4, [0.1, 0.4], ">= 0.3", True)


def test_a_latency_must_stay_below_what_is_allowed() -> None:
    at_most = Goal(1.0, at_least=False)

    assert figure(at_most, (2.0, 2.5)).holds
    assert not figure(at_most, (2.6, 2.5)).holds


def test_a_run_whose_reference_moved_by_more_than_a_factor_of_two_proves_nothing() -> None:
    told = figure(Goal(0.3), (40, 100), (90, 201)).line()

    assert (told["steady"], told["holds"]) == (False, False)


def test_an_amount_holds_by_the_median_of_its_rounds_and_tells_the_least_and_the_most() -> None:
    amount = Amount("rebuild", "events/s", Goal(15_000))
    for measured, took_s in ((9_000, 10.0), (15_000, 6.0), (18_000, 5.0)):
        amount.add(measured, took_s=took_s)
    told = amount.line()

    assert (told["min"], told["median"], told["max"], told["took_s"]) == (9_000, 15_000, 18_000, 6.0)
    assert (told["goal"], told["holds"], told["rounds"]) == (">= 15000", True, 3)


def test_an_amount_whose_median_misses_the_goal_does_not_hold_however_good_its_best_round() -> None:
    backlog = Amount("backlog", "s", Goal(1.0, at_least=False))
    for measured in (0.1, 1.2, 3.0):
        backlog.add(measured)

    assert not backlog.holds
