import pytest

from ablations.tune import Range, Tune
from runs.queue import Searcher, journal_queue
from tests.side_by_side import found_by_two


@pytest.fixture
def path(tmp_path):
    return tmp_path / "q.journal"


def offered(path, *keys):
    queue = journal_queue(path, "q")
    for key in keys:
        queue.offer(key, 1)
    return queue


def test_claimed_in_the_order_of_the_offer(path):
    queue = offered(path, "b", "a", "c")
    assert [queue.claim("w").key for _ in range(3)] == ["b", "a", "c"]
    assert queue.claim("w") is None


def test_a_look_shows_what_waits_who_holds_what_and_once_what_has_ended(path):
    queue = offered(path, "a", "b", "c")
    ended, held = queue.claim("v"), queue.claim("w")
    queue.complete(ended, 50.0)
    assert queue.look() == ({"c"}, [(held, "w")], [ended])
    assert queue.look() == ({"c"}, [(held, "w")], [])
    assert held.id == "b.1"


def test_ending_a_claim_twice_changes_nothing(path):
    queue = offered(path, "a")
    claim = queue.claim("w")
    queue.complete(claim, None)
    queue.complete(claim, 50.0)
    assert queue.look().ended == [claim]


@pytest.mark.parametrize("torn", [b'{"op_code":4,"study_', b"\0\0\0"])
def test_a_line_that_was_torn_in_the_writing_does_not_spoil_the_next(path, torn):
    queue = offered(path, "a")
    with path.open("ab") as file:
        file.write(torn)
    queue.offer("b", 1)
    assert journal_queue(path, "q").look().waiting == {"a", "b"}
    assert queue.claim("w").key == "a"


def _claim_all(path, name, results):
    queue = journal_queue(path, "q")
    claimed = []
    while (claim := queue.claim(name)) is not None:
        claimed.append(claim.key)
        queue.complete(claim, 1.0)
    results.put(claimed)


def test_two_processes_claim_each_run_once(path):
    keys = [f"run{index}" for index in range(30)]
    offered(path, *keys)
    assert sorted(found_by_two(_claim_all, path)) == sorted(keys)


SPACE = {"lr": Range(low=0.001, high=0.1, log=True), "size": Range(low=8, high=64), "rule": ("sgd", None)}


def searcher(name="a", space=SPACE, **changes):
    return Searcher(name, space, Tune.model_validate({"search": {"lr": [1, 2]}, **changes}))


def asked(searcher, times=20, sign=-1):
    """What is asked for where small rates are worth more; with the other sign, large ones."""
    found = []
    for _ in range(times):
        found.append(searcher.ask())
        searcher.tell(sign * found[-1]["lr"])
    return found


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_a_search_of_one_name_asks_the_same_when_told_the_same(sampler):
    assert asked(searcher(sampler=sampler)) == asked(searcher(sampler=sampler))
    assert asked(searcher(sampler=sampler)) != asked(searcher("b", sampler=sampler))


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_what_is_asked_for_lies_in_the_space_and_numbers_can_be_read(sampler):
    for settings in asked(searcher(sampler=sampler)):
        assert 0.001 <= settings["lr"] <= 0.1
        assert settings["lr"] == float(f"{settings['lr']:.4g}")
        assert settings["size"] in range(8, 65)
        assert isinstance(settings["size"], int)
        assert settings["rule"] in ("sgd", None)


def test_even_of_a_small_budget_most_is_asked_for_by_what_was_told():
    def told_otherwise(sampler):
        one, other = (asked(searcher(trials=10, sampler=sampler), 10, sign) for sign in (-1, 1))
        return [a != b for a, b in zip(one, other, strict=True)]

    assert told_otherwise("random") == [False] * 10
    assert told_otherwise("tpe") == [False] * 3 + [True] * 7


def test_it_learns_from_settings_that_it_did_not_ask_for_unless_they_lie_outside():
    own = {"lr": 0.05, "size": 32, "rule": "sgd"}
    for settings, learns in ((own, True), (own | {"lr": 0.0}, False), (own | {"size": None}, False)):
        search = searcher(trials=3)
        search.learn(settings, 1.0)
        plain = searcher(trials=3)
        assert (asked(search, 1) != asked(plain, 1)) == learns


def test_hyperband_gives_up_what_is_worse_at_the_same_length():
    search = searcher(pruning="hyperband", sampler="random")
    given_up = []
    for number in range(30):
        search.ask()
        going = all(search.goes_on(-number, rung) for rung in range(3))  # each is worse than all before
        search.tell(-number if going else None)
        given_up.append(not going)
    assert not given_up[0]
    assert sum(given_up) > 20
