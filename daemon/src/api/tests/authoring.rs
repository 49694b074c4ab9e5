//! Vaults that are written.

use resolver::Format;

use super::*;

#[tokio::test]
async fn a_vault_is_made_changed_switched_off_and_deleted() {
    let (server, mut client) = server();
    let stored = client.stored_vaults().await.unwrap();
    assert_eq!(
        stored.iter().map(StoredVault::id).collect::<Vec<_>>(),
        ["first", "admin", "keys", "second"]
    );

    let id =
        client.store_vault(&StoredVault::new("new", Format::Yaml, "c: 3"), None).await.unwrap();
    let mut vaults = client.stored_vaults().await.unwrap();
    let mut new = vaults.pop().unwrap();
    assert_eq!((new.id(), new.description(), &*new.text()), (id.as_str(), "new", "c: 3"));

    new.set_text("c: 4");
    new.set_enabled(false);
    assert_eq!(client.store_vault(&new, Some("a-group")).await.unwrap(), id);
    assert_eq!(client.stored_vaults().await.unwrap().pop().unwrap(), new);
    assert_eq!(ids(&client.fetch_vaults().await.unwrap()), ["first", "second", "admin"]);

    assert_eq!(client.delete_vaults(&[&id, "first"]).await.unwrap(), 2);
    assert_eq!(ids(&client.fetch_vaults().await.unwrap()), ["second", "admin"]);
    let writes = server.requests().into_iter().filter(|request| request.method == "PUT");
    let targets: Vec<_> = writes.map(|request| request.target).collect();
    let store = "/users.add_or_update_vault";
    assert_eq!(targets, [store, store, "/users.delete_vaults"]);
}

#[tokio::test]
async fn a_change_is_never_made_twice() {
    let (server, mut client) = server();
    client.stored_vaults().await.unwrap();
    server.add_fault(crate::dev::Fault {
        call: "users.add_or_update_vault",
        kind: crate::dev::FaultKind::Reset,
        after: 0,
        times: 1,
    });
    let vault = StoredVault::new("new", Format::Hocon, "c: 3");
    let failure = client.store_vault(&vault, None).await.unwrap_err();
    assert!(matches!(failure, FetchError::Unreachable { .. }), "{failure:?}");
    assert_eq!(server.count("users.add_or_update_vault"), 1);
}
