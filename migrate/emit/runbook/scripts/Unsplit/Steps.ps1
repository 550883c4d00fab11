# The steps before the change: precheck, backup, freeze. A step gives its exit code: 0 done, 1 the answer is no; an error ends it by itself (2).

function Invoke-Precheck {
    $script:Run.Checks = @{ ok = 0; warning = 0; no = 0 }
    Write-Line "Checking $(Get-ServerName 'primary') and $(Get-ServerName 'secondary') for $(@($script:Run.ScopeIds).Count) scopes. Nothing is changed."
    $answers = @(foreach ($role in 'primary', 'secondary') { Test-Machine $role })
    if ($answers -notcontains $false) {
        Read-Version
        Test-Clock
        Test-Partner
        foreach ($id in $script:Run.ScopeIds) {
            if (-not (Get-PlanRecord "scope|target|$id").start_range) {
                Add-Check 'no' "Scope $id has no address range in the plan."
            }
        }
        foreach ($role in 'primary', 'secondary') { Test-Overlapping $role }
        Test-Vocabulary
        $changes = @(Get-Change $true)
        foreach ($change in $changes) { Add-Check 'no' "$change." }
        if (-not $changes.Count) {
            Add-Check 'ok' $(if (Test-InPlace) { 'The servers are as they were exported, but for leases.' } else { 'The new servers have none of the scopes.' })
        }
    }
    $checks = $script:Run.Checks
    Write-Line "$($checks.ok) ok, $($checks.warning) warnings, $($checks.no) no."
    if ($checks.no) { Write-Problem 'Do not go on: solve what says no, or export again and run unsplit again.'; return 1 }
    Write-Line 'Next: 10-backup.ps1'
    return 0
}

# -- backup -----------------------------------------------------------------------------------------------------------------------

function Get-BackupPath([string] $Purpose) {
    # On the server's own disk, where the DHCP Server service may write.
    return "C:\Windows\System32\dhcp\unsplit-$($script:Run.Plan.Pin.Substring(0, 8))-$Purpose"
}

function Invoke-Backup {
    Read-Version
    foreach ($role in 'primary', 'secondary') {
        $server = Get-ServerName $role
        if (-not (Test-Done 'backup' $role) -and (Confirm-Change $server "back up to $(Get-BackupPath 'backup') on its disk")) {
            Add-Journal 'backup' $role 'begin'
            Backup-DhcpServer -ComputerName $server -Path (Get-BackupPath 'backup') -ErrorAction Stop
            Add-Journal 'backup' $role 'done'
        }
        if (-not (Test-Done 'export' $role) -and (Confirm-Change $server "export to run/$role-before.xml")) {
            Add-Journal 'export' $role 'begin'
            Export-DhcpServer -ComputerName $server -File (Get-RunPath "$role-before.xml") -Leases -Force -ErrorAction Stop
            Add-Journal 'export' $role 'done'
        }
        Save-Before $role
    }
    Write-Line 'Keep the folder run until the change is accepted: 90-rollback.ps1 works from it. Next: 20-freeze.ps1'
    return 0
}

function Save-Before([string] $Role) {
    # The configuration as the rollback has to restore it, in run/before.jsonl; each object once, before it is first changed.
    if ($script:Run.WhatIf) { return }
    $server = Get-ServerName $Role
    $lines = @($script:Run.Before.Values)
    if (-not $script:Run.Before.ContainsKey("server|$Role|")) { $lines += Get-BeforeLine $Role (Read-Server $server) }
    foreach ($id in $script:Run.ScopeIds) {
        if ($script:Run.Before.ContainsKey("scope|$Role|$id") -or (Test-Begun 'freeze' $id)) { continue }
        $there = Read-Scope $server $id
        if ($null -ne $there) { $lines += Get-BeforeLine $Role $there }
    }
    Write-RunFile 'before.jsonl' $lines
    Open-Before
    foreach ($id in $script:Run.ScopeIds) { Add-Journal 'saved' $id 'done' }
}

function Get-BeforeLine([string] $Role, $Record) {
    $Record['side'] = $Role
    return ConvertTo-PlanLine $Record
}

function Open-Before {
    $path = Get-RunPath 'before.jsonl'
    $script:Run.Before = $(if (Test-Path -LiteralPath $path) { (Read-PlanData $path).Lines } else { @{} })
}

function Get-Before([string] $Key) {
    if (-not $script:Run.Before.ContainsKey($Key)) { return $null }
    return ConvertFrom-PlanLine $script:Run.Before[$Key]
}

# -- freeze -----------------------------------------------------------------------------------------------------------------------

