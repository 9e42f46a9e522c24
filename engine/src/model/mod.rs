//! The words: ids, time, values, the documents as authored, the office, the limits. Imports nothing of ours.

pub mod bundle;
pub mod calendar;
pub mod definition;
pub mod document;
pub mod id;
pub mod limits;
pub mod moving;
pub mod norm;
pub mod office;
pub mod page;
pub mod problem;
pub mod random;
pub mod reading;
pub mod report;
pub mod schedule;
pub mod status;
pub mod text;
pub mod time;
pub mod value;

pub use id::{CommandId, InstanceId, JobId, PersonId, PostId, TaskId, UnitId};
pub use problem::Problem;
pub use status::InstanceStatus;
pub use text::{Language, Text};
pub use time::Time;
pub use value::Values;
