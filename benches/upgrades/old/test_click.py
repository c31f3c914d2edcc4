import click
from click.testing import CliRunner


@click.command()
def cli():
    click.echo("out")
    click.echo("err", err=True)


def test_mix():
    result = CliRunner(mix_stderr=False).invoke(cli)
    assert result.stdout == "out\n"


def test_output():
    assert CliRunner().invoke(cli).output == "out\n"


def test_no_args():
    @click.group()
    def group():
        pass

    assert CliRunner().invoke(group, []).exit_code == 0
