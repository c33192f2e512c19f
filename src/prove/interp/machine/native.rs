//! Built-in packages: DBMS_OUTPUT, UTL_FILE into files in memory, DBMS_ASSERT, errors of the application.

use chrono::{Datelike, Timelike};

use super::super::code::{Ex, Lv, Native};
use super::super::interval::{DAY, SECOND};
use super::super::stop::{OraError, Res, Stop};
use super::super::val::Val;
use super::{Env, Machine};
use crate::value::{Number, Value};

/// An open file of UTL_FILE.
pub(super) struct OpenFile {
    path: String,
    write: bool,
    at: usize,
    line: String,
}

/// The text of an Oracle error that is raised by name.
pub(super) fn message(code: i32) -> &'static str {
    match code {
        -1 => "unique constraint violated",
        100 => "no data found",
        -1001 => "invalid cursor",
        -1422 => "exact fetch returns more than requested number of rows",
        -1476 => "divisor is equal to zero",
        -1722 => "invalid number",
        -6501 => "PL/SQL: program error",
        -6502 => "PL/SQL: numeric or value error",
        -6511 => "PL/SQL: cursor already open",
        -6592 => "CASE not found while executing CASE statement",
        _ => "",
    }
}

impl<'e> Machine<'e> {
    fn text(&mut self, ex: Option<&Ex>, env: &Env<'_>) -> Res<String> {
        match ex {
            Some(ex) => Ok(self.value(ex, env)?.to_text(&self.nls)?.unwrap_or_default()),
            None => Ok(String::new()),
        }
    }

    /// A function of a built-in package.
    pub(super) fn native(&mut self, n: Native, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        match n {
            Native::SqlerrmOf => {
                let code = self.index(
                    args.first()
                        .ok_or_else(|| Stop::missing("SQLERRM's code"))?,
                    env,
                )?;
                Ok(Val::S(Value::text(sqlerrm(code))))
            }
            Native::AssertName => {
                let text = self.text(args.first(), env)?;
                let plain = |part: &str| {
                    part.starts_with(|c: char| c.is_alphabetic())
                        && part
                            .chars()
                            .all(|c| c.is_alphanumeric() || "_$#".contains(c))
                };
                if text.trim().split('.').all(plain) {
                    return Ok(Val::S(Value::text(text)));
                }
                Err(Stop::ora(44003, "invalid SQL name"))
            }
            Native::EnquoteLiteral => {
                let text = self.text(args.first(), env)?;
                Ok(Val::S(Value::text(format!("'{text}'"))))
            }
            Native::Noop => Ok(Val::S(Value::text(self.text(args.first(), env)?))),
            Native::ErrorStack => {
                let text = self
                    .errors
                    .last()
                    .map_or(String::new(), |e| format!("{}\n", e.message));
                Ok(Val::S(Value::text(text)))
            }
            Native::Fopen => self.fopen(args, env),
            Native::FisOpen => {
                let v = self.eval(args.first().ok_or_else(|| Stop::missing("a file"))?, env)?;
                Ok(Val::Bool(
                    matches!(v, Val::File(id) if self.open_files.get(id).is_some_and(Option::is_some)),
                ))
            }
            Native::NumToDs | Native::NumToYm => self.interval_of(n, args, env),
            Native::SysContext => {
                let what = self.text(args.get(1), env)?.to_uppercase();
                match what.as_str() {
                    "SESSION_USER" | "CURRENT_USER" | "CURRENT_SCHEMA" => {
                        Ok(Val::S(Value::text(self.user.clone())))
                    }
                    _ => Err(Stop::unsupported(format!("SYS_CONTEXT of {what}"))),
                }
            }
            Native::Lnnvl => {
                let ex = args
                    .first()
                    .ok_or_else(|| Stop::missing("LNNVL's condition"))?;
                Ok(Val::Bool(self.truth(ex, env)? != Some(true)))
            }
            Native::Extract => self.extract(args, env),
            Native::TrimOf => self.trim_of(args, env),
            Native::RandomValue => self.random_value(args, env),
            Native::RandomString => self.random_string(args, env),
            Native::PutLine
            | Native::Put
            | Native::NewLine
            | Native::FputLine
            | Native::Fput
            | Native::FnewLine
            | Native::FgetLine
            | Native::Fclose
            | Native::RaiseError
            | Native::Nothing => Err(Stop::unsupported("a procedure used as a function")),
        }
    }

