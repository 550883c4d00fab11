# The steps of the runbook. Each gives its exit code: 0 done, 1 the answer is no. An error ends the step by itself (2).

function Invoke-Precheck {
    $script:Run.Checks = @{ ok = 0; warning = 0; no = 0 }
    Write-Line "Checking $(Get-ServerName 'primary') and $(Get-ServerName 'secondary') for $(@($script:Run.ScopeIds).Count) scopes. Nothing is changed."
    $answers = @(foreach ($role in 'primary', 'secondary') { Test-Machine $role })
    if ($answers -notcontains $false) {
        Read-Version
        Test-Clock
        Test-Partner
        foreach ($id in $script:Run.ScopeIds) {
            if (-not (Get-PlanRecord "scope|target|$id").start_range) { Add-Check 'no' "Scope $id has no address range in the plan." }
        }
        foreach ($role in 'primary', 'secondary') { Test-Overlapping $role }
        Test-Vocabulary
        $changes = @(Get-Change $true)
        foreach ($change in $changes) { Add-Check 'no' "$change." }
        if (-not $changes.Count) { Add-Check 'ok' $(if (Test-InPlace) { 'The servers are as they were exported, but for leases.' } else { 'The new servers have none of the scopes.' }) }
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
    $open = @($script:Run.ScopeIds | Where-Object { -not (Test-Done 'freeze' $_) })
    Assert-Step 'saved' '10-backup.ps1'
    Assert-Unchanged
    $server = Get-ServerName 'secondary'
    if (-not (Test-InPlace)) {
        foreach ($id in $open) { Add-Journal 'freeze' $id 'done' }
        Write-Line 'The plan is for new servers: nothing is to be frozen on them. Deactivate the scopes on the old servers, export both once more and run unsplit again if they have granted leases since. Next: 30-apply.ps1'
        return 0
    }
    if ($open.Count) { Confirm-Step "Deactivate $($open.Count) scopes on ${server}? $(Get-ServerName 'primary') goes on serving its part of the pools." }
    foreach ($id in $open) { Invoke-ScopeFreeze $server $id }
    Save-FrozenExport $server
    Write-Line "$server answers for none of these scopes. Next, without delay: 30-apply.ps1 (to undo: 90-rollback.ps1)"
    return 0
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

function Save-FrozenExport([string] $Server) {
    # The file from which the rollback gets the partner's scopes back; scopes that are gone already stand in the file of an earlier run.
    $ids = @($script:Run.ScopeIds | Where-Object { (Get-Before "scope|secondary|$_") -and -not (Test-Done 'frozen-export' $_) -and -not (Test-Begun 'remove' $_) })
    if (-not $ids.Count) { return }
    $name = "frozen-$($ids[0]).xml"
    if (-not (Confirm-Change $Server "export the frozen scopes to run/$name")) { return }
    Export-DhcpServer -ComputerName $Server -File (Get-RunPath $name) -ScopeId $ids -Leases -Force -ErrorAction Stop
    foreach ($id in $ids) { Add-Journal 'frozen-export' $id 'done' @{ file = $name } }
}

function Assert-Step([string] $Step, [string] $Script) {
    if ($script:Run.WhatIf) { return }
    $open = @($script:Run.ScopeIds | Where-Object { -not (Test-Done $Step $_) })
    if ($open.Count) { throw (New-Refusal "Run $Script first: it is not done for $($open.Count) scopes ($($open[0]) ...).") }
}

# -- apply ------------------------------------------------------------------------------------------------------------------------

function Invoke-Apply {
    Read-Version
    Assert-Step 'freeze' '20-freeze.ps1'
    $rollback = if (-not $script:Run.WhatIf) { @($script:Run.ScopeIds | Where-Object { (Test-InPlace) -and (Get-Before "scope|secondary|$_") -and -not (Test-Done 'frozen-export' $_) }) } else { @() }
    if (@($rollback).Count) { throw (New-Refusal 'Run 20-freeze.ps1 again: it was stopped before the frozen scopes were exported.') }
    Assert-Unchanged
    $secret = Read-SharedSecret
    Confirm-Step "Merge $(@($script:Run.ScopeIds).Count) scopes on $(Get-ServerName 'primary'), remove them from $(Get-ServerName 'secondary') and put them into failover?"
    foreach ($role in 'primary', 'secondary') { Set-Vocabulary $role }
    if (-not (Test-InPlace)) { Import-NewServer }
    $count = 0
    foreach ($id in $script:Run.ScopeIds) {
        Write-Progress -Activity 'Merging on the primary' -Status "scope $id" -PercentComplete (100 * $count++ / @($script:Run.ScopeIds).Count)
        Invoke-ScopeMerge $id
    }
    Write-Progress -Activity 'Merging on the primary' -Completed
    Set-ServerRole 'primary'
    Remove-PartnerScope
    Set-ServerRole 'secondary'
    Invoke-WithSecret $secret { param($text) Set-Failover $text }
    Set-PartnerSuperscope
    foreach ($id in $script:Run.ScopeIds) { Add-Journal 'apply' $id 'done' }
    Write-Line 'Done. Next: 40-verify.ps1'
    return 0
}

function Set-Vocabulary([string] $Role) {
    $server = Get-ServerName $Role
    $there = Read-Server $server
    Add-Journal 'server-level' $Role 'begin'
    Add-ServerVocabulary $server $there (Get-PlanRecord 'server|target|')
}

function Import-NewServer {
    # New servers take the whole file; what an interrupted import left out is made good scope by scope afterwards.
    $server = Get-ServerName 'primary'
    $ids = @($script:Run.ScopeIds | Where-Object { $null -eq (Read-Scope $server $_ @()) })
    if (-not $ids.Count -or -not (Confirm-Change $server "import $($ids.Count) scopes with their leases from primary.xml")) { return }
    foreach ($id in $ids) { Add-Journal 'apply' $id 'begin' }
    Import-DhcpServer -ComputerName $server -File (Join-Path $script:Run.Folder 'primary.xml') -BackupPath (Get-BackupPath 'import') -ScopeId $ids -Leases -Force -ErrorAction Stop
}

function Invoke-ScopeMerge([string] $ScopeId) {
    if (Test-Done 'merge' $ScopeId) { return }
    $server = Get-ServerName 'primary'
    $wanted = Get-PlanRecord "scope|target|$ScopeId"
    $optionsOf = @(Get-OptionOwner $wanted) + @(Get-ExportedOptionOwner $ScopeId)
    Add-Journal 'apply' $ScopeId 'begin'
    Add-Journal 'merge' $ScopeId 'begin'
    $there = Read-Scope $server $ScopeId $optionsOf
    if ($null -eq $there) {
        Add-EmptyScope $server $wanted
        if ($script:Run.WhatIf) { return }
        $there = Read-Scope $server $ScopeId $optionsOf
    }
    $leases = @(Get-PartnerLease $ScopeId)
    [void] (Remove-UnwantedReservation $server $there $wanted)
    Merge-Lease $ScopeId $leases $wanted (Test-PartnerHasScope $ScopeId)
    if (-not $script:Run.WhatIf) { $there = Read-Scope $server $ScopeId $optionsOf }
    Set-ScopeContent $server $there $wanted
    Open-ScopePool $server $there $wanted
    if ($script:Run.WhatIf) { return }
    Assert-Merged $ScopeId $wanted $leases
    Add-Journal 'merge' $ScopeId 'done'
}

function Get-ExportedOptionOwner([string] $ScopeId) {
    $before = Get-Before "scope|primary|$ScopeId"
    if ($null -ne $before) { Get-OptionOwner $before }
}

function Get-PartnerLease([string] $ScopeId) {
    # As frozen; when the rehearsal comes before the freeze, as they are.
    if (-not (Test-InPlace)) { return }
    $name = Get-FrozenLeaseFile $ScopeId
    if (Test-Path -LiteralPath (Get-RunPath $name)) { Get-SavedLease $name | ForEach-Object { $_ }; return }
    if ($script:Run.WhatIf -and (Test-PartnerHasScope $ScopeId)) { Read-Lease (Get-ServerName 'secondary') $ScopeId | ForEach-Object { $_ } }
}

function Test-PartnerHasScope([string] $ScopeId) {
    if (-not (Test-InPlace)) { return $false }
    try { return $null -ne (Get-DhcpServerv4Scope -ComputerName (Get-ServerName 'secondary') -ScopeId $ScopeId -ErrorAction Stop) }
    catch { if (Test-NotFound $_ '20005') { return $false } else { throw } }
}

function Assert-Merged([string] $ScopeId, $Wanted, $Leases) {
    # The proof that lets the partner's scope go: the primary has everything that either server had.
    $server = Get-ServerName 'primary'
    $problems = @(Compare-Scope $Wanted (Read-Scope $server $ScopeId)) + @(Test-LeaseMerge $ScopeId $Leases $Wanted)
    if (-not $problems.Count) { return }
    foreach ($problem in $problems) { Write-Problem "  $server, scope $ScopeId`: $problem" }
    throw "Scope $ScopeId on $server is not as planned after the merge; its copy on $(Get-ServerName 'secondary') was not touched. Run this script again, or 90-rollback.ps1."
}

function Remove-PartnerScope {
    # Only scopes whose merge is proven; they make room for failover, which creates them anew.
    if (-not (Test-InPlace)) { return }
    $server = Get-ServerName 'secondary'
    foreach ($id in $script:Run.ScopeIds) {
        if (Test-Done 'remove' $id) { continue }
        if (-not $script:Run.WhatIf -and -not (Test-Done 'merge' $id)) { throw "Scope $id is not proven on the primary." }
        if ((Test-PartnerHasScope $id) -and $null -eq (Get-ScopeRelationship $server $id)) {
            Add-Journal 'remove' $id 'begin'
            if (Confirm-Change "$server, scope $id" 'remove; its content is merged on the primary') { Remove-DhcpServerv4Scope -ComputerName $server -ScopeId $id -Force -ErrorAction Stop }
        }
        Add-Journal 'remove' $id 'done'
    }
}

function Get-ScopeRelationship([string] $Server, [string] $ScopeId) {
    foreach ($relationship in @(Get-DhcpServerv4Failover -ComputerName $Server -ErrorAction Stop)) {
        if ((Get-RelationshipScope $relationship) -contains $ScopeId) { return $relationship }
    }
    return $null
}

function Set-ServerRole([string] $Role) {
    # Server-level values that the plan moved into the scopes go when the last scope that relied on them has moved.
    $server = Get-ServerName $Role
    $last = Test-LastWave $Role
    Set-ServerContent $server (Read-Server $server) (Get-PlanRecord 'server|target|') $last
    if (-not $last) { Write-Line "  $server`: has scopes that are not in failover; server-level option values that the plan moves into the scopes stay until the last wave." }
    Add-Journal 'server-level' $Role 'done' @{ complete = $last }
}

# -- verify -----------------------------------------------------------------------------------------------------------------------

function Invoke-Verify {
    Read-Version
    $problems = New-Object 'System.Collections.Generic.List[string]'
    $notes = New-Object 'System.Collections.Generic.List[string]'
    $scopes = @(foreach ($id in $script:Run.ScopeIds) { Test-FinishedScope $id $problems $notes })
    foreach ($role in 'primary', 'secondary') {
        if (-not (Test-LastWave $role)) { $notes.Add("$(Get-ServerName $role) has scopes that are not in failover; its server level is not compared"); continue }
        foreach ($problem in @(Compare-Server (Get-PlanRecord 'server|target|') (Read-Server (Get-ServerName $role)))) { $problems.Add("$(Get-ServerName $role): $problem") }
    }
    Test-Event $problems $notes
    foreach ($note in $notes) { Write-Line "  note     $note" }
    foreach ($problem in $problems) { Write-Problem "  no       $problem" }
    if (-not $script:Run.WhatIf) {
        Write-RunFile 'verify.json' @(ConvertTo-PlanLine ([ordered] @{ time = (Get-UtcText (Get-Date)); scopes = $scopes; problems = @($problems); notes = @($notes) }))
    }
    if ($problems.Count) { Write-Problem "$($problems.Count) differences from the plan. Run 30-apply.ps1 again, or 90-rollback.ps1."; return 1 }
    Write-Line "All $($scopes.Count) scopes are on both partners as planned, in failover and Normal. See run/verify.json"
    return 0
}

function Test-FinishedScope([string] $ScopeId, $Problems, $Notes) {
    $wanted = Get-PlanRecord "scope|target|$ScopeId"
    $result = [ordered] @{ scope_id = $ScopeId }
    $leases = @{}
    foreach ($role in 'primary', 'secondary') {
        $server = Get-ServerName $role
        $there = Read-Scope $server $ScopeId
        if ($null -eq $there) { $Problems.Add("$server has no scope $ScopeId"); return $result }
        foreach ($problem in @(Compare-Scope $wanted $there)) { $Problems.Add("$server, scope $ScopeId`: $problem") }
        $relationship = Get-ScopeRelationship $server $ScopeId
        if ($null -eq $relationship) { $Problems.Add("$server, scope $ScopeId is in no failover relationship") }
        elseif ([string] $relationship.State -ne 'Normal') { $Problems.Add("$server, relationship '$($relationship.Name)' is $($relationship.State), not Normal") }
        $leases[$role] = @(Read-Lease $server $ScopeId | ForEach-Object { $_ } | Where-Object { Test-InUse $_ })
        $result["${role}_leases"] = $leases[$role].Count
        $result["${role}_reservations"] = @($there.reservations).Count
    }
    if ($leases['primary'].Count -ne $leases['secondary'].Count) { $Notes.Add("scope $ScopeId has $($leases['primary'].Count) leases in use on the primary and $($leases['secondary'].Count) on the secondary; they settle as clients renew") }
    Test-LateLease $ScopeId $wanted $leases['primary'] $Problems
    Test-FreeSplit $ScopeId $wanted $result $Notes
    return $result
}

function Test-LateLease([string] $ScopeId, $Wanted, $Leases, $Problems) {
    # Every client of the frozen partner is known, under its address or another.
    $known = Get-LeaseTable $Leases
    $reserved = Get-ReservationTable $Wanted
    $lost = Get-LostLease 'secondary' $ScopeId
    foreach ($lease in @(Get-SavedLease (Get-FrozenLeaseFile $ScopeId) | ForEach-Object { $_ } | Where-Object { Test-InUse $_ })) {
        $client = $lease.client_id
        if ($known.Client.ContainsKey($client) -or $reserved.Client.ContainsKey($client) -or $reserved.Address.ContainsKey($lease.ip_address)) { continue }
        if ($lost.ContainsKey("$($lease.ip_address) $client") -or $known.Address.ContainsKey($lease.ip_address)) { continue }
        $Problems.Add("scope $ScopeId`: lease $($lease.ip_address) of $client, granted by $(Get-ServerName 'secondary') before the freeze, is missing")
    }
}

function Test-FreeSplit([string] $ScopeId, $Wanted, $Result, $Notes) {
    # Servers share out free addresses in their own time, so a split that is off is told, not refused.
    $relationship = @($script:Run.Plan.Relationships | Where-Object { $_.scope_ids -contains $ScopeId })[0]
    $statistics = Get-DhcpServerv4ScopeStatistics -ComputerName (Get-ServerName 'primary') -ScopeId $ScopeId -Failover -ErrorAction Stop
    $mine = [long] $statistics.AddressesFreeOnThisServer
    $theirs = [long] $statistics.AddressesFreeOnPartnerServer
    $Result['free_on_primary'] = $mine
    $Result['free_on_secondary'] = $theirs
    $percent = $(if ($relationship.mode -eq 'HotStandby') { 100 - $relationship.reserve_percent } else { $relationship.load_balance_percent })
    if ($null -eq $percent) { return }
    $expected = ($mine + $theirs) * $percent / 100
    if ([math]::Abs($mine - $expected) -gt [math]::Max(2, ($mine + $theirs) / 20)) { $Notes.Add("scope $ScopeId`: $mine addresses free on the primary and $theirs on the secondary, planned $percent percent; look again in an hour") }
}

function Test-Event($Problems, $Notes) {
    # Clocks out of step, contact lost, updates refused: since the change began.
    $began = @($script:Run.Steps.Values | Where-Object { $_.step -eq 'apply' } | ForEach-Object { $_.time } | Sort-Object)
    if (-not $began.Count) { return }
    $filter = @{ LogName = 'Microsoft-Windows-Dhcp-Server/Admin'; Id = 20253, 20255, 20291; StartTime = (ConvertFrom-UtcText $began[0]).ToLocalTime() }
    foreach ($role in 'primary', 'secondary') {
        $server = Get-ServerName $role
        try { $events = @(Get-WinEvent -ComputerName $server -FilterHashtable $filter -ErrorAction Stop) }
        catch {
            if ($_.FullyQualifiedErrorId -notmatch 'NoMatchingEventsFound') { $Notes.Add("the events of $server cannot be read: $($_.Exception.Message)") }
            continue
        }
        foreach ($group in @($events | Group-Object -Property Id)) { $Problems.Add("$server logged event $($group.Name) $($group.Count) times since the change began") }
    }
}
