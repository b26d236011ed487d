//! The page for people, as it is seen in a browser. Time goes by the page's own buttons.
#![cfg(unix)]
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod browser;

use std::path::Path;

use kps_emulator::{Emulator, Seed, Server};
use kps_ureq::{
    AssociateKeypair, Client, Description, HttpOptions, KeypairName, ListKeypairs, Login, Proxy, Region,
    Retries, UpdateKeypairDescription,
};

use browser::Browser;

/// An emulator whose time stands, a client of it, and its page.
fn open() -> (Server, Client, Browser) {
    let server = Server::start(Emulator::new()).unwrap();
    let builder = kps_ureq::builder().region(Region::CN_NORTH_4).endpoint(server.endpoint());
    let builder = builder.project_id(Emulator::project_id()).credentials(Emulator::credentials());
    let http = HttpOptions::new().with_proxy(Proxy::None);
    let kps = builder.http(http).retries(Retries::none()).build().unwrap();
    let browser = Browser::open(&format!("{}/_emulator/ui", server.endpoint()));
    browser.wait("document.getElementById('connection').textContent === 'Live'");
    server.emulator().freeze();
    (server, kps, browser)
}

fn bind(server: &Server, kps: &Client, password: &str) {
    let target = server.emulator().servers(&Emulator::project_id())[0].id.clone();
    let login = Login::password(password);
    let bind =
        AssociateKeypair::new(KeypairName::new("bastion").unwrap(), kps_ureq::Server::running(target, login));
    kps.send(bind).unwrap().accepted().unwrap();
}

#[test]
fn a_bind_is_seen_from_its_acceptance_to_its_end() {
    let (server, kps, browser) = open();
    bind(&server, &kps, "Emulator-Only-1");
    browser.wait_for_row("tasks", &["READY_BIND", "bastion", "build-01", "starts in 2 s"]);
    browser.wait_for_row("journal", &["202", "AssociateKeypair"]);
    browser.click("#next");
    browser.wait_for_row("tasks", &["RUNNING_BIND", "ends in 10 s"]);
    browser.wait("document.getElementById('news').textContent === 'RUNNING_BIND of bastion on build-01.'");
    browser.click("#advance");
    browser.wait_for_row("tasks", &["SUCCESS_BIND", "build-01", "ended at"]);
    browser.wait_for_row("servers", &["build-01", "bastion", "SHA256:"]);
    assert_eq!(browser.complaints(), [""; 0]);
    assert!(server.emulator().calls().len() == 1, "the page asks nothing of the service");
}

#[test]
fn a_failed_bind_is_seen_with_its_reason_by_the_keyboard_alone() {
    let (server, kps, browser) = open();
    bind(&server, &kps, "guessed");
    browser.wait_for_row("tasks", &["READY_BIND"]);
    browser.press("Next event");
    browser.wait_for_row("tasks", &["RUNNING_BIND"]);
    browser.press_again();
    let reason = "Failed to log in to the server: the password is wrong";
    browser.wait_for_row("tasks", &["FAILED_BIND", "bastion", reason]);
    browser.wait_for_row("failed", &["FAILED_BIND", "build-01", reason]);
    assert_eq!(browser.eval("document.querySelectorAll('#failed tbody tr').length"), 8);
    browser.press("Show all 44");
    browser.wait("document.querySelectorAll('#failed tbody tr').length === 44");
}

