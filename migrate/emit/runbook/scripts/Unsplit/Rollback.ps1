# The way back, from any point: the servers as run/before.jsonl says, the partner's scopes out of the frozen export, and no lease that was
# granted meanwhile lost. Only what the journal says was begun is undone; nothing is restored from the database backup, which would take
# leases of the last hours with it.

function Invoke-Rollback {
    Read-Version
    $ids = @($script:Run.ScopeIds | Where-Object { (Test-Begun 'freeze' $_) -or (Test-Begun 'apply' $_) })
    $levels = @('primary', 'secondary' | Where-Object { Test-Begun 'server-level' $_ })
    if (-not $ids.Count -and -not $levels.Count) { Write-Line 'Nothing was changed, so there is nothing to undo.'; return 0 }
    if (-not $script:Run.Before.Count) {
        throw (New-Refusal 'run/before.jsonl is missing: this is not the folder from which the change was made.')
    }
    Confirm-Step "Undo the change for $($ids.Count) scopes?"
    Remove-FromFailover $ids
    foreach ($role in $levels) { Undo-ServerLevel $role $ids }
    foreach ($id in $ids) { Undo-Primary $id }
    Restore-PartnerScope $ids
    foreach ($id in $ids) { Undo-Secondary $id }
    foreach ($role in $levels) { Undo-ServerVocabulary $role $ids }
    foreach ($id in $ids) { Add-Journal 'rolled-back' $id 'done' }
    Write-Line 'Both servers are as they were before, with the leases granted since. To try again: 00-precheck.ps1'
    return 0
}

function Remove-FromFailover($ScopeIds) {
    # From the side that keeps the scopes. A relationship that would be empty goes as a whole.
    $server = Get-ServerName 'primary'
    foreach ($planned in $script:Run.Plan.Relationships) {
        $relationship = Get-Relationship $server $planned.name
        $members = Get-RelationshipScope $relationship
        $leaving = @($members | Where-Object { $ScopeIds -contains $_ })
        if ($null -eq $relationship -or ($members.Count -and -not $leaving.Count)) { continue }
        if (-not @($planned.scope_ids | Where-Object { $ScopeIds -contains $_ }).Count) { continue }
        if ($leaving.Count -eq $members.Count) {
            if (Confirm-Change $server "delete relationship '$($planned.name)'; the scopes stay here") {
                Remove-DhcpServerv4Failover -ComputerName $server -Name $planned.name -Force -ErrorAction Stop
            }
        }
        elseif (Confirm-Change $server "take $($leaving.Count) scopes out of relationship '$($planned.name)'; they stay here") {
            Remove-DhcpServerv4FailoverScope -ComputerName $server -Name $planned.name -ScopeId $leaving -Force -ErrorAction Stop
        }
    }
}

function Test-LastUndone($ScopeIds) {
    # Whether no scope stays changed. While one does, both servers need the server level of the plan.
    foreach ($id in $script:Run.Plan.ScopeIds) {
        if ($ScopeIds -notcontains $id -and ((Test-Begun 'freeze' $id) -or (Test-Begun 'apply' $id))) { return $false }
    }
    return $true
}

function Undo-ServerLevel([string] $Role, $ScopeIds) {
    # Values first, so that the scopes find again what they relied on.
    if (-not (Test-LastUndone $ScopeIds)) { return }
    $server = Get-ServerName $Role
    Set-ServerContent $server (Read-Server $server) (Get-Before "server|$Role|") $true
}

function Undo-ServerVocabulary([string] $Role, $ScopeIds) {
    if (-not (Test-LastUndone $ScopeIds)) { return }
    $server = Get-ServerName $Role
    Remove-ServerVocabulary $server (Read-Server $server) (Get-Before "server|$Role|")
    Add-Journal 'rolled-back' $Role 'done'
}

function Undo-Primary([string] $ScopeId) {
    # The primary narrows its pool again before the partner answers. A scope it did not have is only silenced until the partner has it.
    $server = Get-ServerName 'primary'
    $there = Read-Scope $server $ScopeId
    if ($null -eq $there) { return }
    $before = Get-Restorable (Get-Before "scope|primary|$ScopeId")
    if ($null -eq $before) {
        if ($there.state -eq 'Active') { Set-ScopeState $server $ScopeId 'InActive' }
        return
    }
    # Nothing becomes free on the way back: exclusions come first, and where the range shrinks the scope waits for the moment.
    [void] @(Add-FittingExclusion $server $there $before)
    $shrinks = "$($there.start_range)-$($there.end_range)" -ne "$($before.start_range)-$($before.end_range)"
    if ($shrinks -and $there.state -eq 'Active') { Set-ScopeState $server $ScopeId 'InActive' }
    [void] (Remove-UnwantedReservation $server $there $before)
    if (-not $script:Run.WhatIf) {
        Clear-ReservedAddress $server $ScopeId $before
        Add-ReplacedLease $server $ScopeId
        $there = Read-Scope $server $ScopeId
    }
    Set-ScopeContent $server $there $before
    Open-ScopePool $server $there $before
}

