//! What a draft turn will cost on every model: low, likely, high and a binding ceiling.
