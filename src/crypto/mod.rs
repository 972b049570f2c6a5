//! CPU work only: signatures, sealing, password hashing.
