//! The journal's bytes: golden vectors, read back here and by an independent reader; and a page that names all there is.

mod exchange;
mod exports;
mod golden;
mod handed;
mod keys;
mod log;
mod moved;
mod page;
mod pages;
mod reads;
mod records;
mod report;
mod serving;
mod stranger;
mod taken;
mod time;
