//! The loop with a feed, a target and dead letters that are played.
