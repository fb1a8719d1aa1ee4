import pytest

from ablations.views import View
from runs import notebook


class Shown:
    def __init__(self, view):
        self.views = [view]

    def update(self, view):
        self.views.append(view)


@pytest.fixture
def shown():
    return []


def renewed(shown, views):
    def show(view):
        shown.append(Shown(view))
        return shown[-1]

    return notebook.renewed(lambda: View(next(views)), show)


def test_many_changes_at_once_are_one_message_and_the_last_state_stays(shown):
    with renewed(shown, map(str, range(1000))) as renew:
        for _ in range(100):
            renew()
    titles = [view.title for view in shown[0].views]
    assert titles[0] == "0"
    assert len(titles) < 50
    assert titles == [str(number) for number in range(len(titles))]


def test_an_interrupted_cell_shows_how_far_it_came(shown):
    with pytest.raises(KeyboardInterrupt), renewed(shown, iter(["begun", "broken off"])):
        raise KeyboardInterrupt
    assert [view.title for view in shown[0].views] == ["begun", "broken off"]
