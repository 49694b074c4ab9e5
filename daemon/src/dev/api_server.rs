//! A small server that speaks the API as the clients use it.

/// A server on loopback that ends with this value.
#[derive(Debug)]
pub struct ApiServer {}
