//! The operations of the service, a file a group.

mod task;
