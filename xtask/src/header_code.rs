//! Header parameters: what a header can't carry is refused before it is sent, by name.
//!
//! progenitor's methods fail on it, too, but say neither which parameter it is, nor do they mind what would arrive as
//! something else, such as a letter beyond ASCII.

use syn::{Block, Expr, ExprMethodCall, ImplItem, Item, Lit, Stmt};

/// What the methods call the headers that they add.
const HEADERS: &str = "header_map";

/// Has the engine look at each text that becomes a header.
pub(crate) fn check(file: &mut syn::File) {
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            if let ImplItem::Fn(method) = member {
                check_in(&mut method.block);
            }
        }
    }
}

fn check_in(block: &mut Block) {
    for statement in &mut block.stmts {
        match statement {
            Stmt::Expr(Expr::MethodCall(call), _) => check_value(call),
            Stmt::Expr(Expr::If(optional), _) => check_in(&mut optional.then_branch),
            _ => {}
        }
    }
}

/// Makes `header_map.append("X", text.try_into()?)` one that says which header it is that can't carry the text.
fn check_value(call: &mut ExprMethodCall) {
    let is_map = matches!(call.receiver.as_ref(), Expr::Path(path) if path.path.is_ident(HEADERS));
    if !is_map || call.method != "append" {
        return;
    }
    let Some(Expr::Lit(name)) = call.args.first() else { return };
    let Lit::Str(name) = &name.lit else { return };
    let problem =
        format!("the header {} can't carry that: it takes ASCII characters, with blanks in between", name.value());
    let Some(value @ Expr::Try(_)) = call.args.last_mut() else { return };
    if let Expr::Try(tried) = &*value
        && let Expr::MethodCall(converted) = tried.expr.as_ref()
        && converted.method == "try_into"
    {
        let text = &converted.receiver;
        *value = syn::parse_quote!(
            self.inner.header_value(&#text, #problem).map_err(|problem| Error::InvalidRequest(problem.to_owned()))?
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_looked_at_under_its_name() {
        let mut file = syn::parse_str(
            r#"impl Client { async fn a(&self) {
                header_map.append("X-Trace", trace.to_string().try_into()?);
                if let Some(value) = kind { header_map.append("x-kind", value.to_string().try_into()?); }
                header_map.append(HeaderName::from_static("api-version"), HeaderValue::from_static(V));
            } }"#,
        )
        .unwrap();
        check(&mut file);
        let code = prettyplease::unparse(&file).split_whitespace().collect::<String>();
        assert!(!code.contains("try_into"), "{code}");
        for part in [
            r#"append("X-Trace",self.inner.header_value(&trace.to_string(),"theheaderX-Tracecan't"#,
            r#"append("x-kind",self.inner.header_value(&value.to_string(),"theheaderx-kindcan't"#,
            "HeaderValue::from_static(V)",
        ] {
            assert!(code.contains(part), "{part}: {code}");
        }
    }
}
