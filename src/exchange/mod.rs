//! Intake: from a request to a verdict, in group commits.
