"""Where facts go besides the journal: queue_log, Prometheus, webhooks. Each reads the journal in a thread of its own."""
