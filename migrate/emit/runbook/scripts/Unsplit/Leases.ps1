# Leases that change the server. While both servers hand out their parts of a pool, each knows only the leases it granted; before one of
# them may hand out all of it, it must know all of them. Of two leases for an address or a client the one stands that the plan says, else
# the one that runs longer; one in use beats one that is not.
#
# Add-DhcpServerv4Lease is documented for tests on Windows Server 2012. There is no other way to give a running scope single leases.

function Read-Lease([string] $Server, [string] $ScopeId) {
    $leases = New-Object 'System.Collections.Generic.List[object]'
    foreach ($lease in @(Get-DhcpServerv4Lease -ComputerName $Server -ScopeId $ScopeId -AllLeases -ErrorAction Stop)) {
        $leases.Add([ordered] @{
                ip_address = [string] $lease.IPAddress; client_id = ([string] $lease.ClientId).ToLowerInvariant(); state = [string] $lease.AddressState
                expires = $(if ($null -ne $lease.LeaseExpiryTime) { Get-UtcText $lease.LeaseExpiryTime } else { '' })
                host_name = [string] $lease.HostName; description = [string] $lease.Description; client_type = [string] $lease.ClientType
                dns_rr = [string] $lease.DnsRR; dns_registration = [string] $lease.DnsRegistration; policy_name = [string] $lease.PolicyName
            })
    }
    return , $leases.ToArray()
}

function Save-Lease([string] $Name, $Leases) { Write-RunFile $Name @($Leases | ForEach-Object { ConvertTo-PlanLine $_ }) }
function Get-SavedLease([string] $Name) { return , (Read-JsonLines (Get-RunPath $Name)) }
function Get-FrozenLeaseFile([string] $ScopeId) { return "frozen-$ScopeId.jsonl" }
function Get-ReplacedLeaseFile([string] $ScopeId) { return "replaced-$ScopeId.jsonl" }

function Test-InUse($Lease) {
    if ($Lease.state -ne 'Active') { return $false }
    return $Lease.expires -eq '' -or $Lease.expires -gt (Get-UtcText (Get-Date))
}

function Test-LaterExpiry($One, $Other) {
    # An empty expiry is no end at all. The texts sort as the times do.
    if ($One.expires -eq $Other.expires) { return $false }
    if ($One.expires -eq '' -or $Other.expires -eq '') { return $One.expires -eq '' }
    return $One.expires -gt $Other.expires
}

function Get-LostLease([string] $Role, [string] $ScopeId) {
    # "address client" of the leases of one server that lost in the plan.
    $lost = @{}
    $record = Get-PlanRecord "lost-leases|$Role|$ScopeId"
    if ($null -ne $record) { foreach ($lease in $record.leases) { $lost[$lease] = $true } }
    return $lost
}

function Test-Wins($Lease, $Opponent, $LostHere, $LostThere) {
    # Whether the partner's lease stands against the primary's.
    if (-not (Test-InUse $Opponent)) { return $true }
    $lost = $LostHere.ContainsKey("$($Lease.ip_address) $($Lease.client_id)")
    $opponentLost = $LostThere.ContainsKey("$($Opponent.ip_address) $($Opponent.client_id)")
    if ($lost -ne $opponentLost) { return $opponentLost }
    return Test-LaterExpiry $Lease $Opponent
}

function Get-LeaseTable($Leases) {
    $byAddress = @{}
    $byClient = @{}
    foreach ($lease in $Leases) {
        $byAddress[$lease.ip_address] = $lease
        if ($lease.state -ne 'Declined') { $byClient[$lease.client_id] = $lease }
    }
    return @{ Address = $byAddress; Client = $byClient }
}

function Get-ReservationTable($Scope) {
    $byAddress = @{}
    $byClient = @{}
    foreach ($reservation in $Scope.reservations) {
        $byAddress[$reservation.ip_address] = $reservation.client_id; $byClient[$reservation.client_id] = $reservation.ip_address
    }
    return @{ Address = $byAddress; Client = $byClient }
}

