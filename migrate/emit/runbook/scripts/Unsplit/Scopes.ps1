# Brings one scope of one server to what the plan says, in an order that keeps its clients served. Reads the scope as it is, changes
# only what differs, and can be run again at any point.

function Get-PolicyForm($Scope, $There) {
    # Options of a user class as the policy in which servers keep them since 2012. Policies that no source could state stay as they are.
    $plain = @($Scope.options | Where-Object { -not $_.user_class })
    $policies = New-Object 'System.Collections.Generic.List[object]'
    $stated = $Scope.policies
    if ($null -eq $stated) { $stated = $There.policies }
    foreach ($policy in $stated) { $policies.Add($policy) }
    foreach ($option in @($Scope.options | Where-Object { $_.user_class })) {
        $own = @{ option_id = $option.option_id; vendor_class = $option.vendor_class; user_class = ''; values = $option.values }
        $policy = Find-Policy $policies $option.user_class
        if ($null -eq $policy) {
            $policy = @{ name = $option.user_class; enabled = $true; condition = 'OR'; description = ''; ranges = @(); options = @(); dns_suffix = ''; conditions = @{ UserClass = @('EQ', $option.user_class) } }
            $policies.Add($policy)
        }
        $policy.options = @($policy.options | Where-Object { (Get-OptionKey $_) -ne (Get-OptionKey $own) }) + @($own)
    }
    return @{ options = $plain; policies = $policies.ToArray() }
}

function Get-OptionOwner($Scope) {
    # The reservations whose options have to be read: those that have any in the plan or had any in the export.
    return @($Scope.reservations | Where-Object { @($_.options).Count } | ForEach-Object { $_.ip_address })
}

function Set-ScopeProperty([string] $Server, $There, $Wanted) {
    # Everything that one call can set, but for range and state.
    $id = $Wanted.scope_id
    $new = @{ ComputerName = $Server; ScopeId = $id; ErrorAction = 'Stop' }
    $changes = @()
    if ($There.name -cne $Wanted.name) { $new['Name'] = $Wanted.name; $changes += "name '$($Wanted.name)'" }
    if ($There.description -cne $Wanted.description) { $new['Description'] = $Wanted.description; $changes += 'description' }
    if ($null -ne $Wanted.delay -and $There.delay -ne $Wanted.delay) {
        $new['Delay'] = [uint16] $Wanted.delay; $changes += "delay $($Wanted.delay) ms"
    }
    if ($null -ne $Wanted.lease_seconds -and $There.lease_seconds -ne $Wanted.lease_seconds) {
        $new['LeaseDuration'] = ConvertTo-Span $Wanted.lease_seconds
        $changes += "lease duration $($new['LeaseDuration'])"
    }
    if ($There.type -ne $Wanted.type) { $new['Type'] = $Wanted.type; $changes += "type $($Wanted.type)" }
    if ($Wanted.type -eq 'Both' -and $null -ne $Wanted.max_bootp_clients -and $There.max_bootp_clients -ne $Wanted.max_bootp_clients) {
        $new['MaxBootpClients'] = [uint32] $Wanted.max_bootp_clients
        $changes += "at most $($Wanted.max_bootp_clients) BOOTP clients"
    }
    if ($null -ne $Wanted.activate_policies -and $There.activate_policies -ne ($Wanted.activate_policies -eq $true)) {
        $new['ActivatePolicies'] = [bool] $Wanted.activate_policies
        $changes += "policy activation $($Wanted.activate_policies)"
    }
    if ($changes.Count -and (Confirm-Change "$Server, scope $id" "set $($changes -join ', ')")) { Set-DhcpServerv4Scope @new }
    Set-ScopeSuperscope $Server $There $Wanted
}

function Set-ScopeSuperscope([string] $Server, $There, $Wanted) {
    $id = $Wanted.scope_id
    if ([string] $There.superscope -ceq [string] $Wanted.superscope) { return }
    if ($Wanted.superscope) {
        if (-not (Confirm-Change "$Server, scope $id" "put into superscope $($Wanted.superscope)")) { return }
        Add-DhcpServerv4Superscope -ComputerName $Server -SuperscopeName $Wanted.superscope -ScopeId $id -Force -ErrorAction Stop
    }
    elseif (Confirm-Change "$Server, scope $id" "take out of superscope $($There.superscope)") {
        Remove-DhcpServerv4Superscope -ComputerName $Server -SuperscopeName $There.superscope -ScopeId $id -ErrorAction Stop
    }
}

function Set-ScopeState([string] $Server, [string] $ScopeId, [string] $State) {
    if (-not (Confirm-Change "$Server, scope $ScopeId" $(if ($State -eq 'Active') { 'activate' } else { 'deactivate' }))) { return }
    Set-DhcpServerv4Scope -ComputerName $Server -ScopeId $ScopeId -State $State -ErrorAction Stop
}

