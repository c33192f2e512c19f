//! Regular expressions as Oracle's REGEXP functions know them: POSIX extended, with the Perl-like additions (`\d`,
//! lazy quantifiers, back references). Backtracking with a budget: an expression that explodes is refused.

use super::Fault;

/// Steps before an expression is refused.
const BUDGET: u64 = 5_000_000;
/// Nesting of groups.
const DEEPEST: u32 = 100;

#[derive(Clone, Debug)]
enum Node {
    Char(char),
    Any,
    Set {
        not: bool,
        items: Vec<Item>,
    },
    Start,
    End,
    Group(usize, Box<Node>),
    Back(usize),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: u32,
        lazy: bool,
    },
}

#[derive(Clone, Debug)]
enum Item {
    Range(char, char),
    Class(Class, bool),
}

#[derive(Clone, Copy, Debug)]
enum Class {
    Alpha,
    Digit,
    Alnum,
    Upper,
    Lower,
    Space,
    Punct,
    Blank,
    Cntrl,
    Xdigit,
    Graph,
    Print,
    Word,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub(super) struct Regex {
    root: Node,
    groups: usize,
    fold: bool,
    dot_newline: bool,
    lines: bool,
}

/// Start and end of a match and of its groups, in characters.
pub(super) type Spans = Vec<Option<(usize, usize)>>;

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    groups: usize,
    depth: u32,
    extended: bool,
}

fn bad() -> Fault {
    Fault::ora(
        12725,
        "unmatched parentheses or brackets in regular expression",
    )
}

impl Regex {
    /// Compiles `pattern` with Oracle's match parameters (`i`, `c`, `n`, `m`, `x`).
    pub(super) fn new(pattern: &str, flags: &str) -> Result<Regex, Fault> {
        let mut regex = Regex {
            root: Node::Sequence(Vec::new()),
            groups: 0,
            fold: false,
            dot_newline: false,
            lines: false,
        };
        let mut extended = false;
        for flag in flags.chars() {
            match flag {
                'i' => regex.fold = true,
                'c' => regex.fold = false,
                'n' => regex.dot_newline = true,
                'm' => regex.lines = true,
                'x' => extended = true,
                _ => return Err(Fault::ora(1760, "illegal argument for function")),
            }
        }
        let chars: Vec<char> = pattern.chars().collect();
        let mut reader = Reader {
            chars: &chars,
            at: 0,
            groups: 0,
            depth: 0,
            extended,
        };
        regex.root = reader.either()?;
        if reader.at < chars.len() {
            return Err(bad());
        }
        regex.groups = reader.groups;
        Ok(regex)
    }

    /// The first match at or after `from`.
    pub(super) fn find(&self, text: &[char], from: usize) -> Result<Option<Spans>, Fault> {
        let mut run = Run {
            regex: self,
            text,
            budget: BUDGET,
            groups: vec![None; self.groups + 1],
        };
        for start in from..=text.len() {
            run.groups.fill(None);
            let mut end = None;
            let matched = run.go(&[&self.root], start, &mut |at| {
                end = Some(at);
                true
            })?;
            if let (true, Some(end)) = (matched, end) {
                let mut spans = run.groups;
                spans[0] = Some((start, end));
                return Ok(Some(spans));
            }
        }
        Ok(None)
    }
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn eat(&mut self, c: char) -> bool {
        let found = self.peek() == Some(c);
        self.at += usize::from(found);
        found
    }

