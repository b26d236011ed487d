//! What `kps failed` prints, by hand on the bare HTTP client, as a program without an SDK would do it. `benches/cost.rs`
//! measures against it.
//!
//! `bare table|ndjson HOST:PORT`, for an emulator.
#![allow(clippy::disallowed_methods, clippy::expect_used, reason = "it is a program to measure against")]

use std::io::{self, Write};
use std::time::SystemTime;

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use kps_emulator::Emulator;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Deserialize)]
struct Page {
    total: usize,
    tasks: Vec<Task>,
}

#[derive(Serialize, Deserialize)]
struct Task {
    task_id: String,
    operate_type: String,
    task_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_error_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    task_error_msg: Option<String>,
    server_name: String,
    server_id: String,
    keypair_name: String,
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (form, host) = (arguments.next().expect("a form"), arguments.next().expect("an address"));
    let agent = ureq::Agent::new_with_defaults();
    let mut tasks = Vec::new();
    loop {
        let page = page(&agent, &host, tasks.len());
        tasks.extend(page.tasks);
        if tasks.len() >= page.total {
            break;
        }
    }
    let mut out = io::BufWriter::with_capacity(64 * 1024, io::stdout());
    let printed = if form == "table" { table(&mut out, &tasks) } else { lines(&mut out, &tasks) };
    printed.and_then(|()| out.flush()).expect("it cannot be written");
}

fn page(agent: &ureq::Agent, host: &str, offset: usize) -> Page {
    let mut request = agent
        .get(format!("http://{host}/v3/{}/failed-tasks?limit=1000&offset={offset}", Emulator::PROJECT_ID));
    for (name, value) in signed(host, offset) {
        request = request.header(name, value);
    }
    let body = request.call().expect("an answer").body_mut().read_to_vec().expect("a body");
    serde_json::from_slice(&body).expect("a page")
}

fn signed(host: &str, offset: usize) -> [(&'static str, String); 4] {
    const SIGNED: &str = "content-type;host;x-project-id;x-sdk-date";
    let (project, empty) = (Emulator::PROJECT_ID, hex::encode(Sha256::digest(b"")));
    let date = Timestamp::try_from(SystemTime::now()).expect("a time").strftime("%Y%m%dT%H%M%SZ").to_string();
    let canonical = format!(
        "GET\n/v3/{project}/failed-tasks/\nlimit=1000&offset={offset}\ncontent-type:application/json\nhost:{host}\n\
         x-project-id:{project}\nx-sdk-date:{date}\n\n{SIGNED}\n{empty}"
    );
    let mut mac =
        Hmac::<Sha256>::new_from_slice(Emulator::SECRET_ACCESS_KEY.as_bytes()).expect("any length will do");
    mac.update(format!("SDK-HMAC-SHA256\n{date}\n{}", hex::encode(Sha256::digest(canonical))).as_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    let key = Emulator::ACCESS_KEY_ID;
    [
        ("content-type", "application/json".into()),
        ("x-project-id", project.into()),
        ("x-sdk-date", date),
        (
            "authorization",
            format!("SDK-HMAC-SHA256 Access={key}, SignedHeaders={SIGNED}, Signature={signature}"),
        ),
    ]
}

fn lines(out: &mut impl Write, tasks: &[Task]) -> io::Result<()> {
    tasks.iter().try_for_each(|task| {
        serde_json::to_writer(&mut *out, task)?;
        out.write_all(b"\n")
    })
}

fn table(out: &mut impl Write, tasks: &[Task]) -> io::Result<()> {
    let header = ["TASK", "OPERATION", "WHEN", "ERROR", "SERVER", "KEY PAIR"].map(str::to_owned);
    let mut rows = vec![header];
    rows.extend(tasks.iter().map(|task| {
        let time = task.task_time.parse().ok().and_then(|millis| Timestamp::from_millisecond(millis).ok());
        [
            task.task_id.clone(),
            task.operate_type.clone(),
            time.map(|time| time.to_string()).unwrap_or_default(),
            task.task_error_msg.clone().or_else(|| task.task_error_code.clone()).unwrap_or_default(),
            task.server_name.clone(),
            task.keypair_name.clone(),
        ]
    }));
    let mut widths = [0; 6];
    for row in &rows {
        widths.iter_mut().zip(row).for_each(|(width, cell)| *width = (*width).max(cell.chars().count()));
    }
    for row in &rows {
        let line: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        writeln!(out, "{}", line.join("  ").trim_end())?;
    }
    Ok(())
}
