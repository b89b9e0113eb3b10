"""``feeds.yaml`` to a ``Config``: every problem at once, each with its line.

``schema`` and ``alert_keys`` know the keys; ``loading`` reads the file and puts both together.
"""

from .loading import Config, SlackConfig, load

__all__ = ["Config", "SlackConfig", "load"]
