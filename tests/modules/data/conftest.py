import pytest

from modules.data import normal, prepared, source, splits


@pytest.fixture(autouse=True)
def nothing_remembered():
    """Each test reads its own images."""
    for remembered in (source.images_and_labels, prepared.all_prepared, normal._known_moments, splits.make_splits):
        remembered.cache_clear()
