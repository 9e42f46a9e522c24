//! jbpm
