//! People, and the names that they sign in with.

use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};

use super::login_identifier;
pub use super::login_identifier::Taken;
use crate::domain::account::groups::Groups;
use crate::domain::account::identifier::LoginIdentifier;
use crate::domain::account::profile::Profile;
use crate::domain::account::renaming::Renaming;
use crate::domain::account::user::{Status, User};
use crate::foundation::{Timestamp, id::UserId};
use crate::storage::engine::json;
use crate::storage::engine::schema::{login_identifiers, users};
use crate::storage::{Conn, StoreError};

/// Adds a user who can sign in with each of `identifiers`, unless one of them is somebody's already, or looks like it.
pub async fn insert(
    conn: &mut Conn,
    user: &User,
    identifiers: &[LoginIdentifier],
) -> Result<Result<(), Taken>, StoreError> {
    let row = UserRow::new(user)?;
    let names = match login_identifier::free(conn, user.id, identifiers).await? {
        Ok(names) => names,
        Err(taken) => return Ok(Err(taken)),
    };
    let stored = conn
        .transaction(async |savepoint: &mut Conn| {
            diesel::insert_into(users::table).values(row).execute(savepoint).await?;
            login_identifier::insert(savepoint, user.id, &names).await
        })
        .await;
    unless_taken(conn, user.id, identifiers, stored).await
}

/// A conflict by which nothing was stored means that a name has become somebody else's: whose, the index tells.
async fn unless_taken<T>(
    conn: &mut Conn,
    id: UserId,
    identifiers: &[LoginIdentifier],
    stored: Result<T, StoreError>,
) -> Result<Result<T, Taken>, StoreError> {
    let conflict = match stored {
        Err(StoreError::Conflict) => StoreError::Conflict,
        other => return other.map(Ok),
    };
    match login_identifier::free(conn, id, identifiers).await? {
        // It was something else, or they have given it up since.
        Ok(_) => Err(conflict),
        Err(taken) => Ok(Err(taken)),
    }
}

/// The user with this id.
pub async fn find(conn: &mut Conn, id: UserId) -> Result<Option<User>, StoreError> {
    let row = users::table.find(id).select(UserRow::as_select()).first(conn).await.optional()?;
    row.map(User::try_from).transpose()
}

/// The user who signs in with this name: whoever has it as it is, or else in another spelling.
pub async fn find_by_identifier(conn: &mut Conn, identifier: &LoginIdentifier) -> Result<Option<User>, StoreError> {
    let spellings = identifier.spellings();
    let rows: Vec<(LoginIdentifier, UserRow)> = users::table
        .inner_join(login_identifiers::table)
        .filter(login_identifiers::identifier.eq_any(&spellings))
        .select((login_identifiers::identifier, UserRow::as_select()))
        .load(conn)
        .await?;
    let likeliest = rows.into_iter().min_by_key(|(name, _)| spellings.iter().position(|spelling| spelling == name));
    likeliest.map(|(_, row)| User::try_from(row)).transpose()
}

/// Users in the order in which they were made, at most `limit` of those after `after`.
pub async fn list(conn: &mut Conn, after: Option<UserId>, limit: i64) -> Result<Vec<User>, StoreError> {
    let after = after.unwrap_or(UserId::from_uuid(uuid::Uuid::nil()));
    let page = users::table.filter(users::id.gt(after)).order(users::id).limit(limit);
    page.select(UserRow::as_select()).load(conn).await?.into_iter().map(User::try_from).collect()
}

/// Replaces all but the status and the password of a user who last changed at `seen`, and of the names that they sign in
/// with those that are new, unless one of these is somebody else's or looks like somebody else's; tells whether it was done.
pub async fn replace(
    conn: &mut Conn,
    user: &User,
    names: &Renaming,
    seen: Timestamp,
) -> Result<Result<bool, Taken>, StoreError> {
    give_back(conn, user, names, seen, &[]).await
}