function Add-EmptyScope([string] $Server, $Wanted) {
    # Inactive: nobody is served from it before everything is in it.
    if (-not (Confirm-Change "$Server, scope $($Wanted.scope_id)" 'create, inactive')) { return }
    $seconds = $Wanted.lease_seconds
    if ($null -eq $seconds) { $seconds = 691200 }
    $new = @{
        ComputerName = $Server; Name = $Wanted.name; Description = $Wanted.description; State = 'InActive'; Type = $Wanted.type; SubnetMask = $Wanted.subnet_mask
        StartRange = $Wanted.start_range; EndRange = $Wanted.end_range; LeaseDuration = (ConvertTo-Span $seconds); ErrorAction = 'Stop'
    }
    Add-DhcpServerv4Scope @new
}

# -- reservations -----------------------------------------------------------------------------------------------------------------

function Remove-UnwantedReservation([string] $Server, $There, $Wanted) {
    # Those the plan does not have, and those it gives to another client. Gives the addresses that stay.
    $byAddress = @{}
    foreach ($reservation in $Wanted.reservations) { $byAddress[$reservation.ip_address] = $reservation.client_id }
    $kept = @{}
    foreach ($reservation in $There.reservations) {
        $address = $reservation.ip_address
        if ($byAddress[$address] -eq $reservation.client_id) { $kept[$address] = $reservation; continue }
        if (-not (Confirm-Change "$Server, scope $($Wanted.scope_id)" "remove reservation $address of $($reservation.client_id)")) {
            continue
        }
        if ($byAddress.ContainsKey($address)) { Protect-Address $Server $Wanted.scope_id @($address) }
        Remove-DhcpServerv4Reservation -ComputerName $Server -IPAddress $address -ErrorAction Stop
    }
    return $kept
}

function Set-Reservation([string] $Server, $Kept, $Wanted, [string] $First, [string] $Last) {
    # Adds and corrects those whose address lies from $First to $Last. What stands in the way of one has been removed before.
    $from = Get-AddressNumber $First
    $to = Get-AddressNumber $Last
    foreach ($reservation in $Wanted.reservations) {
        $address = $reservation.ip_address
        $number = Get-AddressNumber $address
        if ($number -lt $from -or $number -gt $to) { continue }
        $same = $Kept[$address]
        if ($null -eq $same) {
            if (-not (Confirm-Change "$Server, scope $($Wanted.scope_id)" "reserve $address for $($reservation.client_id)")) {
                continue
            }
            Add-DhcpServerv4Reservation -ComputerName $Server -ScopeId $Wanted.scope_id -IPAddress $address -ClientId $reservation.client_id -Name $reservation.name -Description $reservation.description -Type $reservation.type -ErrorAction Stop
            $same = @{ options = @() }
        }
        elseif ((Get-ReservationText $same) -cne (Get-ReservationText $reservation) -and (Confirm-Change "$Server, scope $($Wanted.scope_id)" "correct reservation $address")) {
            Set-DhcpServerv4Reservation -ComputerName $Server -IPAddress $address -Name $reservation.name -Description $reservation.description -Type $reservation.type -ErrorAction Stop
        }
        Set-OptionLevel $Server @{ ReservedIP = $address } "reservation $address" $same.options $reservation.options
        $Kept[$address] = $reservation
    }
}

function Test-OutsideRange($There, $Wanted) {
    # Whether the plan has a reservation or a policy range that only the new range holds.
    $from = Get-AddressNumber $There.start_range
    $to = Get-AddressNumber $There.end_range
    foreach ($reservation in $Wanted.reservations) {
        $number = Get-AddressNumber $reservation.ip_address
        if ($number -lt $from -or $number -gt $to) { return $true }
    }
    foreach ($policy in $Wanted.policies) {
        foreach ($range in $policy.ranges) {
            $first, $last = $range.Split('-')
            if ((Get-AddressNumber $first) -lt $from -or (Get-AddressNumber $last) -gt $to) { return $true }
        }
    }
    return $false
}

# -- the pool ---------------------------------------------------------------------------------------------------------------------

function Test-Overlap([string] $One, [string] $Other) {
    $a, $b = $One.Split('-') | ForEach-Object { Get-AddressNumber $_ }
    $c, $d = $Other.Split('-') | ForEach-Object { Get-AddressNumber $_ }
    return $a -le $d -and $c -le $b
}

function Test-NeedsPause($There, $Wanted) {
    # Whether an address that stays excluded would be free for a moment on the way: its exclusion can only be added once another one is
    # gone, or once the range reaches so far. Then the scope is inactive for that moment.
    $range = "$($There.start_range)-$($There.end_range)"
    $first, $last = $range.Split('-') | ForEach-Object { Get-AddressNumber $_ }
    foreach ($exclusion in @($Wanted.exclusions | Where-Object { $There.exclusions -notcontains $_ })) {
        $a, $b = $exclusion.Split('-') | ForEach-Object { Get-AddressNumber $_ }
        if ($a -lt $first -or $b -gt $last) { return $true }
        if (@($There.exclusions | Where-Object { Test-Overlap $_ $exclusion }).Count) { return $true }
    }
    return Test-OutsideRange $There $Wanted
}

