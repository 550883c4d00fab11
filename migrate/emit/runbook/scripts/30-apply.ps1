<#
.SYNOPSIS
    Merges everything on the primary and puts the scopes into failover.

.DESCRIPTION
    For each scope: the partner's leases, then options, policies and reservations, then the whole pool on the primary; a proof that the primary
    has everything; only then is the scope removed from the partner. At the end failover is created, in chunks of 400 scopes, and waited for.
    Clients of a scope get no answer for about half a minute while its relationship forms; they keep their addresses.

    Exit code: 0 done, 1 refused, 2 stopped at an error: run it again, or 90-rollback.ps1.

.PARAMETER ScopeId
    Only these scopes of the plan, for a change in waves. Without it all of them.

.PARAMETER Force
    Asks nothing but the shared secret.

.PARAMETER NoSharedSecret
    The relationship is created without message authentication, and no secret is asked for. Every script takes this parameter; only
    30-apply.ps1 has a use for it.

.EXAMPLE
    .\30-apply.ps1 -WhatIf
#>
#Requires -Version 5.1
#Requires -Modules DhcpServer
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [string[]] $ScopeId = @(),
    [switch] $Force,
    [switch] $NoSharedSecret
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
Import-Module -Name (Join-Path $PSScriptRoot 'Unsplit.psm1') -Force
exit (Invoke-RunbookStep -Step Apply -Folder $PSScriptRoot -Cmdlet $PSCmdlet -ScopeId $ScopeId -Force:$Force -NoSharedSecret:$NoSharedSecret -Rehearse:$WhatIfPreference)