/// The same where the user `had` some of these names before: of those only the very same name of somebody else is in the way.
pub async fn give_back(
    conn: &mut Conn,
    user: &User,
    names: &Renaming,
    seen: Timestamp,
    had: &[LoginIdentifier],
) -> Result<Result<bool, Taken>, StoreError> {
    let row = UserRow::new(user)?;
    let changes = (
        users::username.eq(row.username),
        users::email.eq(row.email),
        users::email_verified.eq(row.email_verified),
        users::administrator.eq(row.administrator),
        users::claims.eq(row.claims),
        users::group_names.eq(row.group_names),
        users::custom_claims.eq(row.custom_claims),
        users::second_factor_from.eq(row.second_factor_from),
        users::upstream_groups.eq(row.upstream_groups),
        users::updated_at.eq(row.updated_at),
    );
    let unchanged = users::table.find(user.id).filter(users::updated_at.eq(seen));
    let before = login_identifier::of_user(conn, user.id).await?;
    let identifiers = names.names(&before);
    // What they have had before stays theirs, whatever it looks like.
    let added: Vec<_> = identifiers.iter().filter(|name| !before.contains(name)).cloned().collect();
    let gone: Vec<_> = before.into_iter().filter(|name| !identifiers.contains(name)).collect();
    let names = match login_identifier::free_again(conn, user.id, &added, had).await? {
        Ok(names) => names,
        Err(taken) => return Ok(Err(taken)),
    };
    let stored = conn
        .transaction(async |savepoint: &mut Conn| {
            if diesel::update(unchanged).set(changes).execute(savepoint).await? == 0 {
                return Ok(false);
            }
            login_identifier::delete(savepoint, user.id, &gone).await?;
            login_identifier::insert(savepoint, user.id, &names).await?;
            Ok(true)
        })
        .await;
    unless_taken(conn, user.id, &added, stored).await
}

/// Stores the groups that identities brought, of a user whom [`lock`](crate::storage::factor::second_factor::lock) holds.
pub async fn set_upstream_groups(conn: &mut Conn, user: &User) -> Result<(), StoreError> {
    let groups = json::write(&user.profile.upstream_groups())?;
    let changes = (users::upstream_groups.eq(groups), users::updated_at.eq(user.updated_at));
    diesel::update(users::table.find(user.id)).set(changes).execute(conn).await?;
    Ok(())
}

/// Lets a user sign in, or not; tells whether that was otherwise before. `None` when there is no such user.
pub async fn set_status(
    conn: &mut Conn,
    id: UserId,
    status: Status,
    now: Timestamp,
) -> Result<Option<bool>, StoreError> {
    let changes = (users::status.eq(status), users::updated_at.eq(now));
    let other = users::table.find(id).filter(users::status.ne(status));
    if diesel::update(other).set(changes).execute(conn).await? == 1 {
        return Ok(Some(true));
    }
    let same = users::table.find(id).select(users::id).first::<UserId>(conn).await.optional()?;
    Ok(same.map(|_| false))
}

/// Deletes a user, and with them every session, grant, token and consent; tells whether there was one.
pub async fn delete(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    Ok(diesel::delete(users::table.find(id)).execute(conn).await? == 1)
}

/// A user is to be deleted then.
pub async fn delete_at(conn: &mut Conn, id: UserId, at: Timestamp) -> Result<(), StoreError> {
    diesel::update(users::table.find(id)).set(users::delete_at.eq(at)).execute(conn).await?;
    Ok(())
}

/// A user is to be deleted no more; tells whether they were.
pub async fn keep(conn: &mut Conn, id: UserId) -> Result<bool, StoreError> {
    let leaving = users::table.find(id).filter(users::delete_at.is_not_null());
    Ok(diesel::update(leaving).set(users::delete_at.eq(None::<Timestamp>)).execute(conn).await? == 1)
}

/// At most `limit` users who are to be deleted by now, those who have waited longest first.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<UserId>, StoreError> {
    let due = users::table.filter(users::delete_at.le(now)).order(users::delete_at).limit(limit);
    Ok(due.select(users::id).load(conn).await?)
}

/// Deletes a user if they are to be deleted by now, with all that [`delete`] deletes; tells whether they were.
pub async fn delete_due(conn: &mut Conn, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
    Ok(diesel::delete(users::table.find(id).filter(users::delete_at.le(now))).execute(conn).await? == 1)
}

/// Replaces a user's password; tells whether there is such a user. `hash` is one that can be compared.
pub async fn set_password(conn: &mut Conn, id: UserId, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let by_mail = users::password_mailed_at.eq(None::<Timestamp>);
    let changes = (users::password_hash.eq(hash), users::updated_at.eq(now), by_mail);
    Ok(diesel::update(users::table.find(id)).set(changes).execute(conn).await? == 1)
}

/// The same for a password that was chosen by whoever read a mail.
pub async fn set_mailed_password(conn: &mut Conn, id: UserId, hash: &str, now: Timestamp) -> Result<bool, StoreError> {
    let by_mail = users::password_mailed_at.eq(now);
    let changes = (users::password_hash.eq(hash), users::updated_at.eq(now), by_mail);
    Ok(diesel::update(users::table.find(id)).set(changes).execute(conn).await? == 1)
}

