import signal
import threading

import pytest

from runs.interrupts import SIGNALS, held_interrupts


@pytest.fixture(autouse=True)
def interrupting_handlers():
    """Both signals raise KeyboardInterrupt, as the command line has them."""

    def interrupt(number, frame):
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def held(*numbers, then):
    with held_interrupts():
        for number in numbers:
            signal.raise_signal(number)
        then()


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_waits_for_the_end_of_the_block(number):
    done = []
    with pytest.raises(KeyboardInterrupt):
        held(number, then=lambda: done.append("the rest of the block"))
    assert done


def test_a_second_one_breaks_through():
    done = []
    with pytest.raises(KeyboardInterrupt):
        held(signal.SIGTERM, signal.SIGINT, then=lambda: done.append("not reached"))
    assert not done


def test_a_block_within_a_block_holds_until_the_outer_one_is_left():
    done = []

    def inner_then_more():
        held(signal.SIGINT, then=lambda: None)
        done.append("the rest of the outer block")

    with pytest.raises(KeyboardInterrupt):
        held(then=inner_then_more)
    assert done


@pytest.mark.parametrize("number", SIGNALS)
def test_handlers_are_put_back(number):
    before = signal.getsignal(number)
    with held_interrupts():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


def test_an_error_of_the_block_goes_on():
    with pytest.raises(ZeroDivisionError):
        held(signal.SIGINT, then=lambda: 1 / 0)


def test_other_threads_may_use_it():
    left = []

    def work():
        with held_interrupts():
            left.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert left