function Get-LeaseMerge($Primary, $Secondary, $Wanted, [string] $ScopeId) {
    # What is to be done so that the primary knows the partner's leases: Add (to the primary), Remove (from it, in the way of one that is
    # added), Drop (from the partner: lost, and its address becomes free on the primary).
    $add = New-Object 'System.Collections.Generic.List[object]'
    $remove = [ordered] @{}
    $drop = New-Object 'System.Collections.Generic.List[object]'
    $mine = Get-LeaseTable $Primary
    $reserved = Get-ReservationTable $Wanted
    $lostHere = Get-LostLease 'secondary' $ScopeId
    $lostThere = Get-LostLease 'primary' $ScopeId
    foreach ($lease in $Secondary) {
        if (-not (Test-InUse $lease)) { continue }
        $address = $lease.ip_address
        $there = $mine.Address[$address]
        $elsewhere = $mine.Client[$lease.client_id]
        $isReserved = $reserved.Address.ContainsKey($address) -or $reserved.Client.ContainsKey($lease.client_id)
        $opponents = @(@($there, $elsewhere) | Where-Object { $null -ne $_ } | Select-Object -Unique)
        $same = $null -ne $there -and $there.client_id -eq $lease.client_id
        if ($same -and -not (Test-LaterExpiry $lease $there) -and (Test-InUse $there)) { continue }
        $losers = @($opponents | Where-Object { -not ($same -and $_.ip_address -eq $address) -and -not (Test-Wins $lease $_ $lostHere $lostThere) })
        if ($isReserved -or $losers.Count) {
            if ($null -eq $there) { $drop.Add($lease) }
            continue
        }
        foreach ($opponent in $opponents) { $remove[$opponent.ip_address] = $opponent }
        $add.Add($lease)
    }
    foreach ($address in $reserved.Address.Keys) {
        # Reserved for somebody else than the client that has it now: the reservation stands.
        $there = $mine.Address[$address]
        if ($null -ne $there -and $there.state -in 'Active', 'Offered' -and $there.client_id -ne $reserved.Address[$address]) {
            $remove[$address] = $there
        }
    }
    return @{ Add = $add.ToArray(); Remove = @($remove.Values); Drop = $drop.ToArray() }
}

function Add-Lease([string] $Server, [string] $ScopeId, $Lease, $Policies) {
    $new = @{ ComputerName = $Server; ScopeId = $ScopeId; IPAddress = $Lease.ip_address; ClientId = $Lease.client_id; AddressState = 'Active'; ErrorAction = 'Stop' }
    if ($Lease.host_name) { $new['HostName'] = $Lease.host_name }
    if ($Lease.description) { $new['Description'] = $Lease.description }
    if ($Lease.expires) { $new['LeaseExpiryTime'] = (ConvertFrom-UtcText $Lease.expires).ToLocalTime() }
    if ($Lease.client_type -in 'UnSpecified', 'Dhcp', 'BootP', 'None', 'Both') { $new['ClientType'] = $Lease.client_type }
    if ($Lease.dns_rr -in 'A', 'PTR', 'AandPTR', 'NoRegistration') { $new['DnsRR'] = $Lease.dns_rr }
    if ($Lease.dns_registration -in 'Complete', 'Pending', 'NotApplicable') { $new['DnsRegistration'] = $Lease.dns_registration }
    if ($Lease.policy_name -and $null -ne (Find-Policy $Policies $Lease.policy_name)) { $new['PolicyName'] = $Lease.policy_name }
    Add-DhcpServerv4Lease @new
}

function Remove-Lease([string] $Server, [string] $Address) {
    Remove-DhcpServerv4Lease -ComputerName $Server -IPAddress $Address -ErrorAction Stop
}

