//! The operations on key pairs.

use kps_core::{
    CreateKeypair, DeleteKeypair, Description, Encryption, ExportPrivateKey, KeypairType, Limit,
    ListKeypairDetail, ListKeypairs, Scope, UpdateKeypairDescription, UserId,
};
use kps_emulator::{Emulator, Quirks};

use crate::stage::{LAPTOP, name, public, refusal};
use crate::{NONE, Stage, Subject};

/// The whole group.
pub fn all<S: Subject>(stage: &Stage<'_, S>) {
    the_service_makes_real_keys(stage);
    keys_made_elsewhere_are_imported(stage);
    what_cannot_be_made_is_refused(stage);
    key_pairs_are_listed_once_and_in_order(stage);
    a_key_pair_is_described_and_deleted(stage);
}

/// RSA, in both halves, which are handed out once or hosted as well.
pub fn the_service_makes_real_keys<S: Subject>(stage: &Stage<'_, S>) {
    let kps = stage.project("keypair-made").kps;
    let request = CreateKeypair::new(name("made")).with_scope(Scope::Domain).with_type(KeypairType::Ssh);
    let made = kps.send(request).unwrap().keypair;
    let public_key = made.public_key.unwrap();
    assert_eq!(public_key.algorithm(), Some("ssh-rsa"));
    assert!(public_key.as_str().ends_with(" Generated-by-Nova\n"), "{public_key}");
    assert_eq!(made.fingerprint.unwrap().is_of(&public_key), Some(true));
    let private_key = made.private_key.unwrap();
    assert!(private_key.expose().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
    assert_eq!(refusal(kps.send(ExportPrivateKey::new(name("made")))), (400, "KPS.6005".into()));

    let hosted = kps.send(CreateKeypair::new_hosted(name("hosted"), Encryption::Default)).unwrap().keypair;
    assert_ne!(hosted.public_key.unwrap(), public_key);
    let exported = kps.send(ExportPrivateKey::new(name("hosted"))).unwrap().keypair;
    assert_eq!(exported.private_key.expose(), hosted.private_key.unwrap().expose());

    let detail = kps.send(ListKeypairDetail::new(name("made"))).unwrap().keypair;
    assert_eq!(detail.scope, Some(Scope::Domain));
    assert_eq!(detail.algorithm.as_deref(), Some("SSH_RSA_2048"));
    assert_eq!((detail.is_key_protection, detail.deleted), (Some(false), Some(false)));
}

/// The public half, or both, which must match.
pub fn keys_made_elsewhere_are_imported<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("keypair-imported");
    let kps = &project.kps;
    let laptop = kps.send(CreateKeypair::import(name("laptop"), public(LAPTOP))).unwrap().keypair;
    assert!(laptop.private_key.is_none());
    let expected = match stage.quirks() {
        Quirks::Hostile => "4f:48:8e:57:7b:e6:8d:6f:9e:83:88:33:c7:cd:fe:1c",
        _ => "SHA256:0rIl3neHx/FAqXqjC7sVEzAxhDqf1BN7kSLhse773sg",
    };
    assert_eq!(laptop.fingerprint.unwrap().to_string(), expected);

    let (made, key) = project.made("elsewhere");
    let public_key = made.public_key.unwrap();
    let import = |named: &str, public_key| {
        CreateKeypair::import_hosted(name(named), public_key, key.clone(), Encryption::Default)
    };
    let imported = kps.send(import("both", public_key.clone())).unwrap().keypair;
    assert!(imported.private_key.is_none(), "an import does not hand the key back");
    let exported = kps.send(ExportPrivateKey::new(name("both"))).unwrap().keypair.private_key;
    assert_eq!(exported.expose(), key.expose());
    assert_eq!(refusal(kps.send(import("other", public(LAPTOP)))), (400, "KPS.6011".into()));
}

