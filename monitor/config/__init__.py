"""``feeds.yaml`` to a ``Config``: every problem at once, each with its line.

``reading`` knows YAML, ``schema`` the keys, ``loading`` puts both together.
"""

from .loading import Config, SlackConfig, load

__all__ = ["Config", "SlackConfig", "load"]
