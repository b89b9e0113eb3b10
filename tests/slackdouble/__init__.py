"""A stateful double of Slack on loopback, for the real slack_sdk clients.

``workspace`` is what stands in the channels and what Slack would say, ``sizes`` its limits,
``server`` speaks HTTP and knows the faults of networks and proxies.
"""