/// With the codes of the service.
pub fn what_cannot_be_made_is_refused<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("keypair-refused");
    let kps = &project.kps;
    project.made("a");
    let absent = || name("absent");
    let user = UserId::new("nobody").unwrap();
    for (found, code) in [
        (refusal(kps.send(CreateKeypair::new(name("a")))), "KPS.7004"),
        (refusal(kps.send(CreateKeypair::new(name("b")).with_scope(Scope::from("world")))), "KPS.0002"),
        (refusal(kps.send(CreateKeypair::new(name("b")).with_type(KeypairType::from("pgp")))), "KPS.0002"),
        (refusal(kps.send(CreateKeypair::new(name("b")).with_user_id(user))), "KPS.0006"),
        (refusal(kps.send(CreateKeypair::import(name("b"), public("ssh-rsa AAAA")))), "KPS.0002"),
    ] {
        assert_eq!(found, (400, code.into()));
    }
    let describe = UpdateKeypairDescription::new(absent(), Description::new("").unwrap());
    for error in [
        kps.send(ListKeypairDetail::new(absent())).unwrap_err(),
        kps.send(DeleteKeypair::new(absent())).unwrap_err(),
        kps.send(describe).unwrap_err(),
    ] {
        assert!(error.is_not_found(), "{error}");
        assert_eq!(refusal(Err::<(), _>(error)), stage.no_keypair());
    }
    let own = CreateKeypair::new(name("b")).with_user_id(UserId::new(Emulator::USER_ID).unwrap());
    assert_eq!(kps.send(own).unwrap().keypair.user_id.unwrap(), Emulator::USER_ID);
    stage.emulator().refuse_next("CreateKeypair", "KPS.6008").unwrap();
    assert_eq!(refusal(kps.send(CreateKeypair::new(name("c")))), (400, "KPS.6008".into()));
}

/// Whatever the page size.
pub fn key_pairs_are_listed_once_and_in_order<S: Subject>(stage: &Stage<'_, S>) {
    let kps = stage.project("keypair-listed").kps;
    let expected: Vec<String> = (0..123).map(|n| format!("key-{n:03}")).collect();
    for name_ in &expected {
        kps.send(CreateKeypair::import(name(name_), public(LAPTOP))).unwrap();
    }
    let names = |request: ListKeypairs| -> Vec<String> {
        kps.items(request).into_iter().map(|keypair| keypair.unwrap().name.to_string()).collect()
    };
    let of = |size| ListKeypairs::new().with_limit(Limit::new(size).unwrap());
    for request in [ListKeypairs::new(), of(1), of(7), of(123), of(1000)] {
        assert_eq!(names(request), expected);
    }
    assert_eq!(names(of(50).with_marker("key-099")), expected[100..]);
    assert!(names(of(50).with_marker("key-122")).is_empty());

    let pages = kps.pages(of(50));
    let sizes: Vec<usize> = pages.iter().map(|page| page.as_ref().unwrap().keypairs.len()).collect();
    assert_eq!(sizes, [50, 50, 23]);
    let first = pages[0].as_ref().unwrap();
    let marked = |marker: Option<&str>, name: &str| marker.is_some_and(|marker| marker.ends_with(name));
    assert!(marked(first.next_marker(), "key-049"));
    let info = first.page_info.as_ref().unwrap();
    assert!(marked(info.previous_marker.as_deref(), "key-000"));
    assert_eq!(info.current_count, Some(50));
    let by_default = kps.send(ListKeypairs::new()).unwrap();
    assert_eq!(by_default.keypairs.len(), 50);
    assert!(marked(by_default.next_marker(), "key-049"));
    let keypair = &first.keypairs[0];
    assert_eq!(keypair.public_key, Some(public(LAPTOP)));
    assert_eq!((keypair.is_key_protection, &keypair.scope), (Some(false), &Some(Scope::User)));
    assert!(!keypair.frozen_state.as_ref().unwrap().is_frozen());

    assert!(stage.project(NONE).kps.items(ListKeypairs::new()).is_empty());
}

/// And then it is gone.
pub fn a_key_pair_is_described_and_deleted<S: Subject>(stage: &Stage<'_, S>) {
    let project = stage.project("keypair-detail");
    let kps = &project.kps;
    project.made("a");
    let detail = || kps.send(ListKeypairDetail::new(name("a"))).unwrap().keypair;
    let made = detail();
    assert_eq!((made.description.as_deref(), made.update_time), (Some(""), None));
    assert_eq!(made.user_id.unwrap(), Emulator::USER_ID);
    assert!(made.id.is_some());
    assert!(made.create_time.unwrap().millis().unwrap() > 1_500_000_000_000, "in milliseconds");

    for text in ["CI build agents, rotated quarterly", "每季度轮换", ""] {
        let description = Description::new(text).unwrap();
        kps.send(UpdateKeypairDescription::new(name("a"), description)).unwrap();
        assert_eq!(detail().description.as_deref(), Some(text));
    }
    assert!(detail().update_time.is_some());

    kps.send(DeleteKeypair::new(name("a"))).unwrap();
    assert_eq!(refusal(kps.send(ListKeypairDetail::new(name("a")))), stage.no_keypair());
    project.made("a");
}
