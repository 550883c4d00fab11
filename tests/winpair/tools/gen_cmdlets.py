#!/usr/bin/env python3
"""Writes the parameter blocks of the 120 DhcpServer cmdlets from dhcpserver-cmdlets.json.

    tools/gen_cmdlets.py ../dhcpserver-cmdlets.json modules/DhcpServer

Output: Generated/Server.ps1, V4.ps1, V6.ps1 (current form), Generated/Only2012.ps1 (the cmdlets that had
fewer parameters on a Windows Server 2012 management host), Generated/Cmdlets.psd1 (what the dispatcher must
know of each cmdlet) and the FunctionsToExport list of DhcpServer.psd1. Nothing in Generated/ is edited by hand.
"""

import json
import sys
from pathlib import Path

TYPES = {
    "String": "string",
    "String[]": "string[]",
    "IPAddress": "System.Net.IPAddress",
    "IPAddress[]": "System.Net.IPAddress[]",
    "UInt32": "uint32",
    "UInt32[]": "uint32[]",
    "UInt16": "uint16",
    "Boolean": "bool",
    "TimeSpan": "System.TimeSpan",
    "DateTime": "System.DateTime",
    "SwitchParameter": "switch",
    "PSCredential": "System.Management.Automation.PSCredential",
}
# Cmdlets that change a server although their verb does not say so, or write files (a fault point as well).
FILE_WRITERS = {"Export-DhcpServer", "Backup-DhcpServer"}
READ_VERBS = {"Get"}
CIM = "Microsoft.Management.Infrastructure.CimInstance#root/Microsoft/Windows/DHCP/"


def attribute(sets, entry, info, several):
    """One [Parameter()] per set the parameter is in; a single plain one where all sets agree."""
    lines = []
    for set_name, (mandatory, position) in sets.items():
        parts = []
        if several:
            parts.append(f"ParameterSetName = '{set_name}'")
        if mandatory:
            parts.append("Mandatory")
        if position is not None:
            parts.append(f"Position = {position}")
        if info["pipeline_by_property_name"]:
            parts.append("ValueFromPipelineByPropertyName")
        if info["pipeline_by_value"]:
            parts.append("ValueFromPipeline")
        lines.append(f"        [Parameter({', '.join(parts)})]")
    return lines


def function(name, cmdlet, only_2012=False):
    sets = cmdlet["parameter_sets"]
    several = len(sets) > 1
    out = [f"function {name} {{"]
    binding = []
    if "WhatIf" in cmdlet["common"]:
        binding += ["SupportsShouldProcess", "ConfirmImpact = 'Medium'"]
    if several:
        binding.append(f"DefaultParameterSetName = '{cmdlet['default_parameter_set']}'")
    binding.append("PositionalBinding = $false")
    out.append(f"    [CmdletBinding({', '.join(binding)})]")
    if cmdlet["outputs"]:
        out.append(f"    [OutputType('{cmdlet['outputs'][0]}')]")
    blocks = []
    for info in cmdlet["parameters"]:
        if only_2012 and info["since"] != "2012":
            continue
        where = {}
        for set_name, members in sets.items():
            for member in members:
                if member["name"] == info["name"]:
                    where[set_name] = (member["mandatory"], member["position"])
        in_all = len(where) == len(sets) and len(set(where.values())) == 1
        if not several or in_all:
            where = {"*": next(iter(where.values()))}
            lines = attribute(where, None, info, False)
        else:
            lines = attribute(where, None, info, True)
        if info["aliases"]:
            lines.append("        [Alias(" + ", ".join(f"'{a}'" for a in info["aliases"]) + ")]")
        if info["accepted_values"]:
            lines.append("        [ValidateSet(" + ", ".join(f"'{v}'" for v in info["accepted_values"]) + ")]")
        if info["accepted_range"]:
            low, high = info["accepted_range"]
            lines.append(f"        [ValidateRange({low}, {high})]")
        mandatory_somewhere = any(m for m, _ in where.values())
        if info["type"] == "String" and not mandatory_somewhere and info["name"] == "ComputerName":
            lines.append("        [ValidateNotNullOrEmpty()]")
        lines.append(f"        [{TYPES[info['type']]}]")
        lines.append(f"        ${info['name']}")
        blocks.append("\n".join(lines))
    if "CimSession" in cmdlet["common"]:
        # A name or a session object; sessions are stand-ins here, hence object and a check in the dispatcher.
        blocks.append(
            "        [Parameter()]\n        [Alias('Session')]\n        [ValidateNotNullOrEmpty()]\n"
            f"        [object{'' if name in ('Import-DhcpServer', 'Export-DhcpServer') else '[]'}]\n        $CimSession"
        )
    if "ThrottleLimit" in cmdlet["common"]:
        blocks.append("        [Parameter()]\n        [int]\n        $ThrottleLimit")
    if "AsJob" in cmdlet["common"]:
        blocks.append("        [Parameter()]\n        [switch]\n        $AsJob")
    out.append("    param(")
    out.append(",\n".join(blocks))
    out.append("    )")
    out.append("    process { Invoke-DhcpCmdlet $PSCmdlet $PSBoundParameters }")
    out.append("}")
    return "\n".join(out)


