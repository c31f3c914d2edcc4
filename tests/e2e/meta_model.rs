//! The LSP meta model (`meta_model/model.json`): whether a message is one that the protocol knows.

use std::sync::LazyLock;

use serde_json::{Map, Value};

static MODEL: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("meta_model/model.json")).expect("make.py writes JSON"));

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// Checks a request or notification. Methods of our own (`pytest-medic/…`) are none of the protocol's.
pub fn check_call(side: Side, message: &Value) -> Result<(), String> {
    only(message, &["jsonrpc", "id", "method", "params"])?;
    let method = message["method"].as_str().ok_or("a method is a string")?;
    let kind = if message.get("id").is_some() { "requests" } else { "notifications" };
    if method.starts_with("pytest-medic/") {
        return Ok(());
    }
    let entry = MODEL[kind].get(method).ok_or_else(|| format!("there is no {method} in the protocol's {kind}"))?;
    let may = match side {
        Side::Client => "clientToServer",
        Side::Server => "serverToClient",
    };
    if entry["from"] != may && entry["from"] != "both" {
        return Err(format!("{method} is {}", entry["from"]));
    }
    let params = message.get("params").unwrap_or(&Value::Null);
    check(&entry["params"], params, method)?;
    match method {
        "$/progress" => check_progress(&params["value"]),
        "client/registerCapability" => check_registrations(params),
        _ => Ok(()),
    }
}

/// Checks the answer to a request of `method`.
pub fn check_answer(method: &str, message: &Value) -> Result<(), String> {
    only(message, &["jsonrpc", "id", "result", "error"])?;
    match (message.get("result"), message.get("error")) {
        (Some(result), None) => match MODEL["requests"].get(method) {
            Some(entry) => check(&entry["result"], result, method),
            None => Ok(()),
        },
        (None, Some(error)) => {
            only(error, &["code", "message", "data"])?;
            check(&"integer".into(), &error["code"], "error.code")?;
            check(&"string".into(), &error["message"], "error.message")
        }
        _ => Err("an answer has a result or an error".to_string()),
    }
}

/// The protocol leaves the value of a progress open; all of ours are work-done progress.
fn check_progress(value: &Value) -> Result<(), String> {
    let name = match value["kind"].as_str() {
        Some("begin") => "WorkDoneProgressBegin",
        Some("report") => "WorkDoneProgressReport",
        Some("end") => "WorkDoneProgressEnd",
        other => return Err(format!("a progress of the kind {other:?}")),
    };
    check(&name.into(), value, "$/progress")
}

fn check_registrations(params: &Value) -> Result<(), String> {
    params["registrations"].as_array().into_iter().flatten().try_for_each(|one| match one["method"].as_str() {
        Some("workspace/didChangeWatchedFiles") => {
            check(&"DidChangeWatchedFilesRegistrationOptions".into(), &one["registerOptions"], "registerOptions")
        }
        other => Err(format!("options of {other:?} are not known here")),
    })
}

/// Checks a value against a type of the model; `place` says where it stands.
fn check(wanted: &Value, value: &Value, place: &str) -> Result<(), String> {
    let wrong = || Err(format!("{place} is no {wanted}: {value}"));
    let fits = |fits: bool| if fits { Ok(()) } else { wrong() };
    let Some(name) = wanted.as_str() else { return check_composed(wanted, value, place) };
    match name {
        "any" => Ok(()),
        "null" => fits(value.is_null()),
        "string" => fits(value.is_string()),
        "boolean" => fits(value.is_boolean()),
        "decimal" => fits(value.is_number()),
        "integer" => fits(value.as_i64().is_some_and(|number| i32::try_from(number).is_ok())),
        "uinteger" => fits(value.as_i64().is_some_and(|number| (0..=i64::from(i32::MAX)).contains(&number))),
        _ => match (MODEL["enumerations"].get(name), MODEL["structures"].get(name)) {
            (Some(values), _) => fits(values.as_array().is_some_and(|values| values.contains(value))),
            (None, Some(Value::Object(fields))) => check_structure(name, fields, value, place),
            _ => Err(format!("the model does not know {name}")),
        },
    }
}