function Invoke-Freeze {
    Read-Version
    $open = @($script:Run.ScopeIds | Where-Object { -not (Test-Done 'freeze' $_) -and -not (Test-ServedByPartnerOnly $_) })
    Assert-Step 'saved' '10-backup.ps1'
    Assert-Unchanged
    $server = Get-ServerName 'secondary'
    if (-not (Test-InPlace)) {
        foreach ($id in $open) { Add-Journal 'freeze' $id 'done' }
        Write-Line 'The plan is for new servers: nothing is to be frozen on them. Deactivate the scopes on the old servers, export both once more and run unsplit again if they have granted leases since. Next: 30-apply.ps1'
        return 0
    }
    if ($open.Count) {
        Confirm-Step "Deactivate $($open.Count) scopes on ${server}? $(Get-ServerName 'primary') goes on serving its part of the pools."
    }
    foreach ($id in $open) { Invoke-ScopeFreeze $server $id }
    Save-FrozenExport $server @($script:Run.ScopeIds | Where-Object { Test-Done 'freeze' $_ })
    $later = @($script:Run.ScopeIds | Where-Object { -not (Test-Done 'freeze' $_) -and (Test-ServedByPartnerOnly $_) })
    if ($later.Count) { Write-Line "$($later.Count) scopes that only $server serves stay with it until their copy on $(Get-ServerName 'primary') is ready." }
    Write-Line "$server answers for none of the others. Next, without delay: 30-apply.ps1 (to undo: 90-rollback.ps1)"
    return 0
}

function Test-ServedByPartnerOnly([string] $ScopeId) {
    # Deactivating such a scope would leave its clients without any server, so that waits until the primary can take over at once.
    if (-not (Test-InPlace)) { return $false }
    $mine = Get-PlanRecord "scope|primary|$ScopeId"
    $theirs = Get-PlanRecord "scope|secondary|$ScopeId"
    return $null -ne $theirs -and $theirs.state -eq 'Active' -and ($null -eq $mine -or $mine.state -ne 'Active')
}

function Invoke-ScopeFreeze([string] $Server, [string] $ScopeId) {
    $there = $null
    try { $there = Get-DhcpServerv4Scope -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop } catch { if (-not (Test-NotFound $_ '20005')) { throw } }
    if (-not $script:Run.WhatIf -and -not (Test-Begun 'freeze' $ScopeId)) {
        Remove-Item -LiteralPath (Get-RunPath (Get-ReplacedLeaseFile $ScopeId)) -ErrorAction SilentlyContinue    # of an attempt that was rolled back
    }
    Add-Journal 'freeze' $ScopeId 'begin'
    if ($null -ne $there) {
        if ([string] $there.State -eq 'Active') { Set-ScopeState $Server $ScopeId 'InActive' }
        if ($script:Run.WhatIf) { return }
        $leases = Read-Lease $Server $ScopeId    # after it stopped answering: late leases are among them
        Save-Lease (Get-FrozenLeaseFile $ScopeId) $leases
        Write-Line "  $Server, scope $ScopeId`: $(@($leases | Where-Object { Test-InUse $_ }).Count) leases in use"
    }
    elseif (-not $script:Run.WhatIf) { Save-Lease (Get-FrozenLeaseFile $ScopeId) @() }
    Add-Journal 'freeze' $ScopeId 'done'
}

function Save-FrozenExport([string] $Server, [string[]] $ScopeId) {
    # The file from which the rollback gets the partner's scopes back; scopes that are gone already stand in the file of an earlier run.
    $ids = @($ScopeId | Where-Object { (Get-Before "scope|secondary|$_") -and -not (Test-Done 'frozen-export' $_) -and -not (Test-Begun 'remove' $_) })
    if (-not $ids.Count) { return }
    $name = "frozen-$($ids[0]).xml"
    if (-not (Confirm-Change $Server "export the frozen scopes to run/$name")) { return }
    Export-DhcpServer -ComputerName $Server -File (Get-RunPath $name) -ScopeId $ids -Leases -Force -ErrorAction Stop
    foreach ($id in $ids) { Add-Journal 'frozen-export' $id 'done' @{ file = $name } }
}

function Assert-Step([string] $Step, [string] $Script, $ScopeId = $script:Run.ScopeIds) {
    if ($script:Run.WhatIf) { return }
    $open = @($ScopeId | Where-Object { -not (Test-Done $Step $_) })
    if ($open.Count) { throw (New-Refusal "Run $Script first: that is not done for $($open.Count) scopes ($($open[0]) ...).") }
}
