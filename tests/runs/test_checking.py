import pytest

from ablations.claims import Claim
from modules import checks
from modules.checks import Checked
from modules.sources import ROOT
from runs import checking
from runs.checking import carry_out_checks, check_version, named_checks, recorded_checks
from runs.home import Home

NAME = "xor_two_layers"


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


@pytest.fixture
def done(monkeypatch):
    """How often a check was carried out; `come_to` sets what comes of it."""

    class Done(list):
        outcome = Checked("a fact", "4", "4", True)

        def __call__(self, name):
            self.append(name)
            if isinstance(self.outcome, Exception):
                raise self.outcome
            return self.outcome

    found = Done()
    monkeypatch.setattr(checking, "carry_out", found)
    return found


def test_a_check_is_carried_out_once_and_its_record_read_back(home, done):
    said = []
    first = carry_out_checks([NAME], home, said.append)
    assert carry_out_checks([NAME], home, said.append) == first == recorded_checks([NAME], home)
    assert done == [NAME]
    assert said == ["Checks: 1 of 1 hold"] * 2
    assert first[NAME]["holds"] and first[NAME]["says"] == "a fact"


def test_other_code_has_it_carried_out_again_and_its_record_is_read(home, done, monkeypatch):
    carry_out_checks([NAME], home, str)
    done.outcome = Checked("a fact", "3", "4", False)
    monkeypatch.setattr(checking, "check_version", lambda name: "other")
    said = []
    carry_out_checks([NAME], home, said.append)
    assert len(done) == 2
    assert not recorded_checks([NAME], home)[NAME]["holds"]
    assert said == ["check xor_two_layers does not hold: measured 3, expected 4", "Checks: 0 of 1 hold"]


def test_the_record_of_todays_code_counts_and_where_there_is_none_the_newest(home, done, monkeypatch):
    for version, measured in (("today", "4"), ("other", "3")):
        monkeypatch.setattr(checking, "check_version", lambda name, version=version: version)
        done.outcome = Checked("a fact", measured, "4", True)
        carry_out_checks([NAME], home, str)
    for version, measured in (("today", "4"), ("other", "3"), ("neither", "3")):
        monkeypatch.setattr(checking, "check_version", lambda name, version=version: version)
        assert recorded_checks([NAME], home)[NAME]["measured"] == measured


def test_one_that_fails_says_why_and_is_tried_again(home, done):
    done.outcome = RuntimeError("out of\nluck")
    said = []
    assert carry_out_checks([NAME], home, said.append)[NAME]["reason"] == "RuntimeError: out of luck"
    assert said[0] == "check xor_two_layers failed: RuntimeError: out of luck"
    done.outcome = Checked("a fact", "4", "4", True)
    assert carry_out_checks([NAME], home, str)[NAME]["reason"] is None


def test_a_record_that_cannot_be_read_counts_as_not_there(home, done):
    carry_out_checks([NAME], home, str)
    next(home.checks.iterdir()).write_text("{")
    assert recorded_checks([NAME], home) == {}
    carry_out_checks([NAME], home, str)
    assert len(done) == 2


def test_a_claim_names_each_check_once():
    claims = [Claim(check=NAME), Claim(check=NAME, says="again"), Claim(arm="a", direction="lower")]
    assert named_checks(claims) == [NAME]


def test_nothing_is_said_where_no_claim_names_a_check(home):
    said = []
    assert carry_out_checks([], home, said.append) == {}
    assert not said and not home.checks.exists()


@pytest.mark.parametrize("file", ["modules/zoo/lenet.py", "modules/checks/costs.py"])
def test_code_that_is_found_by_its_name_is_part_of_the_version(file, monkeypatch):
    before, digest = check_version("lenet5_parameters"), checking.source_digest
    monkeypatch.setattr(checking, "source_digest", lambda path: "new" if path == ROOT / file else digest(path))
    assert check_version("lenet5_parameters") != before


@pytest.mark.parametrize(("check", "counts"), [("null_dose", True), (NAME, False)])
def test_a_check_outside_modules_has_its_own_package_in_its_version(check, counts, monkeypatch):
    before, digest = check_version(check), checking.source_digest
    file = ROOT / "ablations" / "doses.py"
    monkeypatch.setattr(checking, "source_digest", lambda path: "new" if path == file else digest(path))
    assert (check_version(check) != before) == counts


def test_another_torch_and_another_function_are_another_version(monkeypatch):
    before = check_version(NAME)
    monkeypatch.setattr(checking, "version", lambda library: "0.1")
    assert check_version(NAME) != before
    monkeypatch.undo()
    monkeypatch.setitem(checks.CHECKS, NAME, "modules.checks.logic:backprop")
    assert check_version(NAME) != before
