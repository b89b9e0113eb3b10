"""``python -m monitor`` is the command ``regwatch``."""

from .cli import main

main()