    /// A procedure of a built-in package.
    pub(super) fn native_procedure(
        &mut self,
        n: Native,
        args: &[Ex],
        target: Option<&Lv>,
    ) -> Res<()> {
        let env = Env::NONE;
        match n {
            Native::PutLine => {
                let text = self.text(args.first(), &env)?;
                let line = std::mem::take(&mut self.line) + &text;
                self.fits_memory(line.len())?;
                self.output.push(line);
                Ok(())
            }
            Native::Put => {
                let text = self.text(args.first(), &env)?;
                self.line.push_str(&text);
                self.fits_memory(self.line.len())
            }
            Native::NewLine => {
                let line = std::mem::take(&mut self.line);
                self.output.push(line);
                Ok(())
            }
            Native::RaiseError => {
                let code =
                    self.index(args.first().ok_or_else(|| Stop::missing("a code"))?, &env)?;
                let text = self.text(args.get(1), &env)?;
                if !(-20999..=-20000).contains(&code) {
                    return Err(Stop::ora(
                        21000,
                        format!(
                            "error number argument to raise_application_error of {code} is out of range"
                        ),
                    ));
                }
                Err(Stop::Raise(Box::new(OraError {
                    code: code as i32,
                    user: None,
                    message: format!("ORA{code}: {text}"),
                    span: None,
                })))
            }
            Native::Nothing => {
                for a in args {
                    self.eval(a, &env)?;
                }
                Ok(())
            }
            Native::FputLine | Native::Fput | Native::FnewLine => self.file_write(n, args),
            Native::FgetLine => self.file_read(args, target),
            Native::Fclose => self.file_close(args, target),
            Native::Fopen
            | Native::FisOpen
            | Native::SqlerrmOf
            | Native::AssertName
            | Native::EnquoteLiteral
            | Native::Noop
            | Native::ErrorStack
            | Native::NumToDs
            | Native::NumToYm
            | Native::SysContext
            | Native::Lnnvl
            | Native::Extract
            | Native::TrimOf
            | Native::RandomValue
            | Native::RandomString => Err(Stop::unsupported("a function used as a procedure")),
        }
    }

    fn fopen(&mut self, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let directory = self.text(args.first(), env)?;
        let name = self.text(args.get(1), env)?;
        let mode = self.text(args.get(2), env)?.to_lowercase();
        let path = format!("{directory}/{name}");
        let write = mode.starts_with(['w', 'a']);
        if mode.starts_with('w') || (write && !self.files.contains_key(&path)) {
            self.files.insert(path.clone(), Vec::new());
        }
        if !self.files.contains_key(&path) {
            return Err(Stop::ora(29283, "invalid file operation"));
        }
        self.open_files.push(Some(OpenFile {
            path,
            write,
            at: 0,
            line: String::new(),
        }));
        Ok(Val::File(self.open_files.len() - 1))
    }

    fn file(&mut self, ex: Option<&Ex>) -> Res<&mut OpenFile> {
        let ex = ex.ok_or_else(|| Stop::missing("a file"))?;
        let Val::File(id) = self.eval(ex, &Env::NONE)? else {
            return Err(Stop::ora(29282, "invalid file ID"));
        };
        let file = self.open_files.get_mut(id).and_then(Option::as_mut);
        file.ok_or_else(|| Stop::ora(29282, "invalid file ID"))
    }

    fn file_write(&mut self, n: Native, args: &[Ex]) -> Res<()> {
        let text = self.text(args.get(1), &Env::NONE)?;
        self.fits_memory(text.len())?;
        let file = self.file(args.first())?;
        if !file.write {
            return Err(Stop::ora(29283, "invalid file operation"));
        }
        if n != Native::FnewLine {
            file.line.push_str(&text);
        }
        if n == Native::Fput {
            return Ok(());
        }
        let (path, line) = (file.path.clone(), std::mem::take(&mut file.line));
        self.files.entry(path).or_default().push(line);
        Ok(())
    }

    fn file_read(&mut self, args: &[Ex], target: Option<&Lv>) -> Res<()> {
        let file = self.file(args.first())?;
        let (path, at) = (file.path.clone(), file.at);
        file.at += 1;
        let line = self.files.get(&path).and_then(|l| l.get(at)).cloned();
        let Some(line) = line else {
            return Err(Stop::ora(1403, "no data found"));
        };
        match target {
            Some(lv) => self.assign(lv, Val::S(Value::text(line)), &Env::NONE),
            None => Ok(()),
        }
    }

