//! The request for which a mock of HTTP had no answer, as the mocking libraries tell of it.
//!
//! The wordings: [responses](https://github.com/getsentry/responses),
//! [requests-mock](https://github.com/jamielennox/requests-mock), [respx](https://github.com/lundberg/respx),
//! [pytest-httpx](https://github.com/Colin-b/pytest_httpx), [aioresponses](https://github.com/pnuckowski/aioresponses).

use std::sync::LazyLock;

use regex::Regex;

/// A method with the URL that it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `GET`.
    pub method: String,
    /// `https://shop.test/api/users?page=2`.
    pub url: String,
}

/// What was asked, and what could have been.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmocked {
    /// The request that the program made.
    pub made: Request,
    /// The requests that have an answer; empty where the library does not list them.
    pub registered: Vec<Request>,
}

static MADE: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [
        r"Connection refused by Responses[^\n]*\n\s*\n?Request: *\n- ([A-Z]+) (\S+)",
        r"No mock address: ([A-Z]+) (\S+)",
        r"RESPX: <Request\('([A-Z]+)', '([^']+)'\)> not mocked!",
        r"No response can be found for ([A-Z]+) request on (\S+)",
        r"Connection refused: ([A-Z]+) (\w+://\S+)",
    ]
    .map(|pattern| Regex::new(pattern).expect("a valid pattern"))
    .into()
});

/// `- POST https://shop.test/users Method does not match`, `- Match POST request on https://shop.test/users`.
static REGISTERED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?m)^- (?:Match )?([A-Z]+) (?:request on )?(\w+://\S+)").expect("a valid pattern"));

/// Reads the message of an exception.
pub fn unmocked(message: &str) -> Option<Unmocked> {
    let made = MADE.iter().find_map(|pattern| pattern.captures(message))?;
    let after = made.get(0).map_or(0, |whole| whole.end());
    let request = |method: &str, url: &str| Request { method: method.to_string(), url: url.to_string() };
    let registered = REGISTERED.captures_iter(&message[after..]).map(|found| request(&found[1], &found[2])).collect();
    Some(Unmocked { made: request(&made[1], &made[2]), registered })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_library_has_its_wording() {
        let request = |method: &str, url: &str| Request { method: method.into(), url: url.into() };
        let responses = "Connection refused by Responses - the call doesn't match any registered mock.\n\nRequest: \n\
            - PUT http://localhost/tests/1\n\nAvailable matches:\n- POST http://localhost/tests/1 Method does not match\n";
        let read = unmocked(responses).unwrap();
        assert_eq!(read.made, request("PUT", "http://localhost/tests/1"));
        assert_eq!(read.registered, [request("POST", "http://localhost/tests/1")]);

        let httpx = "No response can be found for GET request on https://a.test/b amongst:\n\
            - Match GET request on https://a.test/c";
        assert_eq!(unmocked(httpx).unwrap().registered, [request("GET", "https://a.test/c")]);

        for message in [
            "No mock address: GET https://a.test/b",
            "RESPX: <Request('GET', 'https://a.test/b')> not mocked!",
            "Connection refused: GET https://a.test/b",
        ] {
            assert_eq!(unmocked(message).map(|read| read.made), Some(request("GET", "https://a.test/b")));
        }
        assert_eq!(unmocked("[Errno 111] Connection refused"), None);
    }
}