def main(source, module):
    table = json.loads(Path(source).read_text(encoding="utf-8"))
    cmdlets = table["cmdlets"]
    out = Path(module) / "Generated"
    out.mkdir(exist_ok=True)
    head = "# Written by tools/gen_cmdlets.py from dhcpserver-cmdlets.json. Do not edit.\n"
    for family, file in (("server", "Server.ps1"), ("v4", "V4.ps1"), ("v6", "V6.ps1")):
        text = head + "\n\n".join(function(n, c) for n, c in sorted(cmdlets.items()) if c["family"] == family) + "\n"
        (out / file).write_text(text, encoding="utf-8")
    newer = [n for n, c in sorted(cmdlets.items()) if c["since"] == "2012" and any(p["since"] != "2012" for p in c["parameters"])]
    text = head + "\n\n".join(function(n, cmdlets[n], only_2012=True) for n in newer) + "\n"
    (out / "Only2012.ps1").write_text(text, encoding="utf-8")
    rows = []
    for name, c in sorted(cmdlets.items()):
        kind = "read" if c["verb"] in READ_VERBS else "file" if name in FILE_WRITERS else "change"
        passthru = any(p["name"] == "PassThru" for p in c["parameters"])
        gated = ", ".join(f"'{p['name']}'" for p in c["parameters"] if p["since"] != c["since"])
        rows.append(
            f"    '{name}' = @{{ Since = '{c['since']}'; Kind = '{kind}'; Family = '{c['family']}'; "
            f"PassThru = ${str(passthru).lower()}; Newer = @({gated}) }}"
        )
    (out / "Cmdlets.psd1").write_text(head + "@{\n" + "\n".join(rows) + "\n}\n", encoding="utf-8")
    names = ",\n        ".join(f"'{n}'" for n in sorted(cmdlets))
    (Path(module) / "DhcpServer.psd1").write_text(
        f"""# Written by tools/gen_cmdlets.py. Version and GUID are those of Windows' own manifest.
@{{
    RootModule = 'DhcpServer.psm1'
    ModuleVersion = '2.0.0.0'
    GUID = '90eaa9df-133a-450c-8728-91055cd946a1'
    Author = 'winpair'
    Description = 'A simulated DhcpServer module; not Microsoft code.'
    FunctionsToExport = @(
        {names}
    )
    CmdletsToExport = @()
    AliasesToExport = @()
    VariablesToExport = @()
}}
""",
        encoding="utf-8",
    )
    print(len(cmdlets), "cmdlets;", "fewer parameters on 2012:", ", ".join(newer))


if __name__ == "__main__":
    main(*sys.argv[1:3])
