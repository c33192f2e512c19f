//! Routines: standalone, packaged (specification and body matched), nested, initialisers, anonymous blocks.

use indexmap::IndexMap;

use super::names::object;
use super::{Input, note};
use crate::catalog::model::{Catalog, Param, Routine, RoutineId, UnitRef};
use crate::catalog::resolve::{Frame, NameMeaning, Resolver, Scope};
use crate::catalog::walk::{Node, Place, Visitor, Walk};
use crate::diag::{Code, Diagnostic};
use crate::rel::{DataType, TableName};
use crate::source::Span;
use crate::syntax::View;
use crate::syntax::ast::{
    Block, Decl, DeclKind, Id, ItemKind, List, ParamMode, Routine as RoutineNode, StmtKind,
};

/// Collects all routines; types of parameters come later, when all tables are known.
pub(super) fn routines(input: Input<'_>, catalog: &mut Catalog) {
    let replaced = collect_packages(input, catalog);
    let packages: Vec<_> = catalog.packages.keys().cloned().collect();
    for name in packages {
        package(input, catalog, &name);
    }
    for (name, unit) in replaced {
        replaced_body(input, catalog, &name, unit);
    }
    standalone(input, catalog);
    blocks(input, catalog);
    scripts(input, catalog);
    nested(input, catalog, 0);
}

/// Finds specifications and bodies; bodies that a later one replaces are returned.
fn collect_packages(input: Input<'_>, catalog: &mut Catalog) -> Vec<(TableName, UnitRef)> {
    let mut replaced = Vec::new();
    for (unit, view) in input.units() {
        let schema = catalog.default_schema.clone();
        let (name, spec) = match view.ast()[view.unit.item].kind {
            ItemKind::CreatePackage { name, .. } => (name, true),
            ItemKind::CreatePackageBody { name, .. } | ItemKind::CreateTypeBody { name, .. } => {
                (name, false)
            }
            _ => continue,
        };
        let name = object(view, name, &schema);
        let package = catalog.packages.entry(name.clone()).or_default();
        let place = if spec {
            &mut package.spec
        } else {
            &mut package.body
        };
        if let Some(old) = place.replace(unit) {
            let what = if spec { "package" } else { "package body" };
            let place = input.span(old);
            duplicate(catalog, &format!("{what} {name}"), view.unit.span, place);
            if !spec {
                replaced.push((name, old));
            }
        }
    }
    replaced
}

/// Routines of a package body that another one replaces.
fn replaced_body(input: Input<'_>, catalog: &mut Catalog, name: &TableName, unit: UnitRef) {
    let first = catalog.routines.len();
    let view = input.view(unit);
    let bodies = declared_routines(view, unit, decls(view));
    add_bodies(input, catalog, name, &[], &bodies);
    initialiser(input, catalog, name, unit);
    catalog.routines[first..].iter_mut().for_each(replace);
}

fn replace(routine: &mut Routine) {
    routine.replaced = true;
    routine.public = false;
}

fn duplicate(catalog: &mut Catalog, what: &str, span: Span, old: Span) {
    let finding = Diagnostic::new(
        Code::DuplicateObject,
        format!("{what} is created more than once; the last definition is used"),
    )
    .at(span, "used")
    .at(old, "replaced")
    .help("Keep one version, or exclude the other file in ora2stream.toml.");
    note(catalog, finding);
}

/// A routine's declaration within a package.
struct Declared {
    unit: UnitRef,
    node: Id<RoutineNode>,
    signature: String,
}

fn package(input: Input<'_>, catalog: &mut Catalog, name: &TableName) {
    let Some(package) = catalog.packages.get(name).cloned() else {
        return;
    };
    let spec = package.spec.map(|u| (u, decls(input.view(u))));
    let body = package.body.map(|u| (u, decls(input.view(u))));
    let declared = |part: Option<(UnitRef, List<Decl>)>| -> Vec<Declared> {
        part.map_or_else(Vec::new, |(u, list)| {
            declared_routines(input.view(u), u, list)
        })
    };
    let (specs, bodies) = (declared(spec), declared(body));
    let is_type = catalog.types.contains_key(name);
    add_bodies(input, catalog, name, &specs, &bodies);
    add_specs(input, catalog, name, &specs, &bodies);
    if let Some((unit, _)) = body {
        initialiser(input, catalog, name, unit);
        if spec.is_none() && !is_type {
            let finding = Diagnostic::new(
                Code::MissingSpec,
                format!("the specification of package {name} is not in the input"),
            )
            .at(input.span(unit), "all its routines are taken as callable");
            note(catalog, finding);
        }
    }
    let public = spec.map_or_else(Vec::new, |(u, list)| names(input.view(u), list));
    let state = [spec, body].into_iter().flatten();
    let state = state
        .flat_map(|(u, list)| state_of(input.view(u), list))
        .collect();
    if let Some(p) = catalog.packages.get_mut(name) {
        p.public = public;
        p.state = state;
    }
}