/// When a user's password was chosen by whoever read a mail; `None` where it was chosen in another way.
pub async fn password_mailed_at(conn: &mut Conn, id: UserId) -> Result<Option<Timestamp>, StoreError> {
    let at = users::table.find(id).select(users::password_mailed_at).first(conn).await.optional()?;
    Ok(at.flatten())
}

/// The user's address is known to be theirs.
pub async fn verify_email(conn: &mut Conn, id: UserId, now: Timestamp) -> Result<(), StoreError> {
    let unverified = users::table.find(id).filter(users::email.is_not_null()).filter(users::email_verified.eq(false));
    diesel::update(unverified).set((users::email_verified.eq(true), users::updated_at.eq(now))).execute(conn).await?;
    Ok(())
}

/// Takes a user's password away; tells whether there is such a user. Until they get another one they sign in with none.
pub async fn clear_password(conn: &mut Conn, id: UserId, now: Timestamp) -> Result<bool, StoreError> {
    let changes = (users::password_hash.eq(None::<String>), users::updated_at.eq(now));
    Ok(diesel::update(users::table.find(id)).set(changes).execute(conn).await? == 1)
}

/// Whether a user still has the status and the password that were read, and as much to prove beside it, and is to be deleted when
/// they were to be. Renewing a hash leaves `updated_at` as it is; [`set_password`] changes both.
pub async fn is_unchanged(conn: &mut Conn, user: &User) -> Result<bool, StoreError> {
    let same_password =
        users::password_hash.eq(&user.password_hash).or(users::updated_at.nullable().eq(user.updated_at));
    let same = users::table.find(user.id).filter(users::status.eq(user.status)).filter(same_password);
    let same = same.filter(users::second_factor.eq(user.second_factor));
    let delete_at: Option<Option<Timestamp>> = same.select(users::delete_at).first(conn).await.optional()?;
    Ok(delete_at == Some(user.delete_at))
}

/// Replaces a password's hash by another of the same password, if it is still `old`; tells whether it was. So a
/// password that was changed meanwhile stays changed.
pub async fn renew_password_hash(conn: &mut Conn, id: UserId, old: &str, new: &str) -> Result<bool, StoreError> {
    let unchanged = users::table.find(id).filter(users::password_hash.eq(old));
    Ok(diesel::update(unchanged).set(users::password_hash.eq(new)).execute(conn).await? == 1)
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = users, treat_none_as_default_value = false)]
pub(in crate::storage) struct UserRow {
    id: UserId,
    status: Status,
    username: Option<String>,
    email: Option<String>,
    email_verified: bool,
    administrator: bool,
    claims: String,
    password_hash: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
    group_names: String,
    custom_claims: String,
    second_factor: bool,
    delete_at: Option<Timestamp>,
    second_factor_from: Option<Timestamp>,
    upstream_groups: String,
}

impl UserRow {
    fn new(user: &User) -> Result<Self, StoreError> {
        Ok(Self {
            id: user.id,
            status: user.status,
            username: user.username.clone(),
            email: user.email.clone(),
            email_verified: user.email_verified,
            administrator: user.administrator,
            claims: json::write(&user.profile.to_json())?,
            password_hash: user.password_hash.clone(),
            created_at: user.created_at,
            updated_at: user.updated_at,
            group_names: json::write(&user.profile.own_groups())?,
            custom_claims: json::write(user.profile.custom())?,
            second_factor: user.second_factor,
            delete_at: user.delete_at,
            second_factor_from: user.second_factor_from,
            upstream_groups: json::write(&user.profile.upstream_groups())?,
        })
    }
}

impl TryFrom<UserRow> for User {
    type Error = StoreError;

    fn try_from(row: UserRow) -> Result<Self, StoreError> {
        let groups = Groups::from_stored(
            json::read(&row.group_names, "users.group_names")?,
            json::read(&row.upstream_groups, "users.upstream_groups")?,
        );
        let profile = Profile::from_stored(
            json::read(&row.claims, "users.claims")?,
            groups,
            json::read(&row.custom_claims, "users.custom_claims")?,
        );
        Ok(Self {
            id: row.id,
            status: row.status,
            username: row.username,
            email: row.email,
            email_verified: row.email_verified,
            administrator: row.administrator,
            profile: profile.map_err(|_| StoreError::Corrupt("users.claims"))?,
            password_hash: row.password_hash,
            second_factor: row.second_factor,
            delete_at: row.delete_at,
            second_factor_from: row.second_factor_from,
            created_at: row.created_at,
            updated_at: row.updated_at,
        })
    }
}
