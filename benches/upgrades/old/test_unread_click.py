import click
import pytest
from click.testing import CliRunner


@click.command()
@click.argument("name")
def hello(name):
    click.echo(f"hello {name}")


def test_mix():
    assert CliRunner(mix_stderr=True).invoke(hello, ["a"]).output == "hello a\n"


def test_terminal_size():
    assert len(click.get_terminal_size()) == 2


def test_resultcallback():
    @click.group(invoke_without_command=True)
    def group():
        return 1

    @group.resultcallback()
    def done(result):
        click.echo("done")

    assert CliRunner().invoke(group, []).output == "done\n"


def test_complete():
    @click.command()
    @click.argument("name", autocompletion=lambda ctx, args, incomplete: ["a"])
    def named(name):
        click.echo(name)

    assert CliRunner().invoke(named, ["a"]).output == "a\n"


def test_os_args():
    assert click.get_os_args() is not None


def test_stderr():
    @click.command()
    def loud():
        click.echo("err", err=True)

    with pytest.raises(ValueError):
        CliRunner().invoke(loud).stderr
