//! The providers' wire protocols: build a request, decode an answer.
