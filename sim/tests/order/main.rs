//! The order behind executions: vector clocks are a lattice, and plain depth-first search sees as many executions up to
//! equivalence as there are.

mod classes;
mod clocks;