fn decls(view: View<'_>) -> List<Decl> {
    match view.ast()[view.unit.item].kind {
        ItemKind::CreatePackage { decls, .. }
        | ItemKind::CreatePackageBody { decls, .. }
        | ItemKind::CreateTypeBody { decls, .. } => decls,
        _ => List::empty(),
    }
}

fn declared_routines(view: View<'_>, unit: UnitRef, list: List<Decl>) -> Vec<Declared> {
    let mut out = Vec::new();
    for d in list.ids() {
        match view.ast()[d].kind {
            DeclKind::Routine(node) => out.push(Declared {
                unit,
                node,
                signature: signature(view, node),
            }),
            DeclKind::CondCompile(inner) => out.extend(declared_routines(view, unit, inner)),
            _ => {}
        }
    }
    out
}

/// Name, parameter names and types as written: what specification and body must share.
fn signature(view: View<'_>, node: Id<RoutineNode>) -> String {
    let ast = view.ast();
    let mut out = ast.ident(ast[node].name).to_string();
    for p in ast.list(ast[node].params) {
        let ty = view.text(ast[p.ty].span);
        out.push('|');
        out.push_str(ast.ident(p.name));
        out.push(' ');
        out.extend(
            ty.split_whitespace()
                .flat_map(|w| w.chars().flat_map(char::to_uppercase)),
        );
    }
    out
}

/// Routines that have a body.
fn add_bodies(
    input: Input<'_>,
    catalog: &mut Catalog,
    package: &TableName,
    specs: &[Declared],
    bodies: &[Declared],
) {
    let no_spec = catalog
        .packages
        .get(package)
        .is_none_or(|p| p.spec.is_none());
    for d in bodies {
        let view = input.view(d.unit);
        let node = view.ast()[d.node];
        if node.body.is_none() && !node.external {
            continue; // a forward declaration
        }
        let in_spec = specs.iter().any(|s| s.signature == d.signature)
            || only_one_of_name(input, specs, bodies, d);
        let mut routine = from_node(view, d.unit, d.node, &package.schema);
        routine.package = Some(package.name.clone());
        routine.public = no_spec || in_spec;
        catalog.routines.push(routine);
    }
}

/// Specification and body each have the name once: they belong together, however their types are spelt.
fn only_one_of_name(
    input: Input<'_>,
    specs: &[Declared],
    bodies: &[Declared],
    wanted: &Declared,
) -> bool {
    let name = input.routine_name(wanted);
    let count = |list: &[Declared], with_body: bool| {
        list.iter()
            .filter(|d| input.routine_name(d) == name)
            .filter(|d| !with_body || input.view(d.unit).ast()[d.node].body.is_some())
            .count()
    };
    count(specs, false) == 1 && count(bodies, true) == 1
}

/// Declarations without a body in the input.
fn add_specs(
    input: Input<'_>,
    catalog: &mut Catalog,
    package: &TableName,
    specs: &[Declared],
    bodies: &[Declared],
) {
    for s in specs {
        let name = input.routine_name(s);
        let same = |d: &&Declared| input.routine_name(d) == name;
        let has_body = bodies.iter().any(|b| b.signature == s.signature)
            || (bodies.iter().filter(same).count() == 1 && specs.iter().filter(same).count() == 1);
        if !has_body {
            let mut routine = from_node(input.view(s.unit), s.unit, s.node, &package.schema);
            routine.package = Some(package.name.clone());
            catalog.routines.push(routine);
        }
    }
}

fn initialiser(input: Input<'_>, catalog: &mut Catalog, package: &TableName, unit: UnitRef) {
    let view = input.view(unit);
    if let ItemKind::CreatePackageBody {
        init: Some(block), ..
    } = view.ast()[view.unit.item].kind
    {
        let mut routine = from_block(view, unit, block, "<init>".into(), &package.schema);
        routine.package = Some(package.name.clone());
        catalog.routines.push(routine);
    }
}

