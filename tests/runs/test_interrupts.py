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


@pytest.mark.parametrize("number", SIGNALS)
def test_an_interruption_waits_for_the_end_of_the_block(number):
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        signal.raise_signal(number)
        done.append("the rest of the block")
    assert done


def test_a_second_one_breaks_through():
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        done.append("not reached")
    assert not done


def test_a_block_within_a_block_holds_until_the_outer_one_is_left():
    done = []
    with pytest.raises(KeyboardInterrupt), held_interrupts():
        with held_interrupts():
            signal.raise_signal(signal.SIGINT)
        done.append("the rest of the outer block")
    assert done


@pytest.mark.parametrize("number", SIGNALS)
def test_handlers_are_put_back(number):
    before = signal.getsignal(number)
    with held_interrupts():
        assert signal.getsignal(number) is not before
    assert signal.getsignal(number) is before


def test_an_error_of_the_block_goes_on():
    with pytest.raises(ZeroDivisionError), held_interrupts():
        signal.raise_signal(signal.SIGINT)
        1 / 0  # noqa: B018


def test_other_threads_may_use_it():
    left = []

    def work():
        with held_interrupts():
            left.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert left
