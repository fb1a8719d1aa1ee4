"""Tools for editing a built network by kind of module, never by name of model.

`tools` finds modules and hangs others onto them, `replacement` puts modules in the place of others, `tracing` sees
what a forward does and `written` what it says where no trace sees it, `calls` puts modules in the place of functional
calls, `passes` sees shapes; the rest each change one thing about a network's structure.
"""

from modules.surgery.tools import CONVOLUTIONS as CONVOLUTIONS
from modules.surgery.tools import NORMS as NORMS
from modules.surgery.tools import WEIGHTED as WEIGHTED
from modules.surgery.tools import NoEffect as NoEffect
from modules.surgery.tools import attach_after as attach_after
from modules.surgery.tools import attach_before as attach_before
from modules.surgery.tools import copied as copied
from modules.surgery.tools import drawing_from as drawing_from
from modules.surgery.tools import linears as linears
from modules.surgery.tools import needed as needed
from modules.surgery.tools import no_effect as no_effect
from modules.surgery.tools import of_kind as of_kind
from modules.surgery.tools import own_parameter as own_parameter
from modules.surgery.tools import refusing as refusing
