//! What the slices stand on: database, jobs, outbox, hints, egress, secrets, telemetry.
