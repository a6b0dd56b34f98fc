//! placeholder
#[derive(Debug)]
pub(crate) struct Handler;
impl Handler { pub(crate) fn install() -> Self { Handler } }
