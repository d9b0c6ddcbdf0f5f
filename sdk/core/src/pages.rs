//! Lists that come page by page.

use std::collections::HashSet;

use futures::{Stream, TryStreamExt, stream};

/// One page of a list, as [`items`] needs it.
#[derive(Debug)]
pub struct Fetched<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; `None` behind the last.
    pub next: Option<String>,
}

/// Where a list goes on.
enum Next {
    At(Option<String>),
    End,
    CameTwice,
}

/// All items of a list, one by one. A page is fetched when the one before is used up, beginning at the cursor `first`, or
/// at the beginning of the list.
///
/// It ends with a page that names no next one, and with an error. A backend that names a cursor which it has named before
/// would go on for ever: then what is on the page is given out, and `came_twice` after it.
pub fn items<T, E, F: Future<Output = Result<Fetched<T>, E>>>(
    first: Option<String>,
    fetch: impl Fn(Option<String>) -> F,
    came_twice: impl Fn() -> E,
) -> impl Stream<Item = Result<T, E>> {
    let seen: HashSet<String> = first.iter().cloned().collect();
    let pages = stream::try_unfold((Next::At(first), seen), move |(next, mut seen)| {
        let page = match next {
            Next::At(cursor) => Ok(Some(fetch(cursor))),
            Next::End => Ok(None),
            Next::CameTwice => Err(came_twice()),
        };
        async move {
            let Some(page) = page? else { return Ok(None) };
            let Fetched { items, next } = page.await?;
            let next = match next {
                None => Next::End,
                Some(cursor) if seen.insert(cursor.clone()) => Next::At(Some(cursor)),
                Some(_) => Next::CameTwice,
            };
            Ok(Some((stream::iter(items.into_iter().map(Ok)), (next, seen))))
        }
    });
    pages.try_flatten()
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures::StreamExt;

    use super::*;

    type Page = Result<Fetched<u32>, &'static str>;

    /// What a list gives out whose pages are these, and which cursors were asked for.
    async fn read(first: Option<&str>, pages: Vec<Page>) -> (Vec<Result<u32, &'static str>>, Vec<Option<String>>) {
        let pages = RefCell::new(pages.into_iter());
        let asked = RefCell::new(Vec::new());
        let fetch = |cursor| {
            asked.borrow_mut().push(cursor);
            std::future::ready(pages.borrow_mut().next().unwrap_or(Err("asked once too often")))
        };
        let items = items(first.map(str::to_owned), fetch, || "came twice").collect().await;
        (items, asked.into_inner())
    }

    fn page(items: &[u32], next: Option<&str>) -> Page {
        Ok(Fetched { items: items.to_vec(), next: next.map(str::to_owned) })
    }

    #[tokio::test]
    async fn all_items_of_all_pages_come_in_order() {
        let pages = vec![page(&[1, 2], Some("b")), page(&[], Some("c")), page(&[3], None)];
        let (items, asked) = read(None, pages).await;
        assert_eq!(items, [Ok(1), Ok(2), Ok(3)]);
        assert_eq!(asked, [None, Some("b".to_owned()), Some("c".to_owned())]);
    }

    #[tokio::test]
    async fn a_page_is_asked_for_when_the_one_before_is_used_up() {
        let asked = RefCell::new(0);
        let fetch = |_| {
            *asked.borrow_mut() += 1;
            std::future::ready(page(&[1, 2], Some("b")))
        };
        let mut items = std::pin::pin!(items(None, fetch, || "came twice"));
        assert_eq!(*asked.borrow(), 0);
        assert_eq!((items.next().await, items.next().await), (Some(Ok(1)), Some(Ok(2))));
        assert_eq!(*asked.borrow(), 1);
    }

    #[tokio::test]
    async fn an_error_ends_it() {
        let (items, asked) = read(None, vec![page(&[1], Some("b")), Err("no"), page(&[2], None)]).await;
        assert_eq!((items, asked.len()), (vec![Ok(1), Err("no")], 2));
    }

    #[tokio::test]
    async fn a_cursor_that_comes_twice_ends_it_and_loses_nothing() {
        for (first, pages) in [
            (None, vec![page(&[1], Some("a")), page(&[2], Some("b")), page(&[3], Some("a"))]),
            (Some("a"), vec![page(&[1], Some("b")), page(&[2, 3], Some("a"))]),
        ] {
            let (items, _) = read(first, pages).await;
            assert_eq!(items, [Ok(1), Ok(2), Ok(3), Err("came twice")], "{first:?}");
        }
    }
}
