//! A class that takes one object where it took its parts: scenes.

use crate::fixture::check;

/// A class that takes a `Config` where it took its parts: what its fields are, how the product makes it, what the test
/// has.
#[track_caller]
fn check_server(fields: &str, (main, product): (&str, &str), test: &str, healed: &str) {
    check(&format!(
        r#"
#- before: net.py
class Server:
    def __init__(self, host, port=80):
        self.host, self.port = host, port
#- net.py
from dataclasses import dataclass

@dataclass
class Config:
{fields}

class Server:
    def __init__(self, config):
        self.host, self.port = config.host, config.port
#- before: app.py
from net import Server

def main():
    return Server("a", 1)

def dev(host):
    return Server(host)
#- app.py
from net import Config, Server

def main():
    return {main}

def dev(host):
    return {product}
#- tests/test_net.py
import net
from net import Server

def test_port():
    server = {test}
    assert server.port == 1
#- test_run.log
=================================== FAILURES ===================================
__________________________________ test_port ___________________________________
tests/test_net.py:5: in test_port
    server = {test}
E   TypeError: Server.__init__() takes 2 positional arguments but 3 were given
#- healed
{healed}
"#
    ));
}

const FIELDS: &str = "    host: str\n    port: int = 80";
const MADE: (&str, &str) = ("Server(Config(\"a\", 1))", "Server(Config(host))");
const READ: (&str, &str) = ("Server(Config.read())", "Server(Config(host))");

#[test]
fn the_class_is_the_one_that_the_callers_make() {
    let healed = "-from net import Server\n+from net import Config, Server\n-    server = Server(\"h\", 1)\n\
                  +    server = Server(Config(\"h\", 1))";
    check_server(FIELDS, MADE, "Server(\"h\", 1)", healed);
    let healed = "-    server = net.Server(\"h\", port=1)\n+    server = net.Server(net.Config(\"h\", port=1))";
    check_server(FIELDS, MADE, "net.Server(\"h\", port=1)", healed);
}

#[test]
fn fields_in_another_order_are_named() {
    let fields = "    port: int\n    host: str";
    let healed = "-from net import Server\n+from net import Config, Server\n-    server = Server(\"h\", 1)\n\
                  +    server = Server(Config(host=\"h\", port=1))";
    check_server(fields, ("Server(Config(1, \"a\"))", "Server(Config(80, host))"), "Server(\"h\", 1)", healed);
}

#[test]
fn an_object_without_such_a_field_or_with_one_that_the_test_does_not_know_is_no_fix() {
    check_server("    host: str\n    address: int = 80", READ, "Server(host=\"h\", port=1)", "no fix");
    check_server("    host: str\n    port: int\n    key: str", READ, "Server(host=\"h\", port=1)", "no fix");
    check_server(FIELDS, READ, "Server(host=\"h\", **{})", "no fix");
}

/// A function that takes its options in one object; `test` is the failing line, `error` what it and the product say.
#[track_caller]
fn check_render(test: &str, error: &str, healed: &str) {
    check(&format!(
        r#"
#- before: shop.py
def render(text, width=10, fill=" "):
    return text.ljust(width, fill)
#- shop.py
from dataclasses import dataclass

@dataclass
class Options:
    width: int = 10
    fill: str = " "

def render(text, options=None):
    options = options or Options()
    return text.ljust(options.width, options.fill)
#- before: app.py
from shop import render

def main(text):
    return render(text, 4)

def dots(text):
    return render(text, 5, fill=".")
#- app.py
from shop import Options, render

def main(text):
    return render(text, Options(4))

def dots(text):
    return render(text, Options(5, fill="."))
#- tests/test_render.py
from shop import render

def test_render():
    assert {test} == "a--"
#- test_run.log
=================================== FAILURES ===================================
_________________________________ test_render __________________________________
tests/test_render.py:4: in test_render
    assert {test} == "a--"
{error}
#- healed
{healed}
"#
    ));
}

#[test]
fn the_object_stands_behind_other_arguments() {
    check_render(
        "render(\"a\", 3, fill=\"-\")",
        "E   TypeError: render() got an unexpected keyword argument 'fill'",
        "-from shop import render\n+from shop import Options, render\n-    assert render(\"a\", 3, fill=\"-\") == \"a--\"\n\
         +    assert render(\"a\", Options(3, fill=\"-\")) == \"a--\"",
    );
}

#[test]
fn a_value_that_was_taken_for_the_object_goes_into_one() {
    let asked = |name: &str| {
        format!(
            "shop.py:10: in render\n    return text.ljust(options.width, options.fill)\n\
             E   AttributeError: 'int' object has no attribute '{name}'"
        )
    };
    let healed = "-from shop import render\n+from shop import Options, render\n-    assert render(\"a\", 3) == \"a--\"\n\
                  +    assert render(\"a\", Options(3)) == \"a--\"";
    check_render("render(\"a\", 3)", &asked("width"), healed);
    check_render("render(*[\"a\", 3])", &asked("width"), "no fix");
}
