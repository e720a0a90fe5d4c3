"""python -m submissions …"""

import sys

from submissions.cli import main

if __name__ == "__main__":
    sys.exit(main())
