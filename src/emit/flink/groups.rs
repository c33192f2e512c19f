//! Groups by a CHAR. Results hold a CHAR without its blanks, so its groups are made without them too: then
//! the planner sees that the group's key is the sink's key. Otherwise it loses the key on the way, keeps whole
//! rows to find out what an update replaces, and refuses a clock in them.

use sqlparser::ast::{Expr, GroupByExpr, Query, Select, SelectItem, SetExpr};

use crate::emit::sql::call;

/// Groups by `RTRIM(x)` instead of `x` where that is all the query shows of `x`.
pub fn trim(query: &mut Query) {
    if let SetExpr::Select(select) = query.body.as_mut() {
        let Select {
            group_by,
            projection,
            having,
            ..
        } = select.as_mut();
        if let GroupByExpr::Expressions(groups, _) = group_by {
            for group in groups {
                let trimmed = call("RTRIM", vec![group.clone()]);
                if shown_as(&trimmed, group, projection, having.as_ref()) {
                    *group = trimmed;
                }
            }
        }
    }
}

/// Is `trimmed` in the select list, and `group` nowhere but inside of it?
fn shown_as(trimmed: &Expr, group: &Expr, items: &[SelectItem], having: Option<&Expr>) -> bool {
    let (trimmed, group) = (trimmed.to_string(), group.to_string());
    let texts = items
        .iter()
        .map(ToString::to_string)
        .chain(having.map(ToString::to_string));
    let mut shown = false;
    for text in texts {
        shown |= text.contains(&trimmed);
        if text.replace(&trimmed, "").contains(&group) {
            return false;
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use sqlparser::ast::Statement;
    use sqlparser::dialect::GenericDialect;
    use sqlparser::parser::Parser;

    fn trimmed(sql: &str) -> String {
        let mut statements = Parser::parse_sql(&GenericDialect {}, sql).unwrap();
        let Some(Statement::Query(mut query)) = statements.pop() else {
            panic!("no query: {sql}");
        };
        super::trim(&mut query);
        query.to_string()
    }

    #[test]
    fn a_shown_char_is_grouped_as_it_is_shown() {
        assert_eq!(
            trimmed("SELECT RTRIM(t.x) AS x, SUM(t.y) AS y FROM t GROUP BY t.x, t.z"),
            "SELECT RTRIM(t.x) AS x, SUM(t.y) AS y FROM t GROUP BY RTRIM(t.x), t.z"
        );
    }

    #[test]
    fn a_char_that_is_shown_otherwise_too_stays() {
        for sql in [
            "SELECT RTRIM(t.x) AS x, LENGTH(t.x) AS n FROM t GROUP BY t.x",
            "SELECT RTRIM(t.x) AS x, SUM(t.y) AS y FROM t GROUP BY t.x HAVING MAX(t.x) > 'x'",
            "SELECT SUM(t.y) AS y FROM t GROUP BY t.x",
        ] {
            assert_eq!(trimmed(sql), sql);
        }
    }
}
