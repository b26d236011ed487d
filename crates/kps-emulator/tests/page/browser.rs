//! A headless Chromium, driven by its own driver in the words of WebDriver.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};
use ureq::{Agent, http};

/// What an element is called in the answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";

/// A browser with one page. Dropping it closes it.
pub(crate) struct Browser {
    driver: Child,
    agent: Agent,
    session: String,
}

impl Browser {
    pub(crate) fn open(page: &str) -> Self {
        let mut driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned())
        });
        let config = Agent::config_builder().http_status_as_error(false).proxy(None).build();
        let endpoint = format!("http://127.0.0.1:{}/session", port.unwrap());
        let mut browser = Self { driver, agent: Agent::new_with_config(config), session: endpoint };
        // Root has no sandbox, and the page is ours.
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,1000"];
        let capabilities = json!({
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
            "timeouts": {"script": 30_000},
        });
        let opened = browser.post("", &json!({"capabilities": {"alwaysMatch": capabilities}}));
        browser.session = format!("{}/{}", browser.session, opened["sessionId"].as_str().unwrap());
        browser.post("/url", &json!({"url": page}));
        browser
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.agent.post(format!("{}{path}", self.session));
        let answer = request.header("content-type", "application/json").send(body.to_string()).unwrap();
        read(path, answer)
    }

    /// What a script returns.
    pub(crate) fn eval(&self, expression: &str) -> Value {
        self.post("/execute/sync", &json!({"script": format!("return {expression};"), "args": []}))
    }

    /// Waits until an expression is true of the page, looking at each change of it.
    pub(crate) fn wait(&self, expression: &str) {
        let script = format!(
            "const done = arguments[0];
            const is = () => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }};
            if (is()) return done(true);
            const observer = new MutationObserver(() => {{
                if (is()) {{ observer.disconnect(); done(true); }}
            }});
            const all = {{ subtree: true, childList: true, characterData: true, attributes: true }};
            observer.observe(document, all);"
        );
        let body = json!({"script": script, "args": []});
        let request = self.agent.post(format!("{}/execute/async", self.session));
        let answer = request.header("content-type", "application/json").send(body.to_string()).unwrap();
        assert!(
            answer.status() == 200,
            "{expression} did not come true: {}",
            self.eval("document.body.innerText")
        );
    }

    /// Waits until some row of a list holds all of these texts.
    pub(crate) fn wait_for_row(&self, list: &str, texts: &[&str]) {
        self.wait(&format!(
            "[...document.querySelectorAll('#{list} :is(tbody tr, li)')].some((row) =>
                {}.every((text) => row.textContent.includes(text)))",
            json!(texts),
        ));
    }

    /// Clicks on what is there to be seen.
    pub(crate) fn click(&self, css: &str) {
        let found = self.post("/element", &json!({"using": "css selector", "value": css}));
        let element = found[ELEMENT].as_str().unwrap().to_owned();
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Goes from control to control by the keyboard until one has this name, and presses it.
    pub(crate) fn press(&self, name: &str) {
        let named =
            format!("(document.activeElement.ariaLabel ?? document.activeElement.textContent) === {name:?}");
        let reached = (0..200).any(|_| {
            self.key(TAB);
            self.eval(&named) == true
        });
        assert!(reached, "no way to {name} by the keyboard");
        let ring = "getComputedStyle(document.activeElement).outlineStyle";
        assert_eq!(self.eval(ring), "solid", "it is seen where the keyboard is");
        self.key(ENTER);
    }

    /// Presses what has the keyboard once more.
    pub(crate) fn press_again(&self) {
        self.key(ENTER);
    }

    fn key(&self, key: &str) {
        let strokes = [json!({"type": "keyDown", "value": key}), json!({"type": "keyUp", "value": key})];
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]}));
    }

    /// Makes it a screen of this size, and light or dark.
    pub(crate) fn be(&self, width: u32, height: u32, scheme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        let scheme = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        for (command, parameters) in
            [("Emulation.setDeviceMetricsOverride", size), ("Emulation.setEmulatedMedia", scheme)]
        {
            self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters}));
        }
    }

    /// A picture of what is seen.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let answer = self.agent.get(format!("{}/screenshot", self.session)).call().unwrap();
        Base64::decode_vec(read("/screenshot", answer).as_str().unwrap()).unwrap()
    }

    /// What the browser complains of, such as what the page may not load.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let told = self.post("/se/log", &json!({"type": "browser"}));
        told.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }
}

fn read(path: &str, mut answer: http::Response<ureq::Body>) -> Value {
    let mut told: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
    assert!(answer.status() == 200, "{path}: {}", told["value"]);
    told["value"].take()
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser first, which outlives its driver otherwise.
        drop(self.agent.delete(&self.session).call());
        drop(self.driver.kill());
        drop(self.driver.wait());
    }
}
