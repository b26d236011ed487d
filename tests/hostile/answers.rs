//! Broken HTTP: what is too much, too slow, cut, or a lie.

use std::io::Write;

use kps_core::ErrorKind::Decode;

use crate::case::Outcome::{Fails, Items, OneOf};
use crate::case::{BROKEN, Case, LARGE, LATE, UNREADABLE, case, refused};
use crate::says::{CHUNKED, head, ok, repeat, say, stall, with_body};
use crate::server::{Act, MIB};

pub(crate) fn large_answers() -> Vec<Case> {
    let block = vec![b'x'; 64 << 10];
    let mut chunk = format!("{:x}\r\n", block.len()).into_bytes();
    chunk.extend_from_slice(&block);
    chunk.extend_from_slice(b"\r\n");
    let stated = |length: &str| head("200 OK", &format!("content-length: {length}\r\n"));
    vec![
        case("a length beyond the cap", repeat(stated("1048577"), &block[..]), LARGE).narrow(),
        case("the greatest length there is", repeat(stated("18446744073709551615"), &block[..]), BROKEN)
            .narrow()
            .but_blocking(
                LARGE,
                "hyper takes the two greatest lengths for marks of its own and refuses them",
            ),
        case("a length of 2^63", repeat(stated("9223372036854775808"), &block[..]), LARGE).narrow(),
        case("a length for which there is no room", say(stated("4611686018427387904") + "{"), LARGE)
            .at_most(usize::MAX),
        case("chunks without end", repeat(CHUNKED, chunk.clone()), LARGE).narrow(),
        case("chunks of a byte without end", repeat(CHUNKED, "1\r\nx\r\n".repeat(4096)), LARGE)
            .at_most(64 << 10),
        case("one chunk without end", repeat(format!("{CHUNKED}fffffffffffffff\r\n"), &block[..]), LARGE)
            .narrow(),
        case("a body until the end that never comes", repeat(head("200 OK", ""), &block[..]), LARGE).narrow(),
        case("the same of HTTP/1.0", repeat("HTTP/1.0 200 OK\r\n\r\n", &block[..]), LARGE).narrow(),
        case("a refusal without end", repeat(head("500 Oh", ""), &block[..]), LARGE).narrow(),
        case("a body of the cap", say(ok(vec![b' '; MIB])), UNREADABLE).narrow(),
        case("a call that needs no body gets one without end", repeat(head("200 OK", ""), &block[..]), LARGE)
            .narrow()
            .tells(),
    ]
}

