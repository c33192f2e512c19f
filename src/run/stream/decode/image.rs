//! The members of an object that a table needs, as texts of cells.

use super::super::cells::Found;
use super::super::json::{self, Json};
use super::super::route::Route;
use super::why;
use crate::run::deadletter::Why;

/// One row as a record shows it.
#[derive(Default)]
pub struct Image {
    /// By member of the route.
    pub found: Vec<Found>,
    texts: Vec<u8>,
}

/// How exactly an object must be the table's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read {
    /// Every member, and no other.
    Row,
    /// Members of the key, as far as they are there.
    Key,
    /// Members of the key, and of the others whether there is a value.
    Before,
}

impl Image {
    /// Forgets everything.
    pub fn clear(&mut self, route: &Route) {
        self.texts.clear();
        self.found.clear();
        self.found.resize(route.members.len(), Found::Missing);
    }

    /// The text of a cell.
    pub fn text(&self, found: Found) -> Option<&[u8]> {
        match found {
            Found::Text(from, to) => Some(&self.texts[from..to]),
            Found::Missing | Found::Null | Found::Unavailable => None,
        }
    }

    /// Reads an object; members that were read before stay.
    pub fn read(&mut self, route: &Route, object: &str, how: Read) -> Result<(), Why> {
        let mut expected = 0;
        json::members::<Why>(object, |name, value| {
            let Some(at) = route.member(name, expected) else {
                return unknown(route, name, how);
            };
            expected = at + 1;
            if how != Read::Row && !route.members[at].key {
                if how == Read::Before && value == Json::Null {
                    self.found[at] = Found::Null;
                }
                return Ok(());
            }
            let member = &route.members[at];
            let read = member.form.read(value, route.format, &mut self.texts);
            self.found[at] = read.map_err(|r| Why::from(r.at(&member.name)))?;
            Ok(())
        })?;
        match how {
            Read::Row => self.whole(route),
            Read::Key | Read::Before => Ok(()),
        }
    }

    fn whole(&self, route: &Route) -> Result<(), Why> {
        let missing = route.members.iter().zip(&self.found);
        match missing.into_iter().find(|(_, f)| **f == Found::Missing) {
            None => Ok(()),
            Some((m, _)) => Err(why(
                "missing-field",
                Some(&m.name),
                "the record does not have this field",
            )),
        }
    }

    /// Takes values that are not carried from another image of the same row, as far as that has them.
    pub fn complete(&mut self, route: &Route, object: &str) -> Result<(), Why> {
        for (at, member) in route.members.iter().enumerate() {
            if self.found[at] != Found::Unavailable {
                continue;
            }
            let value = json::member(object, &member.name)?.unwrap_or(Json::Null);
            let read = member.form.read(value, route.format, &mut self.texts);
            let read = read.map_err(|r| Why::from(r.at(&member.name)))?;
            // Before-images leave such values out, or give null, without saying which: only a value counts.
            if let Found::Text(..) = read {
                self.found[at] = read;
            }
        }
        Ok(())
    }

    /// A value is made of something that the record does not carry.
    pub fn leaves(&self, of: &[usize]) -> bool {
        of.iter().any(|i| self.found[*i] == Found::Unavailable)
    }

    /// A value is made of nothing but nulls that were nulls before.
    pub fn without(&self, of: &[usize]) -> bool {
        !of.is_empty() && of.iter().all(|i| self.found[*i] == Found::Null)
    }

    /// The first member that the record does not carry, among those that pass.
    pub fn unavailable(&self, pass: impl Fn(usize) -> bool) -> Option<usize> {
        (0..self.found.len()).find(|i| self.found[*i] == Found::Unavailable && pass(*i))
    }
}

fn unknown(route: &Route, name: &str, how: Read) -> Result<(), Why> {
    if how != Read::Row || route.ignored.iter().any(|i| i == name) {
        return Ok(());
    }
    let text = "the table has no column for this field: plan again, or name it under `ignore` in the specification";
    Err(why("unknown-column", Some(name), text))
}
