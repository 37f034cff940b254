"""`python -m ef21lab`."""

from ef21lab.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
