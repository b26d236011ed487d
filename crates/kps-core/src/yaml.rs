//! YAML, as far as a file of settings needs it: texts, lists and mappings. What it looks like is read by a library; this
//! makes a tree of it.

use std::rc::Rc;

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};

/// Deeper than any file of settings, and less than the stack bears.
const DEEPEST: usize = 32;
/// What refers to what refers to others is as deep as that.
const MOST_ANCHORS: usize = 100;

/// By this number the library means none.
const NO_ANCHOR: usize = 0;

/// A value.
#[derive(Debug, PartialEq)]
pub(crate) enum Node {
    /// Nothing.
    Null,
    /// A text.
    Text(String),
    /// A number, or yes or no.
    Other,
    List(Vec<Rc<Self>>),
    Map(Vec<(Rc<Self>, Rc<Self>)>),
}

impl Node {
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Rc<Self>]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub(crate) fn map(&self) -> Option<&[(Rc<Self>, Rc<Self>)]> {
        if let Self::Map(members) = self { Some(members) } else { None }
    }

    /// What a mapping has under this name, if it is not nothing.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        let (_, value) = self.map()?.iter().find(|(key, _)| key.text() == Some(name))?;
        (**value != Self::Null).then_some(value)
    }
}

/// The first document of a text, or else a fault with its place.
pub(crate) fn load(text: &str) -> Result<Rc<Node>, String> {
    let mut loader = Loader { events: Parser::new_from_str(text), named: Vec::new() };
    let mut root = Rc::new(Node::Null);
    let mut is_first = true;
    loop {
        match loader.next()? {
            Event::StreamEnd => return Ok(root),
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::DocumentEnd => is_first = false,
            event => {
                let node = loader.node(event, 0)?;
                root = if is_first { node } else { root };
            }
        }
    }
}

struct Loader<'a> {
    events: Parser<'a, StrInput<'a>>,
    /// What has an anchor, by its number. It is shared by all that refer to it, however many they are.
    named: Vec<(usize, Rc<Node>)>,
}

impl<'a> Loader<'a> {
    fn next(&mut self) -> Result<Event<'a>, String> {
        match self.events.next() {
            None => Ok(Event::StreamEnd),
            Some(Ok((event, _))) => Ok(event),
            Some(Err(fault)) => {
                let at = fault.marker();
                Err(format!("line {}, column {}: {}", at.line(), at.col() + 1, fault.info()))
            }
        }
    }

    /// The value that begins with this event.
    fn node(&mut self, event: Event<'a>, depth: usize) -> Result<Rc<Node>, String> {
        if depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        let (anchor, node) = match event {
            Event::Alias(anchor) => {
                let named = self.named.iter().find(|(known, _)| *known == anchor);
                return Ok(named.map_or_else(|| Node::Null.into(), |(_, node)| node.clone()));
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_plain = style == ScalarStyle::Plain && tag.is_none_or(|tag| tag.suffix != "str");
                (anchor, if is_plain { plain(&text) } else { Node::Text(text.into()) })
            }
            Event::SequenceStart(anchor, _) => (anchor, self.list(depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.map(depth)?),
            _ => (NO_ANCHOR, Node::Null),
        };
        let node = Rc::new(node);
        if anchor != NO_ANCHOR {
            self.named.push((anchor, node.clone()));
        }
        if self.named.len() > MOST_ANCHORS {
            return Err(format!("it has more than {MOST_ANCHORS} anchors"));
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Node, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Node::List(items)),
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Node, String> {
        let mut members = Vec::new();
        loop {
            match self.next()? {
                Event::MappingEnd => return Ok(Node::Map(members)),
                event => {
                    let key = self.node(event, depth + 1)?;
                    let value = self.next()?;
                    members.push((key, self.node(value, depth + 1)?));
                }
            }
        }
    }
}

/// What is written without quotes.
fn plain(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => Node::Other,
        _ if text.parse::<f64>().is_ok() => Node::Other,
        _ => Node::Text(text.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(node: &Node) -> String {
        let all = |items: Vec<String>| items.join(",");
        match node {
            Node::Null => "-".into(),
            Node::Text(text) => format!("{text:?}"),
            Node::Other => "?".into(),
            Node::List(items) => format!("[{}]", all(items.iter().map(|item| shown(item)).collect())),
            Node::Map(members) => {
                let one = |(key, value): &(Rc<Node>, Rc<Node>)| format!("{}:{}", shown(key), shown(value));
                format!("{{{}}}", all(members.iter().map(one).collect()))
            }
        }
    }

    #[test]
    fn a_tree_is_made() {
        for (text, tree) in [
            ("", "-"),
            ("# nothing\n", "-"),
            ("---\n...\n", "-"),
            ("a", r#""a""#),
            (
                "- a\n- 'b'\n- \"c\\n\"\n- 1\n- '1'\n- 1.5\n- true\n- ~\n-\n- !!str 7\n",
                r#"["a","b","c\n",?,"1",?,?,-,-,"7"]"#,
            ),
            (
                "a: {b: [c], d: }\ne:\n  - f: g\n    h: |\n      i\n",
                r#"{"a":{"b":["c"],"d":-},"e":[{"f":"g","h":"i\n"}]}"#,
            ),
            ("a: &x [b]\nc: *x\nd: &y e\nf: *y\n", r#"{"a":["b"],"c":["b"],"d":"e","f":"e"}"#),
            ("a\n--- \nb\n", r#""a""#),
            ("---\n---\nb\n", "-"),
            ("密钥: 对", r#"{"密钥":"对"}"#),
        ] {
            assert_eq!(shown(&load(text).unwrap()), tree, "{text}");
        }
    }

    #[test]
    fn a_fault_is_told_and_nothing_grows_without_bounds() {
        let anchors: String = (0..200).map(|n| format!("- &{n} a\n")).collect();
        for (text, fault) in [
            ("a: b: c", "line 1, column "),
            ("- 'a", "line "),
            ("a\n--- \n[", "line "),
            (&"[".repeat(40), "it is nested more than 32 deep"),
            (&"[".repeat(100_000), "line 1, column "),
            (&anchors, "it has more than 100 anchors"),
            (&"- ".repeat(100_000), "it is nested more than 32 deep"),
            ("a: *x", "line 1, column "),
        ] {
            let found = load(text).unwrap_err();
            assert!(found.starts_with(fault), "{found}");
        }
        let laughs = (1..60).map(|n| format!("l{n}: &l{n} [*l{0}, *l{0}]\n", n - 1)).collect::<String>();
        assert!(load(&format!("l0: &l0 a\n{laughs}")).is_ok());
    }
}
