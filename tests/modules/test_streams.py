from itertools import product

import torch
from hypothesis import given
from hypothesis import strategies as st

from modules.streams import PURPOSES, SHARED_BY_ALL, Streams

SEEDS = st.integers(0, 2**32 - 1)


@given(SEEDS)
def test_no_stream_feeds_two_purposes(seed):
    numbers = [Streams(seed).number(purpose) for purpose in PURPOSES]
    assert len(set(numbers)) == len(PURPOSES)


def test_no_two_seeds_share_a_stream():
    numbers = [Streams(seed).number(purpose) for seed, purpose in product(range(300), PURPOSES)]
    assert len(set(numbers)) == len(numbers)


@given(SEEDS)
def test_the_sham_shares_the_split_and_the_label_noise_and_nothing_else(seed):
    shared = {p for p in PURPOSES if Streams(seed).number(p) == Streams(seed, replicate=1).number(p)}
    assert shared == SHARED_BY_ALL == {"split", "label_noise"}


@given(SEEDS)
def test_members_share_what_the_sham_shares_and_the_first_is_the_network_alone(seed):
    alone, others = Streams(seed), [Streams(seed, member=member) for member in range(1, 4)]
    assert Streams(seed, member=0) == alone
    for purpose in PURPOSES:
        numbers = {streams.number(purpose, 5) for streams in (alone, *others)}
        assert len(numbers) == (1 if purpose in SHARED_BY_ALL else 4)


def test_details_split_a_purpose():
    numbers = {Streams(0).number("surgery", detail) for detail in range(50)}
    assert len(numbers) == 50


def test_only_the_borrower_moves_torch_s_global_generator_and_it_is_put_back():
    before = torch.random.get_rng_state()
    streams = Streams(3)
    streams.torch("order").initial_seed()
    streams.numpy("split").random()
    with streams.borrowed("init"):
        borrowed = torch.rand(3)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(borrowed, torch.rand(3, generator=streams.torch("init")))