    fn either(&mut self) -> Result<Node, Fault> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Fault::unsupported("a regular expression nested this deep"));
        }
        let mut options = vec![self.sequence()?];
        while self.eat('|') {
            options.push(self.sequence()?);
        }
        self.depth -= 1;
        Ok(if options.len() == 1 {
            options.swap_remove(0)
        } else {
            Node::Either(options)
        })
    }

    fn sequence(&mut self) -> Result<Node, Fault> {
        let mut nodes = Vec::new();
        while let Some(c) = self.peek() {
            if c == '|' || c == ')' {
                break;
            }
            self.at += 1;
            if self.extended && c.is_whitespace() {
                continue;
            }
            let node = self.atom(c)?;
            nodes.push(self.quantified(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn atom(&mut self, c: char) -> Result<Node, Fault> {
        Ok(match c {
            '.' => Node::Any,
            '^' => Node::Start,
            '$' => Node::End,
            '(' => {
                self.groups += 1;
                let group = self.groups;
                let inner = self.either()?;
                if !self.eat(')') {
                    return Err(bad());
                }
                Node::Group(group, Box::new(inner))
            }
            '[' => self.set()?,
            '\\' => self.escape()?,
            c => Node::Char(c),
        })
    }

    fn escape(&mut self) -> Result<Node, Fault> {
        let Some(c) = self.next() else {
            return Ok(Node::Char('\\'));
        };
        let class = |class, not| Node::Set {
            not,
            items: vec![Item::Class(class, false)],
        };
        Ok(match c {
            '1'..='9' => Node::Back(c as usize - '0' as usize),
            'd' => class(Class::Digit, false),
            'D' => class(Class::Digit, true),
            'w' => class(Class::Word, false),
            'W' => class(Class::Word, true),
            's' => class(Class::Space, false),
            'S' => class(Class::Space, true),
            'A' => Node::Start,
            'Z' | 'z' => Node::End,
            c => Node::Char(c),
        })
    }

    fn set(&mut self) -> Result<Node, Fault> {
        let not = self.eat('^');
        let mut items = Vec::new();
        loop {
            let c = self.next().ok_or_else(bad)?;
            match c {
                ']' if !items.is_empty() => break,
                '[' if self.peek() == Some(':') => items.push(self.class()?),
                '[' if matches!(self.peek(), Some('.' | '=')) => {
                    return Err(Fault::unsupported(
                        "collation elements in regular expressions",
                    ));
                }
                low => {
                    let range = self.peek() == Some('-')
                        && self.chars.get(self.at + 1).is_some_and(|c| *c != ']');
                    if range {
                        self.at += 1;
                        let high = self.next().ok_or_else(bad)?;
                        items.push(Item::Range(low, high));
                    } else {
                        items.push(Item::Range(low, low));
                    }
                }
            }
        }
        Ok(Node::Set { not, items })
    }

    fn class(&mut self) -> Result<Item, Fault> {
        const CLASSES: [(&str, Class); 12] = [
            ("alpha", Class::Alpha),
            ("digit", Class::Digit),
            ("alnum", Class::Alnum),
            ("upper", Class::Upper),
            ("lower", Class::Lower),
            ("space", Class::Space),
            ("punct", Class::Punct),
            ("blank", Class::Blank),
            ("cntrl", Class::Cntrl),
            ("xdigit", Class::Xdigit),
            ("graph", Class::Graph),
            ("print", Class::Print),
        ];
        let rest: String = self.chars[self.at + 1..].iter().take(9).collect();
        let found = CLASSES
            .iter()
            .find(|(name, _)| rest.starts_with(&format!("{name}:]")));
        let (name, class) = found
            .ok_or_else(|| Fault::ora(12729, "invalid character class in regular expression"))?;
        self.at += name.len() + 3;
        Ok(Item::Class(*class, false))
    }

    fn quantified(&mut self, node: Node) -> Result<Node, Fault> {
        let (least, most) = match self.peek() {
            Some('*') => (0, u32::MAX),
            Some('+') => (1, u32::MAX),
            Some('?') => (0, 1),
            Some('{') => match self.bounds() {
                Some(bounds) => bounds,
                None => return Ok(node),
            },
            Some(_) | None => return Ok(node),
        };
        self.at += 1;
        let lazy = self.eat('?');
        let repeated = Node::Repeat {
            node: Box::new(node),
            least,
            most,
            lazy,
        };
        self.quantified(repeated)
    }

    /// `{n}`, `{n,}`, `{n,m}`; leaves the closing brace to be taken. None if it is no quantifier.
    fn bounds(&mut self) -> Option<(u32, u32)> {
        let rest = &self.chars[self.at + 1..];
        let close = rest.iter().position(|c| *c == '}')?;
        let inner: String = rest[..close].iter().collect();
        let (low, high) = match inner.split_once(',') {
            Some((low, "")) => (low.parse().ok()?, u32::MAX),
            Some((low, high)) => (low.parse().ok()?, high.parse().ok()?),
            None => (inner.parse().ok()?, inner.parse().ok()?),
        };
        self.at += close + 1;
        Some((low, high))
    }
}

struct Run<'a> {
    regex: &'a Regex,
    text: &'a [char],
    budget: u64,
    groups: Spans,
}

/// What is done when all nodes have matched; false goes back.
type Done<'d> = &'d mut dyn FnMut(usize) -> bool;

impl Run<'_> {
    /// Matches `nodes` one after another from `at`.
    fn go(&mut self, nodes: &[&Node], at: usize, done: Done) -> Result<bool, Fault> {
        self.budget = self.budget.saturating_sub(1);
        if self.budget == 0 {
            return Err(Fault::unsupported(
                "a regular expression that needs this many steps",
            ));
        }
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.step(nodes, at, done))
    }

    fn step(&mut self, nodes: &[&Node], at: usize, done: Done) -> Result<bool, Fault> {
        let Some((first, rest)) = nodes.split_first() else {
            return Ok(done(at));
        };
        match first {
            Node::Sequence(inner) => {
                let all: Vec<&Node> = inner.iter().chain(rest.iter().copied()).collect();
                self.go(&all, at, done)
            }
            Node::Either(options) => {
                for option in options {
                    let all: Vec<&Node> =
                        [option].into_iter().chain(rest.iter().copied()).collect();
                    if self.go(&all, at, done)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Node::Group(n, inner) => self.group(*n, inner, rest, at, done),
            Node::Repeat {
                node,
                least,
                most,
                lazy,
            } => self.repeat(node, (*least, *most, *lazy), rest, at, done),
            Node::Back(n) => {
                let Some(Some((a, b))) = self.groups.get(*n).copied() else {
                    return Ok(false);
                };
                let same = self.text.get(at..at + (b - a)) == Some(&self.text[a..b]);
                if same {
                    self.go(rest, at + (b - a), done)
                } else {
                    Ok(false)
                }
            }
            Node::Start => {
                let line = self.regex.lines && at > 0 && self.text[at - 1] == '\n';
                if at == 0 || line {
                    self.go(rest, at, done)
                } else {
                    Ok(false)
                }
            }
            Node::End => {
                let line = self.regex.lines && self.text.get(at) == Some(&'\n');
                if at == self.text.len() || line {
                    self.go(rest, at, done)
                } else {
                    Ok(false)
                }
            }
            Node::Char(_) | Node::Any | Node::Set { .. } => {
                let fits = self.text.get(at).is_some_and(|c| self.fits(first, *c));
                if fits {
                    self.go(rest, at + 1, done)
                } else {
                    Ok(false)
                }
            }
        }
    }

    fn group(
        &mut self,
        n: usize,
        inner: &Node,
        rest: &[&Node],
        at: usize,
        done: Done,
    ) -> Result<bool, Fault> {
        // The ends that the inner expression can have, in its order of preference.
        let mut ends = Vec::new();
        self.go(&[inner], at, &mut |end| {
            if !ends.contains(&end) {
                ends.push(end);
            }
            false
        })?;
        for end in ends {
            let before = self.groups[n];
            self.groups[n] = Some((at, end));
            if self.go(rest, end, done)? {
                return Ok(true);
            }
            self.groups[n] = before;
        }
        Ok(false)
    }

    fn repeat(
        &mut self,
        node: &Node,
        (least, most, lazy): (u32, u32, bool),
        rest: &[&Node],
        at: usize,
        done: Done,
    ) -> Result<bool, Fault> {
        if least == 0 && lazy && self.go(rest, at, done)? {
            return Ok(true);
        }
        if most > 0 {
            let again = Node::Repeat {
                node: Box::new(node.clone()),
                least: least.saturating_sub(1),
                most: if most == u32::MAX { most } else { most - 1 },
                lazy,
            };
            let mut ends = Vec::new();
            self.go(&[node], at, &mut |end| {
                if !ends.contains(&end) {
                    ends.push(end);
                }
                false
            })?;
            for end in ends {
                // An empty repetition would go on for ever.
                if end == at && least == 0 {
                    continue;
                }
                if let Node::Group(n, _) = node {
                    self.groups[*n] = Some((at, end));
                }
                let all: Vec<&Node> = [&again].into_iter().chain(rest.iter().copied()).collect();
                if self.go(&all, end, done)? {
                    return Ok(true);
                }
            }
        }
        if least == 0 && !lazy {
            return self.go(rest, at, done);
        }
        Ok(false)
    }

    fn fits(&self, node: &Node, c: char) -> bool {
        match node {
            Node::Char(n) => *n == c || (self.regex.fold && folded(*n) == folded(c)),
            Node::Any => c != '\n' || self.regex.dot_newline,
            Node::Set { not, items } => {
                let other = if c.is_lowercase() {
                    c.to_uppercase().next()
                } else {
                    c.to_lowercase().next()
                };
                let hit = items.iter().any(|i| i.has(c))
                    || (self.regex.fold && other.is_some_and(|o| items.iter().any(|i| i.has(o))));
                hit != *not
            }
            Node::Start
            | Node::End
            | Node::Group(..)
            | Node::Back(_)
            | Node::Sequence(_)
            | Node::Either(_)
            | Node::Repeat { .. } => false,
        }
    }
}

fn folded(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

impl Item {
    fn has(&self, c: char) -> bool {
        match self {
            Item::Range(a, b) => (*a..=*b).contains(&c),
            Item::Class(class, not) => class.has(c) != *not,
        }
    }
}

impl Class {
    fn has(self, c: char) -> bool {
        match self {
            Class::Alpha => c.is_alphabetic(),
            Class::Digit => c.is_ascii_digit(),
            Class::Alnum => c.is_alphanumeric(),
            Class::Upper => c.is_uppercase(),
            Class::Lower => c.is_lowercase(),
            Class::Space => c.is_whitespace(),
            Class::Punct => c.is_ascii_punctuation(),
            Class::Blank => c == ' ' || c == '\t',
            Class::Cntrl => c.is_control(),
            Class::Xdigit => c.is_ascii_hexdigit(),
            Class::Graph => !c.is_control() && !c.is_whitespace(),
            Class::Print => !c.is_control(),
            Class::Word => c.is_alphanumeric() || c == '_',
        }
    }
}
