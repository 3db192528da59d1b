"""Fates of commands (LAW-05): bounded per account, in time and in all; `known` only where nothing can be missing."""

import tracemalloc

import pytest
from msgspec.structs import astuple

from outcry.views.fates import Fate, Fates, KeptFates


def fate(number: int, origin: int = 1, time_ns: int = 0) -> Fate:
    return Fate(origin, number, 10 * number, time_ns, 1, 0, 0)


def filled(account_numbers: dict[int, range], **bounds: int) -> Fates:
    fates = Fates(**{"kept_per_account": 100, "kept_in_all": 1_000, **bounds})
    for account, numbers in account_numbers.items():
        for number in numbers:
            fates.see(1, number)
            fates.note(account, astuple(fate(number, time_ns=number)))
    return fates


def test_one_account_does_not_push_out_another() -> None:
    fates = filled({8: range(1, 3), 9: range(3, 500)}, kept_per_account=50)
    assert fates.find(8, 1, 1) == fate(1, time_ns=1)
    assert fates.find(9, 1, 449) is None
    assert fates.find(9, 1, 450) is not None
    assert fates.find(9, 2, 450) is None
    assert fates.find(8, 1, 450) is None


def test_beyond_the_number_in_all_the_largest_loses_half() -> None:
    fates = filled({8: range(1, 11), 9: range(11, 102)}, kept_in_all=100)
    assert all(fates.find(8, 1, number) for number in range(1, 11))
    assert fates.find(9, 1, 56) is None
    assert fates.find(9, 1, 57) is not None


def test_what_is_old_goes() -> None:
    fates = filled({8: range(1, 11), 9: range(11, 21)})
    fates.forget_before(15)
    assert fates.find(8, 1, 10) is fates.find(9, 1, 14) is None
    assert fates.find(9, 1, 15) is not None


def test_known_only_where_nothing_can_have_been_missed() -> None:
    fates = filled({8: range(10, 20, 2)}, kept_per_account=3)
    # 10 and 12 are forgotten; 9 may have been applied before anything was seen here.
    assert [number for number in range(8, 20) if fates.is_known(8, 1, number)] == list(range(13, 20))
    assert [number for number in range(8, 20) if fates.is_known(9, 1, number)] == list(range(10, 20))
    assert not fates.is_known(8, 2, 15)
    again = Fates(3, 1_000)
    again.load(fates.dump())
    assert again.is_known(8, 1, 13)
    assert not again.is_known(8, 1, 12)
    fates.miss()
    assert not fates.is_known(8, 1, 15)
    fates.see(1, 30)
    assert fates.is_known(8, 1, 30)
    assert not fates.is_known(8, 1, 29)


def test_fates_take_little_memory_and_give_it_back_when_they_are_forgotten() -> None:
    fates = Fates(5_000, 20_000)
    tracemalloc.start()
    for number in range(1, 50_001):
        fates.note(7, (1, number, 10**6 + number, 10**18 + number, 2, 0, 10**12 + number))
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 5_000 * 100
    assert fates.find(7, 1, 45_000) is None
    found = fates.find(7, 1, 45_001)
    assert found == Fate(1, 45_001, 10**6 + 45_001, 10**18 + 45_001, 2, 0, 10**12 + 45_001)
    again = Fates(5_000, 20_000)
    again.load(fates.dump())
    assert again.find(7, 1, 45_001) == found
    assert again.is_known(7, 1, 45_001) is False
    with pytest.raises(ValueError, match="whole number"):
        again.load(KeptFates({7: bytes(8)}, {}, []))
