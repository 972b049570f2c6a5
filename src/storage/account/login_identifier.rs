//! The names that people sign in with, and what these look like.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::domain::account::identifier::LoginIdentifier;
use crate::foundation::{SecretHash, id::UserId};
use crate::storage::engine::schema::login_identifiers::{identifier, skeleton, table, user_id};
use crate::storage::{Conn, StoreError};

/// Names of others: those that were wanted, and those that the wanted ones look like. Nothing was changed.
#[derive(Debug, PartialEq, Eq)]
pub struct Taken(pub Vec<LoginIdentifier>);

/// A name that can be given to somebody, with what it looks like unless another row has that already.
#[derive(Debug)]
pub struct Free(LoginIdentifier, Option<SecretHash>);

#[cfg(test)]
impl Free {
    /// A name that nobody has, nor anything like it.
    pub fn alone(name: LoginIdentifier) -> Self {
        let look = name.skeleton();
        Self(name, Some(look))
    }
}

/// The names, as they can be given to this user; or those of others that are in the way.
pub async fn free(
    conn: &mut Conn,
    id: UserId,
    names: &[LoginIdentifier],
) -> Result<Result<Vec<Free>, Taken>, StoreError> {
    free_again(conn, id, names, &[]).await
}

/// The same for a user who `had` some of them before: what looks like these, and came after them, is not in the way.
pub async fn free_again(
    conn: &mut Conn,
    id: UserId,
    names: &[LoginIdentifier],
    had: &[LoginIdentifier],
) -> Result<Result<Vec<Free>, Taken>, StoreError> {
    if names.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let looks: Vec<_> = names.iter().map(LoginIdentifier::skeleton).collect();
    // An address that was given with its domain in another spelling is the same mailbox.
    let spelled: Vec<_> = names.iter().flat_map(LoginIdentifier::spellings).collect();
    let columns = (identifier, skeleton, user_id);
    let mut theirs: Vec<(LoginIdentifier, Option<SecretHash>, UserId)> =
        table.filter(identifier.eq_any(&spelled)).select(columns).load(conn).await?;
    let alike = table.filter(skeleton.is_not_null()).filter(skeleton.eq_any(looks.iter().copied().map(Some)));
    let alike: Vec<(LoginIdentifier, Option<SecretHash>, UserId)> = alike.select(columns).load(conn).await?;
    theirs.extend(alike.into_iter().filter(|(other, ..)| !spelled.contains(other)));
    let in_the_way = |other: &LoginIdentifier| {
        spelled.contains(other) || names.iter().any(|name| !had.contains(name) && name.passes_for(other))
    };
    let taken: Vec<_> = theirs
        .iter()
        .filter(|(other, _, owner)| *owner != id && in_the_way(other))
        .map(|(other, ..)| other.clone())
        .collect();
    if !taken.is_empty() {
        return Ok(Err(Taken(taken)));
    }
    let mut held: HashSet<SecretHash> = theirs.into_iter().filter_map(|(_, look, _)| look).collect();
    let free = names.iter().zip(looks).map(|(name, look)| Free(name.clone(), held.insert(look).then_some(look)));
    Ok(Ok(free.collect()))
}

/// Lets a user sign in with these.
pub async fn insert(conn: &mut Conn, id: UserId, names: &[Free]) -> Result<(), StoreError> {
    let names: Vec<_> =
        names.iter().map(|Free(name, look)| (identifier.eq(name), user_id.eq(id), skeleton.eq(look))).collect();
    if !names.is_empty() {
        diesel::insert_into(table).values(names).execute(conn).await?;
    }
    Ok(())
}

/// What a user signs in with.
pub async fn of_user(conn: &mut Conn, id: UserId) -> Result<Vec<LoginIdentifier>, StoreError> {
    Ok(table.filter(user_id.eq(id)).select(identifier).load(conn).await?)
}

/// Takes these away from a user.
pub async fn delete(conn: &mut Conn, id: UserId, names: &[LoginIdentifier]) -> Result<(), StoreError> {
    if !names.is_empty() {
        diesel::delete(table.filter(user_id.eq(id)).filter(identifier.eq_any(names))).execute(conn).await?;
    }
    Ok(())
}

/// At most `limit` names without a skeleton, in their order, of those after `after`.
pub async fn unlooked(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<LoginIdentifier>, StoreError> {
    let page = table.filter(skeleton.is_null()).filter(identifier.gt(after)).order(identifier).limit(limit);
    Ok(page.select(identifier).load(conn).await?)
}

/// Notes what these look like, but for those whose look another row has; tells of how many.
pub async fn note_looks(conn: &mut Conn, names: &[LoginIdentifier]) -> Result<usize, StoreError> {
    let looks: Vec<_> = names.iter().map(LoginIdentifier::skeleton).collect();
    let held = table.filter(skeleton.is_not_null()).filter(skeleton.eq_any(looks.iter().copied().map(Some)));
    let held: Vec<Option<SecretHash>> = held.select(skeleton).load(conn).await?;
    let mut held: HashSet<SecretHash> = held.into_iter().flatten().collect();
    let mut noted = 0;
    for (name, look) in names.iter().zip(looks) {
        if held.insert(look) {
            let row = table.find(name).filter(skeleton.is_null());
            noted += diesel::update(row).set(skeleton.eq(look)).execute(conn).await?;
        }
    }
    Ok(noted)
}
