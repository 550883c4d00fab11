# 40-verify.ps1: both partners against the plan, and what they logged meanwhile.

function Invoke-Verify {
    Read-Version
    $problems = New-Object 'System.Collections.Generic.List[string]'
    $notes = New-Object 'System.Collections.Generic.List[string]'
    $scopes = @(foreach ($id in $script:Run.ScopeIds) { Test-FinishedScope $id $problems $notes })
    foreach ($role in 'primary', 'secondary') {
        if (-not (Test-LastWave $role)) {
            $notes.Add("$(Get-ServerName $role) has scopes that are not in failover; its server level is not compared"); continue
        }
        foreach ($problem in @(Compare-Server (Get-PlanRecord 'server|target|') (Read-Server (Get-ServerName $role)))) {
            $problems.Add("$(Get-ServerName $role): $problem")
        }
    }
    Test-Event $problems $notes
    foreach ($note in $notes) { Write-Line "  note     $note" }
    foreach ($problem in $problems) { Write-Problem "  no       $problem" }
    if (-not $script:Run.WhatIf) {
        $result = [ordered] @{ time = (Get-UtcText (Get-Date)); scopes = $scopes; problems = @($problems); notes = @($notes) }
        Write-RunFile 'verify.json' @(ConvertTo-PlanLine $result '')
    }
    if ($problems.Count) {
        Write-Problem "$($problems.Count) differences from the plan. Run 30-apply.ps1 again, or 90-rollback.ps1."; return 1
    }
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
        elseif ([string] $relationship.State -ne 'Normal') {
            $Problems.Add("$server, relationship '$($relationship.Name)' is $($relationship.State), not Normal")
        }
        $leases[$role] = @(Read-Lease $server $ScopeId | ForEach-Object { $_ } | Where-Object { Test-InUse $_ })
        $result["${role}_leases"] = $leases[$role].Count
        $result["${role}_reservations"] = @($there.reservations).Count
    }
    if ($leases['primary'].Count -ne $leases['secondary'].Count) {
        $Notes.Add("scope $ScopeId has $($leases['primary'].Count) leases in use on the primary and $($leases['secondary'].Count) on the secondary; they settle as clients renew")
    }
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
        if ($known.Client.ContainsKey($client) -or $reserved.Client.ContainsKey($client) -or $reserved.Address.ContainsKey($lease.ip_address)) {
            continue
        }
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
    if ([math]::Abs($mine - $expected) -gt [math]::Max(2, ($mine + $theirs) / 20)) {
        $Notes.Add("scope $ScopeId`: $mine addresses free on the primary and $theirs on the secondary, planned $percent percent; look again in an hour")
    }
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
            if ($_.FullyQualifiedErrorId -notmatch 'NoMatchingEventsFound') {
                $Notes.Add("the events of $server cannot be read: $($_.Exception.Message)")
            }
            continue
        }
        foreach ($group in @($events | Group-Object -Property Id)) {
            $Problems.Add("$server logged event $($group.Name) $($group.Count) times since the change began")
        }
    }
}
