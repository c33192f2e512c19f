//! Our tree printed as SQL with every operator in parentheses: the plain SELECT subset.

use super::*;
use ast::*;

/// The SQL of a query; None where something is outside of the subset.
pub(super) fn query(view: View<'_>, id: Id<Query>) -> Option<String> {
    Printer(view).query(id)
}

struct Printer<'a>(View<'a>);

impl Printer<'_> {
    fn ast(&self) -> &Ast {
        self.0.ast()
    }

    fn query(&self, id: Id<Query>) -> Option<String> {
        let ast = self.ast();
        let q = ast[id];
        if !q.with_decls.is_empty() || q.siblings || q.for_update.is_some() {
            return None;
        }
        let mut out = String::new();
        let with: Option<Vec<String>> = ast.list(q.with).iter().map(|c| self.cte(c)).collect();
        let with = with?;
        if !with.is_empty() {
            out.push_str(&format!("WITH {} ", with.join(", ")));
        }
        out.push_str(&self.set(q.body)?);
        if !q.order_by.is_empty() {
            out.push_str(&format!(" ORDER BY {}", self.order(q.order_by)?));
        }
        if let Some(n) = q.offset {
            out.push_str(&format!(" OFFSET {} ROWS", self.expr(n)?));
        }
        if let Some(f) = q.fetch {
            let count = self.expr(f.count?)?;
            let percent = if f.percent { " PERCENT" } else { "" };
            let ties = if f.with_ties { "WITH TIES" } else { "ONLY" };
            out.push_str(&format!(" FETCH FIRST {count}{percent} ROWS {ties}"));
        }
        Some(out)
    }

    fn cte(&self, c: &Cte) -> Option<String> {
        if !c.columns.is_empty() || !c.clauses.is_empty() {
            return None;
        }
        Some(format!(
            "{} AS ({})",
            self.ast().ident(c.name),
            self.query(c.query)?
        ))
    }

    fn order(&self, list: List<OrderItem>) -> Option<String> {
        let items = self.ast().list(list).iter().map(|o| {
            let mut text = self.expr(o.expr)?;
            text.push_str(if o.desc { " DESC" } else { "" });
            match o.nulls_first {
                Some(true) => text.push_str(" NULLS FIRST"),
                Some(false) => text.push_str(" NULLS LAST"),
                None => {}
            }
            Some(text)
        });
        items.collect::<Option<Vec<_>>>().map(|v| v.join(", "))
    }

    fn set(&self, id: Id<SetExpr>) -> Option<String> {
        match self.ast()[id] {
            SetExpr::Select(s) => self.select(s),
            SetExpr::Query(q) => Some(format!("({})", self.query(q)?)),
            SetExpr::Chain { first, rest } => {
                let mut out = self.set(first)?;
                for term in self.ast().list(rest) {
                    let op = match term.op {
                        SetOp::Union => "UNION",
                        SetOp::Intersect => "INTERSECT",
                        SetOp::Minus => "MINUS",
                    };
                    let all = if term.all { " ALL" } else { "" };
                    out = format!("({out}) {op}{all} {}", self.set(term.operand)?);
                }
                Some(out)
            }
            SetExpr::Values(_) | SetExpr::Unparsed(_) => None,
        }
    }

    fn select(&self, id: Id<Select>) -> Option<String> {
        let ast = self.ast();
        let s = ast[id];
        if s.into.is_some() || s.connect_by.is_some() || !s.tail.is_empty() {
            return None;
        }
        let items: Option<Vec<_>> = ast.list(s.items).iter().map(|i| self.item(i)).collect();
        let from: Option<Vec<_>> = s.from.ids().map(|f| self.from(f)).collect();
        let distinct = if s.distinct { "DISTINCT " } else { "" };
        let mut out = format!(
            "SELECT {distinct}{} FROM {}",
            items?.join(", "),
            from?.join(", ")
        );
        if let Some(e) = s.where_ {
            out.push_str(&format!(" WHERE {}", self.expr(e)?));
        }
        if !s.group_by.is_empty() {
            let keys = ast.list(s.group_by).iter().map(|g| match g {
                GroupItem::Expr(e) => self.expr(*e),
                _ => None,
            });
            out.push_str(&format!(
                " GROUP BY {}",
                keys.collect::<Option<Vec<_>>>()?.join(", ")
            ));
        }
        if let Some(e) = s.having {
            out.push_str(&format!(" HAVING {}", self.expr(e)?));
        }
        Some(out)
    }

    fn item(&self, i: &SelectItem) -> Option<String> {
        let e = self.expr(i.expr)?;
        Some(match i.alias {
            Some(a) => format!("{e} AS {}", self.ast().ident(a)),
            None => e,
        })
    }

    fn from(&self, id: Id<FromItem>) -> Option<String> {
        let f = self.ast()[id];
        if !f.clauses.is_empty() {
            return None;
        }
        let alias = f.alias.map(|a| format!(" {}", self.ast().ident(a)));
        let text = match f.kind {
            FromKind::Table { name, .. } => self.name(name),
            FromKind::Query { query, .. } => format!("({})", self.query(query)?),
            FromKind::Paren(inner) => format!("({})", self.from(inner)?),
            FromKind::Join {
                left,
                right,
                kind,
                natural: false,
                on: Some(on),
                ..
            } => {
                let kind = match kind {
                    JoinKind::Inner => "INNER JOIN",
                    JoinKind::Left => "LEFT JOIN",
                    JoinKind::Right => "RIGHT JOIN",
                    JoinKind::Full => "FULL JOIN",
                    JoinKind::Cross | JoinKind::CrossApply | JoinKind::OuterApply => return None,
                };
                let (left, right) = (self.from(left)?, self.from(right)?);
                format!("{left} {kind} {right} ON {}", self.expr(on)?)
            }
            _ => return None,
        };
        Some(format!("{text}{}", alias.unwrap_or_default()))
    }

    fn name(&self, id: Id<ObjectName>) -> String {
        self.ast().parts(self.ast()[id].parts).join(".")
    }

    fn list(&self, list: List<Expr>) -> Option<String> {
        let all: Option<Vec<_>> = list.ids().map(|e| self.expr(e)).collect();
        Some(all?.join(", "))
    }

    fn expr(&self, id: Id<Expr>) -> Option<String> {
        let e = self.ast()[id];
        let not = |n: bool| if n { "NOT " } else { "" };
        Some(match e.kind {
            ExprKind::Null | ExprKind::Number | ExprKind::String | ExprKind::DateLit => {
                self.0.text(e.span).to_string()
            }
            ExprKind::Name(n) => self.name(n),
            ExprKind::Star(None) => "*".to_string(),
            ExprKind::Star(Some(n)) => format!("{}.*", self.name(n)),
            ExprKind::Paren(inner) => self.expr(inner)?,
            ExprKind::Subquery(q) => format!("({})", self.query(q)?),
            ExprKind::Exists(q) => format!("EXISTS ({})", self.query(q)?),
            ExprKind::Row(list) => format!("({})", self.list(list)?),
            ExprKind::Unary { op, operand } => {
                let word = match op {
                    UnaryOp::Plus => "+",
                    UnaryOp::Minus => "-",
                    UnaryOp::Not => "NOT ",
                    _ => return None,
                };
                format!("({word}{})", self.expr(operand)?)
            }
            ExprKind::Binary { op, left, right } => {
                let word = match op {
                    BinaryOp::Sub => "-",
                    BinaryOp::Div => "/",
                    _ => return None,
                };
                format!("({} {word} {})", self.expr(left)?, self.expr(right)?)
            }
            ExprKind::Chain { op, items } => {
                let word = match op {
                    ChainOp::And => "AND",
                    ChainOp::Or => "OR",
                    ChainOp::Concat => "||",
                    ChainOp::Add => "+",
                    ChainOp::Mul => "*",
                };
                let all: Option<Vec<_>> = items.ids().map(|i| self.expr(i)).collect();
                let mut all = all?.into_iter();
                let first = all.next()?;
                all.fold(first, |left, right| format!("({left} {word} {right})"))
            }
            ExprKind::Compare {
                op,
                quantifier: None,
                left,
                right,
            } => {
                let word = match op {
                    CompareOp::Eq => "=",
                    CompareOp::Ne => "<>",
                    CompareOp::Lt => "<",
                    CompareOp::Le => "<=",
                    CompareOp::Gt => ">",
                    CompareOp::Ge => ">=",
                };
                format!("({} {word} {})", self.expr(left)?, self.expr(right)?)
            }
            ExprKind::Between {
                not: n,
                operand,
                low,
                high,
            } => format!(
                "({} {}BETWEEN {} AND {})",
                self.expr(operand)?,
                not(n),
                self.expr(low)?,
                self.expr(high)?
            ),
            ExprKind::InList {
                not: n,
                operand,
                items,
            } => format!(
                "({} {}IN ({}))",
                self.expr(operand)?,
                not(n),
                self.list(items)?
            ),
            ExprKind::InQuery {
                not: n,
                operand,
                query,
            } => format!(
                "({} {}IN ({}))",
                self.expr(operand)?,
                not(n),
                self.query(query)?
            ),
            ExprKind::Like {
                not: n,
                operand,
                pattern,
                escape: None,
            } => format!(
                "({} {}LIKE {})",
                self.expr(operand)?,
                not(n),
                self.expr(pattern)?
            ),
            ExprKind::IsNull { not: n, operand } => {
                format!("({} IS {}NULL)", self.expr(operand)?, not(n))
            }
            ExprKind::Case {
                operand,
                whens,
                else_,
            } => self.case(operand, whens, else_)?,
            ExprKind::Call {
                callee,
                args,
                distinct,
                within,
                keep: None,
                over: None,
                clauses,
                ..
            } if within.is_empty() && clauses.is_empty() => {
                let args: Option<Vec<_>> = self
                    .ast()
                    .list(args)
                    .iter()
                    .map(|a| a.name.is_none().then(|| self.expr(a.value))?)
                    .collect();
                let distinct = if distinct { "DISTINCT " } else { "" };
                format!("{}({distinct}{})", self.expr(callee)?, args?.join(", "))
            }
            _ => return None,
        })
    }

    fn case(
        &self,
        operand: Option<Id<Expr>>,
        whens: List<When>,
        else_: Option<Id<Expr>>,
    ) -> Option<String> {
        let mut out = "CASE".to_string();
        if let Some(o) = operand {
            out.push_str(&format!(" {}", self.expr(o)?));
        }
        for w in self.ast().list(whens) {
            out.push_str(&format!(
                " WHEN {} THEN {}",
                self.expr(w.when)?,
                self.expr(w.then)?
            ));
        }
        if let Some(e) = else_ {
            out.push_str(&format!(" ELSE {}", self.expr(e)?));
        }
        out.push_str(" END");
        Some(out)
    }
}