#[test]
fn faults_are_switched_on_and_off() {
    let (_server, kps, browser) = open();
    let pressed = |is: bool| {
        browser.wait(&format!("document.querySelectorAll('#presets [aria-pressed={is}]')[1].textContent"));
    };
    browser.click("#presets button:nth-child(2)");
    browser.wait("document.querySelector('#presets [aria-pressed=true]').textContent === '503 in front'");
    browser.wait_for_row("faults", &[r#"{"status":503}"#, "0 seen"]);
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), Some(503));
    browser.wait_for_row("injected", &[r#"{"status":503}"#, "ListKeypairs"]);
    browser.wait_for_row("faults", &["1 seen"]);
    browser.click("#presets button:nth-child(4)");
    pressed(true);
    browser.click("#presets button:nth-child(2)");
    browser
        .wait("document.querySelector('#presets [aria-pressed=true]').textContent === 'Broken connection'");
    assert_eq!(kps.send(ListKeypairs::new()).unwrap_err().status(), None);
    browser.wait_for_row("journal", &["broken", "ListKeypairs", "did not act", "reset_before"]);
    browser.press("Take back reset_before");
    browser.wait("document.querySelector('#presets [aria-pressed=true]') === null");
    assert!(kps.send(ListKeypairs::new()).is_ok());
}

#[test]
fn servers_the_clock_and_the_seed_are_steered() {
    let (server, kps, browser) = open();
    bind(&server, &kps, "Emulator-Only-1");
    browser.wait_for_row("tasks", &["READY_BIND"]);
    browser.click("[aria-label='Shut off build-01']");
    browser.wait_for_row("servers", &["build-01", "shut off"]);
    browser.wait("document.getElementById('freeze').textContent === 'Thaw'");
    browser.click("#freeze");
    browser.wait("document.getElementById('pace').textContent === 'goes'");
    browser.click("#freeze");
    browser.wait("document.getElementById('pace').textContent === 'stands'");
    browser.click("#reset");
    browser.click("#confirm-no");
    browser.wait("!document.getElementById('confirm').open");
    assert_eq!(server.emulator().calls().len(), 1, "it asks first");
    browser.click("#reset");
    browser.click("#confirm-yes");
    browser.wait("document.querySelectorAll('#tasks tbody tr, #journal li').length === 0");
    browser.wait_for_row("servers", &["build-01", "running"]);
}

#[test]
fn a_failed_task_that_a_seed_has_twice_is_shown_twice() {
    let (server, _kps, browser) = open();
    let seed = r#"{"projects":{"p":{"failed_tasks":[{"task_id":"t-1"},{"task_id":"t-1"}]}}}"#;
    server.emulator().replace_seed(Seed::from_json(seed.as_bytes()).unwrap());
    let rows = || browser.eval("document.querySelectorAll('#failed tbody tr').length");
    browser.wait("document.querySelectorAll('#failed tbody tr').length === 2");
    for pace in ["stands", "goes", "stands"] {
        browser.click("#freeze");
        browser.wait(&format!("document.getElementById('pace').textContent === '{pace}'"));
        assert_eq!(rows(), 2);
    }
}

#[test]
fn what_is_shown_is_text() {
    let (_server, kps, browser) = open();
    let hostile = "<img src=x onerror=alert(1)><b>&amp;";
    let describe = UpdateKeypairDescription::new(
        KeypairName::new("bastion").unwrap(),
        Description::new(hostile).unwrap(),
    );
    kps.send(describe).unwrap();
    browser.wait_for_row("keypairs", &["bastion", hostile]);
    browser.wait_for_row("journal", &["UpdateKeypairDescription", "***"]);
    assert_eq!(browser.eval("document.querySelectorAll('img, b').length"), 0);
    assert_eq!(browser.complaints(), [""; 0]);
}

/// With pictures of it, for whoever wants to look.
#[test]
fn it_fits_a_phone_and_can_be_read_by_day_and_by_night() {
    let (server, kps, browser) = open();
    bind(&server, &kps, "guessed");
    server.emulator().advance_to_next_event();
    server.emulator().advance_to_next_event();
    bind(&server, &kps, "Emulator-Only-1");
    server.emulator().advance_to_next_event();
    kps.send(ListKeypairs::new()).unwrap();
    browser.click("#presets button:nth-child(2)");
    browser.wait_for_row("faults", &["503"]);
    assert!(kps.send(ListKeypairs::new()).is_err());
    browser.wait_for_row("injected", &["503"]);
    browser.wait_for_row("tasks", &["RUNNING_BIND"]);
    browser.click("#journal summary");
    for (name, width, height, scheme) in
        [("light", 1280, 1700, "light"), ("dark", 1280, 1700, "dark"), ("phone", 360, 2400, "light")]
    {
        browser.be(width, height, scheme);
        browser.wait(&format!(
            "innerWidth === {width} && matchMedia('(prefers-color-scheme: {scheme})').matches"
        ));
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{name}.png"));
        std::fs::write(path, browser.picture()).unwrap();
        assert!(
            browser.eval("document.documentElement.scrollWidth").as_u64() <= Some(width.into()),
            "{name}"
        );
        assert_eq!(browser.eval(FAINTEST).as_str(), None, "{name}");
    }
}

/// The first text whose contrast to what is behind it is less than 4.5, which is what is asked of a page that all can read.
const FAINTEST: &str = include_str!("faintest.js");
