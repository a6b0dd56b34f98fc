//! The rows of the table: who against whom, and what has to come out.

use super::measure::{
    BUFFERED, How, Trial, crossbeam, crossbeam_channel, our_channel, pool, pool_round_trips, std,
    std_round_trips, std_with_time, stop_and_join,
};
use crate::bar::Bar;

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: Trial,
    pub(crate) peer: Trial,
    pub(crate) bar: Bar,
}

fn row(name: impl Into<String>, ours: Trial, peer: Trial, bar: Bar) -> Row {
    Row { name: name.into(), ours, peer, bar }
}

pub(crate) fn all() -> Vec<Row> {
    vec![
        row("recv / crossbeam, buffer 1024", pool(1024, How::Recv), crossbeam(1024), Bar::TimesFaster(0.9)),
        row("burst / crossbeam, buffer 1024", pool(1024, How::Burst), crossbeam(1024), Bar::TimesFaster(1.5)),
        row("recv / crossbeam, buffer 32", pool(32, How::Recv), crossbeam(32), Bar::TimesFaster(0.9)),
        row("burst / crossbeam, buffer 32", pool(32, How::Burst), crossbeam(32), Bar::None),
        row("recv / std, buffer 1", pool(1, How::Recv), std(1), Bar::AtMost(1.0)),
        row("recv / std, buffer 0", pool(0, How::Recv), std(0), Bar::None),
        row("recv / std with time, buffer 1024", pool(1024, How::Recv), std_with_time(1024), Bar::None),
        row("burst / std with time, buffer 1024", pool(1024, How::Burst), std_with_time(1024), Bar::None),
        row("round trips / std, buffer 128", pool_round_trips(128), std_round_trips(128), Bar::AtMost(1.0)),
        row("stop_and_join, 65536 / 0 values", stop_and_join(BUFFERED), stop_and_join(0), Bar::AboveBy(15.0)),
        row("one thread / crossbeam", our_channel(), crossbeam_channel(), Bar::None),
    ]
}
