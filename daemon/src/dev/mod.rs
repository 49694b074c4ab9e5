//! An API server of our own on loopback, with sample texts: for a first look, and for tests.

mod answer;
mod api_server;
mod fault;
mod routes;
mod sample;
mod token;

pub use self::{
    api_server::{ApiServer, SeenRequest},
    fault::{Fault, FaultKind},
    sample::{DevServer, SampleError, start},
};

#[cfg(test)]
mod tests;