fn check_composed(wanted: &Value, value: &Value, place: &str) -> Result<(), String> {
    let wrong = || format!("{place} is no {wanted}: {value}");
    if let Some(item) = wanted.get("array") {
        let items = value.as_array().ok_or_else(wrong)?;
        return items.iter().enumerate().try_for_each(|(at, value)| check(item, value, &format!("{place}[{at}]")));
    }
    if let Some(item) = wanted.get("map") {
        let fields = value.as_object().ok_or_else(wrong)?;
        return fields.iter().try_for_each(|(key, value)| check(item, value, &format!("{place}[{key}]")));
    }
    if let Some(Value::Array(types)) = wanted.get("or") {
        let tried: Vec<_> = types.iter().map(|one| check(one, value, place)).collect();
        let reasons = || tried.iter().filter_map(|one| one.clone().err()).collect::<Vec<_>>().join("; or ");
        return if tried.iter().any(Result::is_ok) { Ok(()) } else { Err(reasons()) };
    }
    if let Some(Value::Array(types)) = wanted.get("tuple") {
        let items = value.as_array().filter(|items| items.len() == types.len()).ok_or_else(wrong)?;
        return types.iter().zip(items).try_for_each(|(one, value)| check(one, value, place));
    }
    if wanted.get("const") == Some(value) { Ok(()) } else { Err(wrong()) }
}

fn check_structure(name: &str, fields: &Map<String, Value>, value: &Value, place: &str) -> Result<(), String> {
    let Some(object) = value.as_object() else { return Err(format!("{place} is no {name}: {value}")) };
    for (key, value) in object {
        let wanted = fields.get(key).or_else(|| fields.get(&format!("?{key}")));
        let wanted = wanted.ok_or_else(|| format!("{place}: {name} has no field {key}"))?;
        check(wanted, value, &format!("{place}.{key}"))?;
    }
    let missing = fields.keys().find(|key| !key.starts_with('?') && !object.contains_key(key.as_str()));
    missing.map_or(Ok(()), |key| Err(format!("{place}: {name} needs a field {key}")))
}

/// No other field than these.
fn only(message: &Value, known: &[&str]) -> Result<(), String> {
    let fields = message.as_object().ok_or("a message is an object")?;
    match fields.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!("a message has no field {key}")),
        None => Ok(()),
    }
}

#[test]
fn what_the_protocol_does_not_know_is_found() {
    let hover = |params: Value| serde_json::json!({"jsonrpc": "2.0", "id": 1, "method": "textDocument/hover", "params": params});
    let place = serde_json::json!({"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}});
    assert_eq!(check_call(Side::Client, &hover(place.clone())), Ok(()));
    let wrong = |change: fn(&mut Value)| {
        let mut params = place.clone();
        change(&mut params);
        check_call(Side::Client, &hover(params)).unwrap_err()
    };
    assert!(wrong(|params| params["position"]["line"] = Value::from(-1)).contains("position.line is no"));
    assert!(wrong(|params| params["posizion"] = Value::from(1)).contains("no field posizion"));
    assert!(
        wrong(|params| drop(params.as_object_mut().unwrap().remove("position"))).contains("needs a field position")
    );
    assert!(check_call(Side::Server, &hover(place)).unwrap_err().contains("clientToServer"));
    let answer = |result: Value| serde_json::json!({"jsonrpc": "2.0", "id": 1, "result": result});
    let markup = serde_json::json!({"contents": {"kind": "html", "value": ""}});
    assert!(check_answer("textDocument/hover", &answer(markup)).is_err());
    assert_eq!(check_answer("textDocument/hover", &answer(Value::Null)), Ok(()));
}
