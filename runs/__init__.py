"""How it is carried out: plan, slots, workers, queue, records, tracking."""

from __future__ import annotations

from runs.files import read_json as read_json
from runs.files import write_json as write_json
from runs.files import write_whole as write_whole
from runs.home import Home as Home
from runs.home import Unwritable as Unwritable
from runs.lock import Busy as Busy
from runs.plan import Plan as Plan
from runs.plan import make_plan as make_plan
from runs.running import run as run
from runs.written import light_plan as light_plan
from runs.written import plan_from_data as plan_from_data
