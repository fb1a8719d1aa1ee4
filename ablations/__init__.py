"""What is varied: factors, edits, designs, and the specs that name them. Nothing here loads torch before it must."""

from ablations.arms import Arm as Arm
from ablations.document import SpecError as SpecError
from ablations.edit import Conflict as Conflict
from ablations.edit import Edit as Edit
from ablations.factors import FACTORS as FACTORS
from ablations.loading import load_spec as load_spec
from ablations.loading import shipped_specs as shipped_specs
from ablations.spec import Spec as Spec
