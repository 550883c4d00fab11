"""`unsplit completion`: what a shell needs to complete commands, options and file names."""

from __future__ import annotations

import click

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_UNSPLIT_COMPLETE"
"""Set by the script when it asks the program; click derives this name from `unsplit`."""


@click.command(short_help="Completion for bash, zsh or fish.")
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> int:
    """Print the script that lets SHELL complete `unsplit`. It asks the program itself, so it need not be renewed.

    \b
    Examples:
      unsplit completion bash >> ~/.bashrc
      unsplit completion zsh > "${fpath[1]}/_unsplit"
      unsplit completion fish > ~/.config/fish/completions/unsplit.fish
    """
    from click.shell_completion import get_completion_class

    made_for = get_completion_class(shell)
    assert made_for is not None
    root = click.get_current_context().find_root().command
    click.echo(made_for(root, {}, "unsplit", VARIABLE).source())
    return 0
