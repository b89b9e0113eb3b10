"""regwatch: the service that watches, judges, archives and alerts."""
