"""`python -m portside`."""

import sys

from portside.cli import main

sys.exit(main())
