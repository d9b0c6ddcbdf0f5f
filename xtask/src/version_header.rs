//! The header that progenitor's methods send to Dropshot servers: taken out, since no other backend knows it.

use syn::{Expr, ExprLit, ImplItem, Item, Lit, Local, Pat, Stmt};

/// What the methods call the headers that they add.
const HEADERS: &str = "header_map";

/// Takes it out of every method, and with it the map that it is alone in.
pub(crate) fn remove(file: &mut syn::File) {
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            let statements = &mut method.block.stmts;
            statements.retain(|statement| !adds_version(statement));
            let before = statements.len();
            statements.retain(|statement| !matches!(statement, Stmt::Local(local) if is_map_for_one(local)));
            if statements.len() < before {
                for statement in statements {
                    if let Stmt::Local(Local { init: Some(init), .. }) = statement {
                        pass_no_map(&mut init.expr);
                    }
                }
            }
        }
    }
}

/// Whether it is `header_map.append(HeaderName::from_static("api-version"), …)`.
fn adds_version(statement: &Stmt) -> bool {
    let Stmt::Expr(Expr::MethodCall(call), _) = statement else { return false };
    let Some(Expr::Call(name)) = call.args.first() else { return false };
    let is_version =
        |expression: &Expr| matches!(literal(expression), Some(Lit::Str(text)) if text.value() == "api-version");
    names_map(&call.receiver) && name.args.first().is_some_and(is_version)
}

/// Whether it makes a map with room for one header, which is the one for the version.
fn is_map_for_one(local: &Local) -> bool {
    let Some(Expr::Call(made)) = local.init.as_ref().map(|init| init.expr.as_ref()) else { return false };
    let is_one = |expression: &Expr| matches!(literal(expression), Some(Lit::Int(size)) if size.base10_digits() == "1");
    matches!(&local.pat, Pat::Ident(pattern) if pattern.ident == HEADERS) && made.args.first().is_some_and(is_one)
}

fn literal(expression: &Expr) -> Option<&Lit> {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        _ => None,
    }
}

fn names_map(expression: &Expr) -> bool {
    matches!(expression, Expr::Path(path) if path.path.is_ident(HEADERS))
}

/// Takes `.headers(header_map)` out of a chain of calls.
fn pass_no_map(expression: &mut Expr) {
    match expression {
        Expr::Try(tried) => pass_no_map(&mut tried.expr),
        Expr::MethodCall(call) => {
            pass_no_map(&mut call.receiver);
            if call.method == "headers" && call.args.first().is_some_and(names_map) {
                *expression = (*call.receiver).clone();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn removed(code: &str) -> String {
        let mut file = syn::parse_str(code).unwrap();
        remove(&mut file);
        prettyplease::unparse(&file)
    }

    fn as_it_is(code: &str) -> String {
        prettyplease::unparse(&syn::parse_str(code).unwrap())
    }

    /// A method as progenitor writes it, for so many headers.
    fn method(headers: usize, added: &str) -> String {
        format!(
            r#"impl Client {{ async fn a(&self) {{
                let mut header_map = ::reqwest::header::HeaderMap::with_capacity({headers}usize);
                {added}
                let mut request = self.client.post(url).json(&body).headers(header_map).build()?;
            }} }}"#
        )
    }

    const VERSION: &str = r#"header_map.append(
        ::reqwest::header::HeaderName::from_static("api-version"),
        ::reqwest::header::HeaderValue::from_static(Self::api_version()),
    );"#;

    #[test]
    fn the_header_goes_and_the_map_with_it() {
        let expected = "impl Client { async fn a(&self) {
            let mut request = self.client.post(url).json(&body).build()?;
        } }";
        assert_eq!(removed(&method(1, VERSION)), as_it_is(expected));
    }

    #[test]
    fn other_headers_stay() {
        let other = r#"if let Some(value) = trace { header_map.append("x-trace", value.to_string().try_into()?); }"#;
        assert_eq!(removed(&method(2, &format!("{VERSION} {other}"))), as_it_is(&method(2, other)));
    }
}
