//! What the generated types can do, as far as a client does it: each program that uses the client compiles all of it.

use std::collections::{BTreeMap, BTreeSet};

use syn::punctuated::Punctuated;
use syn::{
    Attribute, Expr, Fields, GenericArgument, ImplItem, Item, ItemMod, Meta, Path, PathArguments, ReturnType, Stmt,
    Token, Type,
};

use crate::error::{Error, Result};

/// The hooks of progenitor's that do nothing here.
const EMPTY_HOOKS: [&str; 2] = ["pre", "post"];

/// Takes the hooks that do nothing out of the methods, in each of which they are two more points to wait at.
pub(crate) fn skip_empty_hooks(file: &mut syn::File) {
    for item in &mut file.items {
        let Item::Impl(item) = item else { continue };
        for member in &mut item.items {
            if let ImplItem::Fn(method) = member {
                method.block.stmts.retain(|statement| !is_empty_hook(statement));
            }
        }
    }
}

/// Whether it is `self.pre(…).await?;`, or the same of another hook that does nothing.
fn is_empty_hook(statement: &Stmt) -> bool {
    let Stmt::Expr(Expr::Try(tried), _) = statement else { return false };
    let Expr::Await(waited) = tried.expr.as_ref() else { return false };
    let Expr::MethodCall(call) = waited.base.as_ref() else { return false };
    let is_own = matches!(call.receiver.as_ref(), Expr::Path(path) if path.path.is_ident("self"));
    is_own && EMPTY_HOOKS.iter().any(|hook| call.method == hook)
}

/// What a field has that is not read as its type is.
const READ_OTHERWISE: [&str; 4] = ["default", "deserialize_with", "flatten", "with"];

/// Takes out what reads the types that are only sent, and has a field that an answer may leave out read by less code.
pub(crate) fn keep_what_is_used(file: &mut syn::File) -> Result<()> {
    let answered = answered(file);
    let Some(types) = file.items.iter_mut().find_map(types) else { return Ok(()) };
    let holds = held(types);
    let read = reached(answered, &holds);
    let is_read = |name: &str| read.contains(name);
    for item in types {
        match item {
            Item::Struct(item) if is_read(&item.ident.to_string()) => default_options(&mut item.fields)?,
            Item::Struct(item) => derive_less(&mut item.attrs, "Deserialize")?,
            Item::Enum(item) if !is_read(&item.ident.to_string()) => derive_less(&mut item.attrs, "Deserialize")?,
            _ => {}
        }
    }
    Ok(())
}

fn types(item: &mut Item) -> Option<&mut Vec<Item>> {
    match item {
        Item::Mod(ItemMod { ident, content: Some((_, items)), .. }) if ident == "types" => Some(items),
        _ => None,
    }
}

/// The types that methods return.
fn answered(file: &syn::File) -> Vec<String> {
    let mut names = Vec::new();
    for item in &file.items {
        let Item::Impl(item) = item else { continue };
        for member in &item.items {
            if let ImplItem::Fn(method) = member
                && let ReturnType::Type(_, returned) = &method.sig.output
            {
                names.extend(names_in(returned));
            }
        }
    }
    names
}

/// The types that the fields of each type are of.
fn held(types: &[Item]) -> BTreeMap<String, Vec<String>> {
    let of_fields = |fields: &Fields| fields.iter().flat_map(|field| names_in(&field.ty)).collect::<Vec<_>>();
    let of_item = |item: &Item| match item {
        Item::Struct(item) => Some((item.ident.to_string(), of_fields(&item.fields))),
        Item::Enum(item) => {
            let held = item.variants.iter().flat_map(|variant| of_fields(&variant.fields)).collect();
            Some((item.ident.to_string(), held))
        }
        _ => None,
    };
    types.iter().filter_map(of_item).collect()
}

/// These, and what they hold.
fn reached(mut open: Vec<String>, holds: &BTreeMap<String, Vec<String>>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        let held = holds.get(&name);
        if reached.insert(name) {
            open.extend(held.into_iter().flatten().cloned());
        }
    }
    reached
}

/// The names of all types in a type.
fn names_in(whole: &Type) -> Vec<String> {
    match whole {
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else { return Vec::new() };
            let mut names = Vec::new();
            if let PathArguments::AngleBracketed(arguments) = &last.arguments {
                names.extend(arguments.args.iter().flat_map(|argument| match argument {
                    GenericArgument::Type(of) => names_in(of),
                    _ => Vec::new(),
                }));
            }
            names.push(last.ident.to_string());
            names
        }
        Type::Reference(reference) => names_in(&reference.elem),
        Type::Tuple(tuple) => tuple.elems.iter().flat_map(names_in).collect(),
        Type::Array(array) => names_in(&array.elem),
        _ => Vec::new(),
    }
}