function Clear-ReservedAddress([string] $Server, [string] $ScopeId, $Before) {
    # A client of the partner stands where a reservation of the primary comes back; the partner has that client's lease.
    $reserved = Get-ReservationTable $Before
    foreach ($lease in (Read-Lease $Server $ScopeId)) {
        $owner = $reserved.Address[$lease.ip_address]
        if ($lease.state -eq 'Active' -and $null -ne $owner -and $owner -ne $lease.client_id) {
            Remove-Lease $Server $lease.ip_address
        }
    }
}

function Get-Restorable($Before) {
    # A reservation outside the range of its scope cannot be made again (20018, KB2005980). So that it stays, the range reaches to it, and what
    # the range did not hold before is excluded: the same addresses are handed out as before.
    if ($null -eq $Before) { return $null }
    $first = Get-AddressNumber $Before.start_range
    $last = Get-AddressNumber $Before.end_range
    foreach ($reservation in $Before.reservations) {
        $number = Get-AddressNumber $reservation.ip_address
        if ($number -lt (Get-AddressNumber $Before.start_range)) {
            $Before.exclusions = @("$($reservation.ip_address)-$(Get-AddressText ((Get-AddressNumber $Before.start_range) - 1))") + @($Before.exclusions)
            $Before.start_range = $reservation.ip_address
        }
        if ($number -gt (Get-AddressNumber $Before.end_range)) {
            $Before.exclusions = @($Before.exclusions) + @("$(Get-AddressText ((Get-AddressNumber $Before.end_range) + 1))-$($reservation.ip_address)")
            $Before.end_range = $reservation.ip_address
        }
    }
    if ($first -ne (Get-AddressNumber $Before.start_range) -or $last -ne (Get-AddressNumber $Before.end_range)) {
        Write-Line "  scope $($Before.scope_id): the range reaches to $($Before.start_range)-$($Before.end_range), for reservations outside it; the rest of that is excluded"
    }
    return $Before
}

function Restore-PartnerScope($ScopeIds) {
    # Out of the frozen exports, inactive as they were then. The files carry the partner's own server level as well.
    $server = Get-ServerName 'secondary'
    $files = [ordered] @{}
    foreach ($id in $ScopeIds) {
        if ($null -eq (Get-Before "scope|secondary|$id") -or (Test-PartnerHasScope $id)) { continue }
        $name = (Get-JournalDetail 'frozen-export' $id).file
        if (-not $files.Contains($name)) { $files[$name] = New-Object 'System.Collections.Generic.List[string]' }
        $files[$name].Add($id)
    }
    foreach ($name in $files.Keys) {
        $ids = $files[$name].ToArray()
        if (-not (Confirm-Change $server "import $($ids.Count) scopes with their leases from run/$name")) { continue }
        try { Import-DhcpServer -ComputerName $server -File (Get-RunPath $name) -BackupPath (Get-BackupPath 'rollback') -ScopeId $ids -Leases -Force -ErrorAction Stop }
        catch {
            # A single reservation or lease that it refuses is made good below; a scope that is not there is not.
            if (@($ids | Where-Object { -not (Test-PartnerHasScope $_) }).Count) { throw }
            Write-Line "  $server`: the import says: $($_.Exception.Message)"
        }
    }
}

function Undo-Secondary([string] $ScopeId) {
    $server = Get-ServerName 'secondary'
    $before = Get-Restorable (Get-Before "scope|secondary|$ScopeId")
    if ($null -ne $before -and (Test-PartnerHasScope $ScopeId)) {
        $there = Read-Scope $server $ScopeId
        Set-ScopeContent $server $there $before
        Set-ScopePool $server $there $before
        if (-not $script:Run.WhatIf -and (Test-OutsideRange $there $before)) { Set-ScopeRest $server $ScopeId $before }
        if (Confirm-Change "$server, scope $ScopeId" 'give back its leases, with what changed since') {
            Undo-Lease $ScopeId $before
        }
        if ($there.state -ne $before.state) { Set-ScopeState $server $ScopeId $before.state }
    }
    $primary = Get-ServerName 'primary'
    if ($null -eq (Get-Before "scope|primary|$ScopeId")) {
        if ($null -ne (Read-Scope $primary $ScopeId @()) -and (Confirm-Change "$primary, scope $ScopeId" 'remove; it was not there before')) {
            Remove-DhcpServerv4Scope -ComputerName $primary -ScopeId $ScopeId -Force -ErrorAction Stop
        }
    }
}

# -- leases -----------------------------------------------------------------------------------------------------------------------

function Test-Served($Scope, [string] $Address) {
    # Whether a copy of a scope hands the address out by itself.
    if ($null -eq $Scope) { return $false }
    $number = Get-AddressNumber $Address
    if ($number -lt (Get-AddressNumber $Scope.start_range) -or $number -gt (Get-AddressNumber $Scope.end_range)) { return $false }
    return -not @($Scope.exclusions | Where-Object { Test-Overlap $_ "$Address-$Address" }).Count
}