pub(crate) fn slow_answers() -> Vec<Case> {
    const PILED: &str = "ureq takes what has piled up of them for one head that is too large";
    let stated = head("200 OK", "content-length: 9\r\n");
    vec![
        case("silence", stall(""), LATE),
        case("a byte of the head", stall("H"), LATE),
        case("most of the head", stall("HTTP/1.1 200 OK\r\nserver: x\r\n"), LATE),
        case("a head", stall(stated.as_str()), LATE),
        case("a head and a byte", stall(format!("{stated}{{")), LATE),
        case("a head, chunks to come", stall(CHUNKED), LATE),
        case("a chunk and no more", stall(format!("{CHUNKED}2\r\n{{}}\r\n")), LATE),
        case("chunks without the last line", stall(format!("{CHUNKED}2\r\n{{}}\r\n0\r\n")), LATE),
        case("a body until the end that is awaited", stall(format!("{}{{}}", head("200 OK", ""))), LATE),
        case("100 Continue and no more", stall("HTTP/1.1 100 Continue\r\n\r\n"), LATE),
        // A byte always comes in time, so that only a time-out over the whole ends it.
        case("a trickle of chunks", repeat(CHUNKED, "1\r\n \r\n"), LATE),
        case("a trickle until the end", repeat(head("200 OK", ""), " "), LATE),
        case("a trickle of 100 Continue", repeat("", "HTTP/1.1 100 Continue\r\n\r\n"), LATE)
            .but_blocking(OneOf(&[LATE, BROKEN]), PILED),
        case("a trickle of 103", repeat("", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"), LATE)
            .but_blocking(OneOf(&[LATE, BROKEN]), PILED),
        case("a trickle of 102", repeat("", "HTTP/1.1 102 Processing\r\n\r\n"), LATE)
            .but_blocking(OneOf(&[LATE, BROKEN]), PILED),
    ]
}

pub(crate) fn cut_answers() -> Vec<Case> {
    vec![
        case("nothing", say(""), BROKEN),
        case("cut within the first line", say("HTTP/1.1 2"), BROKEN),
        case("cut within the head", say("HTTP/1.1 200 OK\r\ncontent-le"), BROKEN),
        case("cut before the last line of the head", say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"), BROKEN),
        case("cut within the body", say(format!("{}{{}}", head("200 OK", "content-length: 9\r\n"))), BROKEN),
        case("a length and no body", say(head("200 OK", "content-length: 9\r\n")), BROKEN),
        case("chunks without the last", say(format!("{CHUNKED}2\r\n{{}}\r\n")), BROKEN),
        case("cut within a chunk", say(format!("{CHUNKED}9\r\n{{}}")), BROKEN),
        case("cut within the size of a chunk", say(format!("{CHUNKED}2")), BROKEN),
        case("no chunk at all", say(CHUNKED), BROKEN),
        case(
            "a refusal that is cut",
            say(format!("{}{{}}", head("400 Oh", "content-length: 9\r\n"))),
            BROKEN,
        ),
        case("cut, and no body is needed", say(head("200 OK", "content-length: 9\r\n")), BROKEN).tells(),
        case("a whole body until the end", say(format!("{}{{}}", head("200 OK", ""))), Items(0)),
        case("half a body until the end", say(format!("{}{{", head("200 OK", ""))), UNREADABLE),
    ]
}

pub(crate) fn lengths_that_lie() -> Vec<Case> {
    let stated = |headers: &str, body: &str| say(format!("{}{body}", head("200 OK", headers)));
    vec![
        case("a body longer than stated", stated("content-length: 2\r\n", "{}{\"tasks\":1}"), Items(0)),
        case("two lengths", stated("content-length: 2\r\ncontent-length: 3\r\n", "{} "), BROKEN),
        case(
            "two lengths the other way",
            stated("content-length: 3\r\ncontent-length: 2\r\n", "{} "),
            BROKEN,
        ),
        case("two lengths in one", stated("content-length: 2, 3\r\n", "{} "), BROKEN),
        case("twice the same length", stated("content-length: 2\r\ncontent-length: 2\r\n", "{}"), Items(0)),
        case("a negative length", stated("content-length: -2\r\n", "{}"), BROKEN),
        case("a length with a sign", stated("content-length: +2\r\n", "{}"), BROKEN),
        case("a length that is none", stated("content-length: two\r\n", "{}"), BROKEN),
        case("a length beyond 64 bits", stated("content-length: 18446744073709551616\r\n", "{}"), BROKEN),
        case("an empty length", stated("content-length: \r\n", "{}"), BROKEN),
        case(
            "a length and chunks",
            stated("content-length: 9\r\ntransfer-encoding: chunked\r\n", "2\r\n{}\r\n0\r\n\r\n"),
            Items(0),
        ),
        case(
            "chunks and a length",
            stated("transfer-encoding: chunked\r\ncontent-length: 1\r\n", "2\r\n{}\r\n0\r\n\r\n"),
            Items(0),
        ),
        case(
            "a chunk of a size that is none",
            stated("transfer-encoding: chunked\r\n", "xyz\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a chunk of negative size",
            stated("transfer-encoding: chunked\r\n", "-2\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a chunk beyond 64 bits",
            stated("transfer-encoding: chunked\r\n", "10000000000000002\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a chunk longer than its size",
            stated("transfer-encoding: chunked\r\n", "1\r\n{}\r\n0\r\n\r\n"),
            BROKEN,
        ),
        case(
            "a coding that nobody knows",
            stated("transfer-encoding: zip\r\ncontent-length: 2\r\n", "{}"),
            Items(0),
        ),
    ]
}

pub(crate) fn odd_bodies() -> Vec<Case> {
    let html = "<html><body>Welcome to the proxy</body></html>";
    let mut cases = vec![
        case("a page of HTML", say(ok(html)), UNREADABLE),
        case("a page of HTML, refused", say(with_body("502 Bad Gateway", "", html)), refused(502)),
        case("an empty refusal", say(with_body("503 Oh", "", "")), refused(503)),
        case("an empty 200", say(ok("")), UNREADABLE),
        case("an empty 200 where none is needed", say(ok("")), Items(0)).tells(),
        case("HTML where no body is needed", say(ok(html)), Items(0)).tells(),
        case("204", say(head("204 No Content", "")), Fails(Decode, Some(204))),
        case("204 where no body is needed", say(head("204 No Content", "")), Items(0)).tells(),
        case("204 with a body", say(with_body("204 No Content", "", "{}")), Fails(Decode, Some(204))),
        case("204 with a body where none is needed", say(with_body("204 No Content", "", "{}")), Items(0))
            .tells(),
        case("205 with a body", say(with_body("205 Reset Content", "", "{}")), Items(0)),
        case("299", say(with_body("299 Odd", "", "{}")), Items(0)),
        case("304 with a length", say(head("304 Not Modified", "content-length: 9\r\n")), refused(304)),
    ];
    for body in ["null", "\"x\"", "1", "true", "", " ", "{", "{}}", "{} {}", "\u{feff}{}"] {
        cases.push(case(format!("the body {body:?}"), say(ok(body)), UNREADABLE));
    }
    cases
}

pub(crate) fn odd_statuses() -> Vec<Case> {
    let page = "content-length: 2\r\n\r\n{}";
    let mut cases = vec![
        case(
            "100 before the answer",
            say(format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n{page}")),
            Items(0),
        ),
        case(
            "103 before the answer",
            say(format!("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n{page}")),
            Items(0),
        ),
        case(
            "a hundred of them before the answer",
            say(format!("{}HTTP/1.1 200 OK\r\n{page}", "HTTP/1.1 102 Processing\r\n\r\n".repeat(100))),
            Items(0),
        ),
        case(
            "101",
            say("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n"),
            refused(101),
        ),
        case("status 000", say(format!("HTTP/1.1 000 Oh\r\n{page}")), BROKEN),
        case("status 099", say(format!("HTTP/1.1 099 Oh\r\n{page}")), BROKEN),
        case("status 999", say(format!("HTTP/1.1 999 Oh\r\n{page}")), refused(999)),
        case("status 1000", say(format!("HTTP/1.1 1000 Oh\r\n{page}")), BROKEN),
        case("status 20", say(format!("HTTP/1.1 20 Oh\r\n{page}")), BROKEN),
        case("no status", say(format!("HTTP/1.1 OK\r\n{page}")), BROKEN),
        case("status -200", say(format!("HTTP/1.1 -200 OK\r\n{page}")), BROKEN),
    ];
    for status in [300, 304] {
        let answer = head(&format!("{status} Oh"), "content-length: 0\r\n");
        cases.push(case(format!("{status} without a place"), say(answer), refused(status)));
    }
    cases
}

pub(crate) fn what_is_no_http() -> Vec<Case> {
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    vec![
        case("garbage", say(&b"\x00\xff\x13\x37garbage\r\n\r\n"[..]), BROKEN),
        case("lines without end", repeat("", "\r\n".repeat(4096)), BROKEN).narrow(),
        case("zeros without end", repeat("", vec![0; 64 << 10]), BROKEN).narrow(),
        case("HTTP/0.9", say("{}"), BROKEN),
        case("HTTP/0.9 in its own words", say("HTTP/0.9 200 OK\r\ncontent-length: 2\r\n\r\n{}"), BROKEN),
        case("HTTP/1.0", say("HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}"), Items(0)),
        case("HTTP/1.2", say("HTTP/1.2 200 OK\r\ncontent-length: 2\r\n\r\n{}"), BROKEN),
        case("HTTP/2", say("HTTP/2 200 OK\r\ncontent-length: 2\r\n\r\n{}"), BROKEN),
        case("the beginning of HTTP/2", say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), BROKEN),
        case("the settings of HTTP/2", say(&b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"[..]), BROKEN),
        case("a record of TLS", say(&b"\x15\x03\x03\x00\x02\x02\x28"[..]), BROKEN),
        case("a request", say("GET / HTTP/1.1\r\nhost: x\r\n\r\n"), BROKEN),
        case("a greeting of SSH", say("SSH-2.0-OpenSSH_9.9\r\n"), BROKEN),
        // Whether it comes before or after the request is sent is up to the moment.
        case("an answer before the request", Act::Blurt(ok.into()), OneOf(&[Items(0), BROKEN])),
        case("an answer before the request with a body", Act::Blurt(ok.into()), OneOf(&[Items(0), BROKEN]))
            .tells(),
        case("garbage before the request", Act::Blurt(b"\x00garbage\r\n\r\n".to_vec()), BROKEN),
    ]
}

pub(crate) fn large_heads() -> Vec<Case> {
    let many = |count: usize| (0..count).fold(String::new(), |headers, n| format!("{headers}x-{n}: {n}\r\n"));
    let answer =
        |headers: &str| say(format!("{}{{}}", head("200 OK", &format!("{headers}content-length: 2\r\n"))));
    let letters = "x".repeat(64 << 10);
    vec![
        case("90 headers", answer(&many(90)), Items(0)),
        case("10,000 headers", answer(&many(10_000)), BROKEN),
        case("a header of 16 KiB", answer(&format!("x: {}\r\n", &letters[..16 << 10])), Items(0)),
        case("a header of 1 MiB", answer(&format!("x: {}\r\n", letters.repeat(16))), BROKEN),
        case("headers without end", repeat("HTTP/1.1 200 OK\r\n", "a: b\r\n".repeat(4096)), BROKEN).narrow(),
        case("a header without end", repeat("HTTP/1.1 200 OK\r\na: ", letters.clone()), BROKEN).narrow(),
        case("a name without end", repeat("HTTP/1.1 200 OK\r\n", letters.clone()), BROKEN).narrow(),
        case("a reason without end", repeat("HTTP/1.1 200 ", letters.clone()), BROKEN).narrow(),
        case("no reason", say("HTTP/1.1 200\r\ncontent-length: 2\r\n\r\n{}"), Items(0)),
        case("a header without a colon", answer("abc\r\n"), BROKEN),
        case("a header that goes on on the next line", answer("a: b\r\n c\r\n"), BROKEN),
        case("a header with a byte 0", answer("a: \0\r\n"), BROKEN),
        case(
            "trailers without end",
            repeat(format!("{CHUNKED}2\r\n{{}}\r\n0\r\n"), "a: b\r\n".repeat(4096)),
            BROKEN,
        )
        .but_blocking(LATE, "ureq reads and drops them, one after the other"),
        case(
            "a trailer without end",
            repeat(format!("{CHUNKED}2\r\n{{}}\r\n0\r\na: "), letters.clone()),
            BROKEN,
        )
        .narrow(),
        case("the extension of a chunk without end", repeat(format!("{CHUNKED}2;"), letters.clone()), BROKEN)
            .narrow(),
        case("the size of a chunk without end", repeat(CHUNKED, "0".repeat(64 << 10)), BROKEN)
            .but_awaited(LATE, "hyper reads on, for a number may begin with any number of zeros"),
    ]
}

/// Zeros that nobody asked to be packed: unpacked they are far beyond the cap.
pub(crate) fn packed_bodies() -> Vec<Case> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&vec![b' '; 16 * MIB]).unwrap();
    packer.write_all(b"{}").unwrap();
    let bomb = packer.finish().unwrap();
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(b"{}").unwrap();
    let small = packer.finish().unwrap();
    let encoded = |status, coding, body: &[u8]| {
        say(with_body(status, &format!("content-encoding: {coding}\r\n"), body))
    };
    vec![
        case("a bomb", encoded("200 OK", "gzip", &bomb), UNREADABLE).narrow(),
        case("a page that is packed", encoded("200 OK", "gzip", &small), UNREADABLE),
        case("a page said to be packed", encoded("200 OK", "gzip", b"{}"), Items(0)),
        case("a coding that nobody knows", encoded("200 OK", "br, deflate, x", &small), UNREADABLE),
        case("a bomb as a refusal", encoded("400 Bad Request", "gzip", &bomb), refused(400)).narrow(),
        case("a bomb where no body is needed", encoded("200 OK", "gzip", &bomb), Items(0)).narrow().tells(),
    ]
}