/// Names declared in a list, routines included, each once.
fn names(view: View<'_>, list: List<Decl>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let ast = view.ast();
    for d in list.ids() {
        let name = match ast[d].kind {
            DeclKind::Var { name, .. }
            | DeclKind::Cursor { name, .. }
            | DeclKind::Record { name, .. }
            | DeclKind::Collection { name, .. }
            | DeclKind::RefCursor(name, _)
            | DeclKind::Subtype { name, .. }
            | DeclKind::Exception(name)
            | DeclKind::OtherType(name) => Some(name),
            DeclKind::Routine(r) => Some(ast[r].name),
            DeclKind::CondCompile(inner) => {
                out.extend(names(view, inner));
                None
            }
            DeclKind::Pragma(_, _) | DeclKind::Unparsed => None,
        };
        if let Some(n) = name.map(|n| ast.ident(n).to_string())
            && !out.contains(&n)
        {
            out.push(n);
        }
    }
    out
}

fn state_of(view: View<'_>, list: List<Decl>) -> Vec<String> {
    let ast = view.ast();
    let mut out = Vec::new();
    for d in list.ids() {
        match ast[d].kind {
            DeclKind::Var {
                name,
                constant: false,
                ..
            } => out.push(ast.ident(name).to_string()),
            DeclKind::CondCompile(inner) => out.extend(state_of(view, inner)),
            _ => {}
        }
    }
    out
}

fn standalone(input: Input<'_>, catalog: &mut Catalog) {
    let mut found: IndexMap<TableName, Routine> = IndexMap::new();
    let mut replaced = Vec::new();
    for (unit, view) in input.units() {
        let ItemKind::CreateRoutine { owner, routine } = view.ast()[view.unit.item].kind else {
            continue;
        };
        let schema = owner.map_or(catalog.default_schema.as_str(), |o| view.ast().ident(o));
        let new = from_node(view, unit, routine, schema);
        let name = TableName::new(schema, &new.name);
        let span = new.span;
        if let Some(mut old) = found.insert(name.clone(), new) {
            duplicate(catalog, &format!("routine {name}"), span, old.span);
            replace(&mut old);
            replaced.push(old);
        }
    }
    catalog.routines.extend(found.into_values());
    catalog.routines.extend(replaced);
}

fn blocks(input: Input<'_>, catalog: &mut Catalog) {
    let mut number = 0;
    for (unit, view) in input.units() {
        if let ItemKind::Block(block) = view.ast()[view.unit.item].kind {
            number += 1;
            let name = format!("<block {number}>");
            let schema = catalog.default_schema.clone();
            catalog
                .routines
                .push(from_block(view, unit, block, name, &schema));
        }
    }
}

/// One routine for each file that has DML of its own, outside any routine and block. Calls (EXEC, CALL) are not among
/// its statements: they are entries of whatever runs the script.
fn scripts(input: Input<'_>, catalog: &mut Catalog) {
    for (f, file) in input.files.iter().enumerate() {
        let at = |u: usize| UnitRef {
            file: f as u32,
            unit: u as u32,
        };
        let views = (0..file.units.len()).map(|u| (at(u), input.view(at(u))));
        let items: Vec<_> = views.filter(|(_, v)| own_statement(*v).is_some()).collect();
        let writes = |v: &View<'_>| own_statement(*v) == Some(true);
        let (Some((first, a)), Some((_, z))) = (items.first(), items.last()) else {
            continue;
        };
        if !items.iter().any(|(_, v)| writes(v)) {
            continue;
        }
        let path = &input.map.file(file.file).path;
        let routine = Routine {
            schema: catalog.default_schema.clone(),
            package: None,
            name: format!("<statements of {path}>"),
            parent: None,
            within: Vec::new(),
            unit: *first,
            items: items.iter().map(|i| i.0).collect(),
            node: None,
            body: None,
            params: Vec::new(),
            function: false,
            returns: None,
            autonomous: false,
            public: false,
            replaced: false,
            span: a.unit.span.to(z.unit.span),
        };
        catalog.routines.push(routine);
    }
}