    fn file_close(&mut self, args: &[Ex], target: Option<&Lv>) -> Res<()> {
        let file = self.file(args.first())?;
        let (path, line) = (file.path.clone(), std::mem::take(&mut file.line));
        if !line.is_empty() {
            self.files.entry(path).or_default().push(line);
        }
        if let Some(ex) = args.first()
            && let Val::File(id) = self.eval(ex, &Env::NONE)?
        {
            self.open_files[id] = None;
        }
        match target {
            Some(lv) => self.assign(lv, Val::NULL, &Env::NONE),
            None => Ok(()),
        }
    }

    fn interval_of(&mut self, n: Native, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let first = args.first().ok_or_else(|| Stop::missing("an amount"))?;
        let Some(amount) = self.value(first, env)?.number()? else {
            return Ok(Val::NULL);
        };
        let unit = self.text(args.get(1), env)?.trim().to_uppercase();
        let (factor, months) = match (n, unit.as_str()) {
            (Native::NumToYm, "YEAR") => (12, true),
            (Native::NumToYm, "MONTH") => (1, true),
            (_, "DAY") => (DAY, false),
            (_, "HOUR") => (3600 * SECOND, false),
            (_, "MINUTE") => (60 * SECOND, false),
            (_, "SECOND") => (SECOND, false),
            _ => return Err(Stop::ora(1760, "illegal argument for function")),
        };
        let total = amount.mul(&Number::from(factor))?.round(0).to_i64();
        let total = total
            .ok_or_else(|| Stop::ora(1873, "the leading precision of the interval is too small"))?;
        Ok(if months {
            Val::Ym(total)
        } else {
            Val::Ds(total)
        })
    }

    fn extract(&mut self, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let (Some(field), Some(of)) = (args.first(), args.get(1)) else {
            return Err(Stop::missing("EXTRACT's arguments"));
        };
        let field = self.text(Some(field), env)?;
        let v = match self.eval(of, env)? {
            Val::S(Value::Null) => return Ok(Val::NULL),
            Val::Ym(m) => match field.as_str() {
                "YEAR" => m / 12,
                "MONTH" => m % 12,
                _ => return Err(Stop::ora(30076, "invalid extract field for extract source")),
            },
            Val::Ds(n) => match field.as_str() {
                "DAY" => n / DAY,
                "HOUR" => n / (3600 * SECOND) % 24,
                "MINUTE" => n / (60 * SECOND) % 60,
                "SECOND" => {
                    return Ok(Val::S(Value::Number(Number::new(
                        i128::from(n % (60 * SECOND)),
                        9,
                    )?)));
                }
                _ => return Err(Stop::ora(30076, "invalid extract field for extract source")),
            },
            Val::S(s) => {
                let Some(d) = s.date(&self.nls)? else {
                    return Ok(Val::NULL);
                };
                let time = matches!(s, Value::Timestamp(_));
                match field.as_str() {
                    "YEAR" => i64::from(d.year()),
                    "MONTH" => i64::from(d.month()),
                    "DAY" => i64::from(d.day()),
                    "HOUR" if time => i64::from(d.hour()),
                    "MINUTE" if time => i64::from(d.minute()),
                    "SECOND" if time => {
                        let nanos = i128::from(d.second()) * i128::from(SECOND)
                            + i128::from(d.nanosecond());
                        return Ok(Val::S(Value::Number(Number::new(nanos, 9)?)));
                    }
                    _ => return Err(Stop::ora(30076, "invalid extract field for extract source")),
                }
            }
            _ => return Err(Stop::ora(30076, "invalid extract field for extract source")),
        };
        Ok(Val::from(v))
    }

    fn trim_of(&mut self, args: &[Ex], env: &Env<'_>) -> Res<Val> {
        let side = self.text(args.first(), env)?;
        let set = self.text(args.get(1), env)?;
        let text = self.text(args.get(2), env)?;
        let mut chars = set.chars();
        let (Some(c), None) = (chars.next(), chars.next()) else {
            return Err(Stop::ora(30001, "trim set should have only one character"));
        };
        let trimmed = match side.as_str() {
            "LEADING" => text.trim_start_matches(c),
            "TRAILING" => text.trim_end_matches(c),
            _ => text.trim_matches(c),
        };
        Ok(Val::S(Value::text(trimmed)))
    }
}

fn sqlerrm(code: i64) -> String {
    match code {
        0 => "ORA-0000: normal, successful completion".into(),
        100 => "ORA-01403: no data found".into(),
        c if c > 0 => format!("-{c}: non-ORACLE exception "),
        c => {
            let text = message(c as i32);
            format!("ORA-{:05}: {text}", -c)
        }
    }
}