function Protect-Address([string] $Server, [string] $ScopeId, $Addresses) {
    # Excludes single addresses while their record changes hands, so that nobody gets one in between. The pool step takes the exclusions out.
    $there = $null
    foreach ($address in $Addresses) {
        if ($null -eq $there) { $there = Get-DhcpServerv4Scope -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop }
        $number = Get-AddressNumber $address
        if ($number -lt (Get-AddressNumber ([string] $there.StartRange)) -or $number -gt (Get-AddressNumber ([string] $there.EndRange))) {
            continue
        }
        $exclusions = @(Get-DhcpServerv4ExclusionRange -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop | ForEach-Object { Get-RangeText $_ })
        if (-not @($exclusions | Where-Object { Test-Overlap $_ "$address-$address" }).Count) {
            Add-Exclusion $Server $ScopeId "$address-$address"
        }
    }
}

function Save-ReplacedLease([string] $ScopeId, $Leases) {
    # Written before the first of them goes; those saved by an interrupted run stay in the file.
    if ($script:Run.WhatIf -or -not @($Leases).Count) { return }
    $name = Get-ReplacedLeaseFile $ScopeId
    $saved = [ordered] @{}
    foreach ($lease in @($Leases) + @(Get-SavedLease $name | ForEach-Object { $_ })) { $saved[$lease.ip_address] = $lease }
    Save-Lease $name @($saved.Values)
}

function Merge-Lease([string] $ScopeId, $Secondary, $Wanted, [bool] $OnPartner) {
    # The partner's leases on the primary. $OnPartner: the partner still has the scope, so that leases that lost can go there.
    $server = Get-ServerName 'primary'
    $merge = Get-LeaseMerge (Read-Lease $server $ScopeId) $Secondary $Wanted $ScopeId
    $counts = "$(@($merge.Add).Count) leases of $(Get-ServerName 'secondary')"
    if (-not (@($merge.Add).Count + @($merge.Remove).Count)) { Remove-LostLease $ScopeId $merge.Drop $OnPartner; return }
    if (Confirm-Change "$server, scope $ScopeId" "add $counts, remove $(@($merge.Remove).Count) that lost") {
        Save-ReplacedLease $ScopeId $merge.Remove
        $kept = @($merge.Add | ForEach-Object { $_.ip_address }) + @($Wanted.reservations | ForEach-Object { $_.ip_address })
        Protect-Address $server $ScopeId @($merge.Remove | ForEach-Object { $_.ip_address } | Where-Object { $kept -contains $_ })
        foreach ($lease in $merge.Remove) { Remove-Lease $server $lease.ip_address }
        foreach ($lease in $merge.Add) { Add-Lease $server $ScopeId $lease $Wanted.policies }
    }
    Remove-LostLease $ScopeId $merge.Drop $OnPartner
}

function Remove-LostLease([string] $ScopeId, $Leases, [bool] $OnPartner) {
    if (-not $OnPartner -or -not @($Leases).Count) { return }
    $server = Get-ServerName 'secondary'
    $there = @{}
    foreach ($lease in (Read-Lease $server $ScopeId)) { $there[$lease.ip_address] = $lease.client_id }
    $present = @($Leases | Where-Object { $there[$_.ip_address] -eq $_.client_id })
    if (-not $present.Count -or -not (Confirm-Change "$server, scope $ScopeId" "remove $($present.Count) leases that lost")) {
        return
    }
    foreach ($lease in $present) { Remove-Lease $server $lease.ip_address }
}

function Test-LeaseMerge([string] $ScopeId, $Secondary, $Wanted) {
    # What is still missing on the primary, as sentences.
    $merge = Get-LeaseMerge (Read-Lease (Get-ServerName 'primary') $ScopeId) $Secondary $Wanted $ScopeId
    foreach ($lease in $merge.Add) { "lease $($lease.ip_address) of $($lease.client_id) is missing on $(Get-ServerName 'primary')" }
}