/// A statement that a script runs itself, and whether it writes; None for everything else.
fn own_statement(view: View<'_>) -> Option<bool> {
    let ast = view.ast();
    match ast[view.unit.item].kind {
        ItemKind::Dml(_) | ItemKind::Truncate(_) => Some(true),
        ItemKind::Stmt(s) => match ast[s].kind {
            StmtKind::Commit | StmtKind::Rollback(_) | StmtKind::Savepoint(_) => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// A routine of a node, public, without types of parameters.
fn from_node(view: View<'_>, unit: UnitRef, id: Id<RoutineNode>, schema: &str) -> Routine {
    let ast = view.ast();
    let node = ast[id];
    let untyped = || DataType::Unknown {
        reason: "not resolved yet".into(),
    };
    let param = |p: &crate::syntax::ast::Param| Param {
        name: ast.ident(p.name).to_string(),
        ty: untyped(),
        out: matches!(p.mode, ParamMode::Out | ParamMode::InOut),
        default: p.default,
    };
    Routine {
        schema: schema.to_string(),
        package: None,
        name: ast.ident(node.name).to_string(),
        parent: None,
        within: Vec::new(),
        unit,
        items: Vec::new(),
        node: Some(id),
        body: node.body,
        params: ast.list(node.params).iter().map(param).collect(),
        function: node.function,
        returns: node.returns.map(|_| untyped()),
        autonomous: node.autonomous,
        public: true,
        replaced: false,
        span: view.span(node.span),
    }
}

/// A routine of a block alone: initialiser, anonymous block, trigger.
pub(super) fn from_block(
    view: View<'_>,
    unit: UnitRef,
    block: Id<Block>,
    name: String,
    schema: &str,
) -> Routine {
    let ast = view.ast();
    let autonomous = ast.list(ast[block].decls).iter().any(
        |d| matches!(d.kind, DeclKind::Pragma(p, _) if ast.ident(p) == "AUTONOMOUS_TRANSACTION"),
    );
    Routine {
        schema: schema.to_string(),
        package: None,
        name,
        parent: None,
        within: Vec::new(),
        unit,
        items: Vec::new(),
        node: None,
        body: Some(block),
        params: Vec::new(),
        function: false,
        returns: None,
        autonomous,
        public: false,
        replaced: false,
        span: view.span(ast[block].span),
    }
}

/// Finds routines declared inside the bodies of routines from `first` on, and inside theirs.
pub(super) fn nested(input: Input<'_>, catalog: &mut Catalog, first: usize) {
    let mut i = first;
    while let Some(r) = catalog.routines.get(i) {
        let view = input.view(r.unit);
        let mut finder = Finder(Vec::new());
        if let Some(body) = r.body {
            let scope = Scope {
                unit: r.unit,
                schema: r.schema.clone(),
                package: None,
                routine: None,
                frames: Vec::new(),
            };
            Walk::new(view, scope, &mut finder).block(body);
        }
        let inner: Vec<_> = finder
            .0
            .into_iter()
            .map(|(node, within)| Routine {
                package: r.package.clone(),
                parent: Some(RoutineId(i as u32)),
                within,
                public: false,
                ..from_node(view, r.unit, node, &r.schema)
            })
            .collect();
        catalog.routines.extend(inner);
        i += 1;
    }
}

struct Finder(Vec<(Id<RoutineNode>, Vec<Id<Block>>)>);

impl Visitor for Finder {
    fn enter(&mut self, at: &Place<'_>, node: Node) -> bool {
        if let Node::Decl(d) = node
            && let DeclKind::Routine(r) = at.view.ast()[d].kind
            && (at.view.ast()[r].body.is_some() || at.view.ast()[r].external)
        {
            let block = |f: &Frame| match f {
                Frame::Block(b) => Some(*b),
                Frame::Loop(_) | Frame::Cursor(_) => None,
            };
            let within = at.scope.frames.iter().filter_map(block).collect();
            self.0.push((r, within));
        }
        !matches!(node, Node::Expr(_) | Node::Query(_) | Node::Dml(_))
    }
}

/// Types of all parameters and results, through %TYPE.
pub(super) fn parameter_types(input: Input<'_>, catalog: &mut Catalog) {
    let resolver = Resolver::new(input.map, input.files, catalog);
    let mut types = Vec::new();
    for (i, r) in catalog.routines.iter().enumerate() {
        let id = RoutineId(i as u32);
        let of_param = |p| resolver.type_of(&NameMeaning::Parameter(id, p)).scalar();
        let params: Vec<_> = (0..r.params.len()).map(of_param).collect();
        let returns = r.node.and_then(|n| input.view(r.unit).ast()[n].returns);
        let mut scope = resolver.routine_scope(id);
        scope.frames.clear();
        types.push((params, returns.map(|t| resolver.data_type(&scope, t))));
    }
    for (r, (params, returns)) in catalog.routines.iter_mut().zip(types) {
        for (p, ty) in r.params.iter_mut().zip(params) {
            p.ty = ty;
        }
        r.returns = returns;
    }
}

impl<'a> Input<'a> {
    fn routine_name(self, d: &Declared) -> &'a str {
        let ast = self.view(d.unit).ast();
        ast.ident(ast[d.node].name)
    }
}
