//! Proofs: the samples' jobs on random databases; faults put into plans and near misses planned by force, which must
//! be refuted; limits; programs of others.

mod commands;
mod corpora;
mod estate;
mod faults;
mod limits;
mod mutate;
mod near;
mod programs;
mod samples;