fn is_named(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// Has an `Option` that is not there read as `None`: serde reads it as a value of its type otherwise, which takes more code and
/// comes to the same.
fn default_options(fields: &mut Fields) -> Result<()> {
    for field in fields {
        let is_option = matches!(&field.ty, Type::Path(path) if is_named(&path.path, "Option"));
        let mut metas = Punctuated::<Meta, Token![,]>::new();
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde")) {
            let parsed = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            metas.extend(
                parsed.map_err(|error| Error::not_generated(format!("writes an attribute that is none ({error})")))?,
            );
        }
        let is_read_otherwise = |meta: &Meta| READ_OTHERWISE.iter().any(|name| meta.path().is_ident(name));
        if is_option && !metas.iter().any(is_read_otherwise) {
            metas.insert(0, syn::parse_quote!(default));
            field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
            field.attrs.push(syn::parse_quote!(#[serde(#metas)]));
        }
    }
    Ok(())
}

/// Takes a trait out of what a type derives.
pub(crate) fn derive_less(attributes: &mut [Attribute], name: &str) -> Result<()> {
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let traits = attribute
            .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
            .map_err(|error| Error::not_generated(format!("derives what is no trait ({error})")))?;
        let kept: Punctuated<Path, Token![,]> = traits.into_iter().filter(|path| !is_named(path, name)).collect();
        *attribute = syn::parse_quote!(#[derive(#kept)]);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;

    fn kept(types: &str) -> String {
        let code = format!(
            "pub mod types {{ {types} }}
            impl Client {{
                pub fn new_with_client(baseurl: &str, inner: Call) -> Self {{ }}
                pub async fn a<'a>(&'a self, body: &'a types::Sent) -> Result<ResponseValue<Vec<types::Answer>>, Error<()>> {{ }}
            }}"
        );
        let mut file = syn::parse_str(&code).unwrap();
        keep_what_is_used(&mut file).unwrap();
        file.items.truncate(1);
        prettyplease::unparse(&file)
    }

    fn as_it_is(types: &str) -> String {
        prettyplease::unparse(&syn::parse_str(&format!("pub mod types {{ {types} }}")).unwrap())
    }

    #[test]
    fn what_is_only_sent_is_not_read() {
        let code = |read: &str| {
            format!(
                "#[derive({read}::serde::Serialize, Clone)] #[serde(deny_unknown_fields)]
                pub struct Sent {{ pub kind: Kind, pub both: Both, pub name: Option<String> }}
                #[derive({read}::serde::Serialize, Copy)] pub enum Kind {{ A, B }}
                #[derive(::serde::Deserialize, ::serde::Serialize)] pub enum Both {{ A(Vec<(Inner, [Last; 2])>) }}
                #[derive(::serde::Deserialize)] pub struct Inner {{ }}
                #[derive(::serde::Deserialize)] pub struct Last {{ }}
                #[derive(::serde::Deserialize)] pub struct Answer {{ pub both: ::std::collections::BTreeMap<String, Both> }}"
            )
        };
        assert_eq!(kept(&code("::serde::Deserialize, ")), as_it_is(&code("")));
    }

    #[test]
    fn an_option_of_an_answer_that_is_not_there_is_none() {
        let code = |default: &str, alone: &str| {
            format!(
                "pub struct Answer {{
                    #[serde({default}rename = \"type\", skip_serializing_if = \"Option::is_none\")] pub type_: ::std::option::Option<u8>,
                    {alone} pub name: Option<String>,
                    #[serde(default = \"defaults::a\")] pub own: Option<u8>,
                    #[serde(deserialize_with = \"a\")] pub with: Option<u8>,
                    pub list: Vec<Option<u8>>,
                    #[serde(flatten)] pub extra: Option<Map>,
                }}"
            )
        };
        assert_eq!(kept(&code("", "")), as_it_is(&code("default, ", "#[serde(default)]")));
    }

    #[test]
    fn a_hook_that_does_nothing_is_not_waited_for() {
        let code = |pre: &str, post: &str| {
            format!(
                "impl Client {{ pub async fn a(&self) -> Result<(), ()> {{
                    let mut request = self.client.get(url).build()?;
                    {pre}
                    let result = self.exec(request, &info).await;
                    {post}
                    other.pre(&mut request).await?;
                    result?;
                }} }}"
            )
        };
        let mut file =
            syn::parse_str(&code("self.pre(&mut request, &info).await?;", "self.post(&result, &info).await?;"))
                .unwrap();
        skip_empty_hooks(&mut file);
        assert_eq!(prettyplease::unparse(&file), prettyplease::unparse(&syn::parse_str(&code("", "")).unwrap()));
    }

    #[test]
    fn refuses_what_it_can_not_take_apart() {
        for types in ["#[derive(1)] pub struct Sent { }", "pub struct Answer { #[serde(1)] a: Option<u8> }"] {
            let mut file =
                syn::parse_str(&format!("pub mod types {{ {types} }} impl C {{ fn a(&self) -> types::Answer {{ }} }}"))
                    .unwrap();
            assert_eq!(keep_what_is_used(&mut file).unwrap_err().kind(), Kind::Generator);
        }
    }
}