function Undo-Lease([string] $ScopeId, $Before) {
    # The partner gets back every lease it had, and those that were granted or renewed in its part of the pool since; the primary gets back
    # those that had to go for them. Nobody answers for the partner's part meanwhile but the primary, which knows its clients.
    $primary = Get-ServerName 'primary'
    $secondary = Get-ServerName 'secondary'
    $hasPrimary = $null -ne (Read-Scope $primary $ScopeId @())
    $mine = @(if ($hasPrimary) { Read-Lease $primary $ScopeId | ForEach-Object { $_ } })
    $moved = @(Get-LeaseOfPartner $mine $ScopeId $Before)
    $frozen = @(Get-SavedLease (Get-FrozenLeaseFile $ScopeId) | ForEach-Object { $_ } | Where-Object { Test-InUse $_ })
    Add-PartnerLease $secondary $ScopeId (@($moved) + $frozen) $Before
    if (-not $hasPrimary -or $null -eq (Get-Before "scope|primary|$ScopeId")) { return }    # a scope that goes from the primary
    $there = Get-LeaseTable (Read-Lease $secondary $ScopeId)
    foreach ($lease in $moved) {
        $held = $there.Address[$lease.ip_address]
        if ($null -ne $held -and $held.client_id -eq $lease.client_id) { Remove-Lease $primary $lease.ip_address }
    }
    Restore-ReplacedLease $primary $ScopeId
}

function Get-LeaseOfPartner($Leases, [string] $ScopeId, $Before) {
    # Leases of the primary that belong into the partner's part of the pool: addresses it serves and the primary does not.
    $own = Get-Before "scope|primary|$ScopeId"
    foreach ($lease in $Leases) {
        if ((Test-InUse $lease) -and (Test-Served $Before $lease.ip_address) -and -not (Test-Served $own $lease.ip_address)) {
            $lease
        }
    }
}

function Add-PartnerLease([string] $Server, [string] $ScopeId, $Leases, $Before) {
    $there = Get-LeaseTable (Read-Lease $Server $ScopeId)
    foreach ($lease in $Leases) {
        $held = $there.Address[$lease.ip_address]
        $elsewhere = $there.Client[$lease.client_id]
        if ($null -ne $held) {
            if ($held.client_id -ne $lease.client_id -and (Test-InUse $held)) { continue }
            if ($held.client_id -eq $lease.client_id -and -not (Test-LaterExpiry $lease $held)) { continue }
            if ($held.state -like '*Reservation') { continue }
            Remove-Lease $Server $lease.ip_address
        }
        if ($null -ne $elsewhere -and $elsewhere.ip_address -ne $lease.ip_address) { continue }
        Add-Lease $Server $ScopeId $lease $Before.policies
        $there.Address[$lease.ip_address] = $lease
        $there.Client[$lease.client_id] = $lease
    }
}

function Add-ReplacedLease([string] $Server, [string] $ScopeId) {
    # Those that went and whose place was not taken yet: they must be back before the exclusion goes that keeps their address.
    $there = Get-LeaseTable (Read-Lease $Server $ScopeId)
    foreach ($lease in @(Get-SavedLease (Get-ReplacedLeaseFile $ScopeId) | ForEach-Object { $_ } | Where-Object { Test-InUse $_ })) {
        if (-not $there.Address.ContainsKey($lease.ip_address) -and -not $there.Client.ContainsKey($lease.client_id)) { Add-Lease $Server $ScopeId $lease @() }
    }
}

function Restore-ReplacedLease([string] $Server, [string] $ScopeId) {
    $there = Get-LeaseTable (Read-Lease $Server $ScopeId)
    foreach ($lease in @(Get-SavedLease (Get-ReplacedLeaseFile $ScopeId) | ForEach-Object { $_ } | Where-Object { Test-InUse $_ })) {
        $held = $there.Address[$lease.ip_address]
        $elsewhere = $there.Client[$lease.client_id]
        if ($null -ne $held -and $held.client_id -eq $lease.client_id) { continue }
        if ($null -ne $held -and (Test-FrozenLease $ScopeId $held)) {
            Protect-Address $Server $ScopeId @($held.ip_address)
            Remove-Lease $Server $held.ip_address
            $held = $null
        }
        if ($null -ne $elsewhere -and $elsewhere.ip_address -ne $lease.ip_address -and (Test-FrozenLease $ScopeId $elsewhere)) {
            Remove-Lease $Server $elsewhere.ip_address; $elsewhere = $null
        }
        if ($null -ne $held -or $null -ne $elsewhere) { continue }    # granted to somebody since
        Add-Lease $Server $ScopeId $lease @()
    }
    Set-ScopePool $Server (Read-Scope $Server $ScopeId @()) (Get-Restorable (Get-Before "scope|primary|$ScopeId"))
}

function Test-FrozenLease([string] $ScopeId, $Lease) {
    # Whether the lease came from the partner, which has it back by now.
    foreach ($frozen in (Get-SavedLease (Get-FrozenLeaseFile $ScopeId))) {
        if ($frozen.ip_address -eq $Lease.ip_address -and $frozen.client_id -eq $Lease.client_id) { return $true }
    }
    return $false
}
