"""What the tests of specs share."""

import pytest

from ablations import SpecError, load_spec


@pytest.fixture
def complaint(tmp_path):
    """What is said of a spec with this text, in one line, from the line of the file on; fails where nothing is said."""
    path = tmp_path / "bad.yaml"

    def complaint_of(text: str) -> str:
        path.write_text(text)
        with pytest.raises(SpecError, match=rf"^{path}:[^\n]*$") as raised:
            load_spec(path)
        return str(raised.value).removeprefix(str(path))

    return complaint_of