function Add-FittingExclusion([string] $Server, $There, $Wanted) {
    # Those that can be added as the scope is. Gives the others.
    foreach ($exclusion in @($Wanted.exclusions | Where-Object { $There.exclusions -notcontains $_ })) {
        $fits = -not @($There.exclusions | Where-Object { Test-Overlap $_ $exclusion }).Count
        $first, $last = $exclusion.Split('-') | ForEach-Object { Get-AddressNumber $_ }
        $fits = $fits -and $first -ge (Get-AddressNumber $There.start_range) -and $last -le (Get-AddressNumber $There.end_range)
        if ($fits) { Add-Exclusion $Server $Wanted.scope_id $exclusion } else { $exclusion }
    }
}

function Set-ScopePool([string] $Server, $There, $Wanted) {
    # Range and exclusions. New exclusions that fit go in first, those that go are taken out, those that did not fit before follow.
    $id = $Wanted.scope_id
    $gone = @($There.exclusions | Where-Object { $Wanted.exclusions -notcontains $_ })
    $later = @(Add-FittingExclusion $Server $There $Wanted)
    if ("$($There.start_range)-$($There.end_range)" -ne "$($Wanted.start_range)-$($Wanted.end_range)" -and
        (Confirm-Change "$Server, scope $id" "set the range to $($Wanted.start_range)-$($Wanted.end_range)")) {
        Set-DhcpServerv4Scope -ComputerName $Server -ScopeId $id -StartRange $Wanted.start_range -EndRange $Wanted.end_range -ErrorAction Stop
    }
    foreach ($exclusion in $gone) {
        if (-not (Confirm-Change "$Server, scope $id" "remove exclusion $exclusion")) { continue }
        $first, $last = $exclusion.Split('-')
        Remove-DhcpServerv4ExclusionRange -ComputerName $Server -ScopeId $id -StartRange $first -EndRange $last -ErrorAction Stop
    }
    foreach ($exclusion in $later) { Add-Exclusion $Server $id $exclusion }
}

function Add-Exclusion([string] $Server, [string] $ScopeId, [string] $Exclusion) {
    if (-not (Confirm-Change "$Server, scope $ScopeId" "exclude $Exclusion")) { return }
    $first, $last = $Exclusion.Split('-')
    Add-DhcpServerv4ExclusionRange -ComputerName $Server -ScopeId $ScopeId -StartRange $first -EndRange $last -ErrorAction Stop
}

# -- the whole scope --------------------------------------------------------------------------------------------------------------

function Set-ScopeContent([string] $Server, $There, $Wanted) {
    # Everything but pool and state, as far as the present range allows.
    $where = "scope $($Wanted.scope_id)"
    Set-ScopeProperty $Server $There $Wanted
    $want = Get-PolicyForm $Wanted $There
    $have = Get-PolicyForm $There $There
    Set-OptionLevel $Server @{ ScopeId = $Wanted.scope_id } $where $have.options $want.options
    $kept = Remove-UnwantedReservation $Server $There $Wanted
    Set-Reservation $Server $kept $Wanted $There.start_range $There.end_range
    if (-not (Test-OutsideRange $There $Wanted)) { Set-Policy $Server $Wanted.scope_id $where $have.policies $want.policies }
}

function Set-ScopeRest([string] $Server, [string] $ScopeId, $Wanted) {
    # What had to wait for the new range.
    $there = Read-Scope $Server $ScopeId
    $want = Get-PolicyForm $Wanted $there
    $have = Get-PolicyForm $there $there
    $kept = @{}
    foreach ($reservation in $there.reservations) { $kept[$reservation.ip_address] = $reservation }
    Set-Reservation $Server $kept $Wanted $Wanted.start_range $Wanted.end_range
    Set-Policy $Server $ScopeId "scope $ScopeId" $have.policies $want.policies
}

function Open-ScopePool([string] $Server, $There, $Wanted) {
    # Pool, what waits for it, and state; inactive in between only where an excluded or reserved address would be free otherwise.
    $id = $Wanted.scope_id
    $wait = Test-OutsideRange $There $Wanted
    $state = $There.state
    if ($state -eq 'Active' -and (Test-NeedsPause $There $Wanted)) { Set-ScopeState $Server $id 'InActive'; $state = 'InActive' }
    Set-ScopePool $Server $There $Wanted
    if ($wait -and -not $script:Run.WhatIf) { Set-ScopeRest $Server $id $Wanted }
    if ($state -ne $Wanted.state) { Set-ScopeState $Server $id $Wanted.state }
}
