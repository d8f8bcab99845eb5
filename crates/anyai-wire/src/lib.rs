//! Every request, response, event and command; the TypeScript bindings come from here.
