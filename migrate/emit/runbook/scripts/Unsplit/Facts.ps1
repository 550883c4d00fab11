# A configuration as a flat table of facts, name to text, so that two of them can be compared and the difference can be read aloud.

function ConvertTo-ValueText([string] $Value) {
    # 8, 0x8 and 0x08 are one value: servers show bytes in either way.
    if ($Value -match '^0[xX]([0-9A-Fa-f]{1,15})$') { return [string] [Convert]::ToInt64($Matches[1], 16) }
    return $Value
}

function Get-OptionText($Option) { return (@($Option.values | ForEach-Object { ConvertTo-ValueText $_ }) -join ', ') }

function Get-OptionKey($Option) {
    $key = "option $($Option.option_id)"
    if ($Option.vendor_class) { $key += ", vendor class $($Option.vendor_class)" }
    return $key.ToLowerInvariant()
}

function Add-OptionFact($Facts, [string] $Prefix, $Options) {
    foreach ($option in $Options) {
        $owner = $Prefix
        if ($option.user_class) { $owner = "${Prefix}user class $($option.user_class): " }
        $Facts[$owner + (Get-OptionKey $option)] = Get-OptionText $option
    }
}

function Get-PseudoClass($Policy) {
    # Since 2012 the options of a user class stand in a policy named like the class; it is shown as what it is.
    if (@($Policy.ranges).Count -or $Policy.dns_suffix -or $Policy.conditions.Count -ne 1) { return $null }
    $condition = @($Policy.conditions['UserClass'])
    if ($condition.Count -eq 2 -and $condition[0] -eq 'EQ' -and $condition[1] -eq $Policy.name) { return $Policy.name }
    return $null
}

function Get-PolicyText($Policy, [int] $Rank, [bool] $WithRanges) {
    $parts = @("order $Rank", $(if ($Policy.enabled) { 'enabled' } else { 'disabled' }), $Policy.condition.ToUpperInvariant())
    foreach ($field in @($Policy.conditions.Keys | Sort-Object)) {
        $text = (@($Policy.conditions[$field]) -join ' ').ToUpperInvariant()
        if ($field -notin 'VendorClass', 'UserClass', 'Fqdn') { $text = $text.Replace('-', '') }    # octets, spelled with dashes or without
        $parts += "$field $text"
    }
    if ($WithRanges) { $parts += @($Policy.ranges | Sort-Object | ForEach-Object { "range $_" }) }
    return ($parts -join '; ')
}

function Add-PolicyFact($Facts, $Policies) {
    $rank = 0
    foreach ($policy in $Policies) {
        $class = Get-PseudoClass $policy
        if ($class) { Add-OptionFact $Facts "user class $class`: " $policy.options; continue }
        $rank++
        $name = "policy $($policy.name)"
        $Facts[$name] = Get-PolicyText $policy $rank $true
        $Facts["${name}: description"] = $policy.description
        if ($policy.dns_suffix) { $Facts["${name}: DNS suffix"] = $policy.dns_suffix }
        Add-OptionFact $Facts "${name}: " $policy.options
    }
}

function Get-ReservationText($Reservation) {
    return "$($Reservation.client_id); $($Reservation.type); $($Reservation.name); $($Reservation.description)"
}

function Get-SortedRange($Ranges) { return @($Ranges | Sort-Object -Property { Get-AddressNumber $_.Split('-')[0] }) }

function Get-ScopeFact($Scope) {
    $facts = @{
        'subnet mask' = $Scope.subnet_mask; name = $Scope.name; description = $Scope.description; state = $Scope.state; type = $Scope.type
        superscope = [string] $Scope.superscope; range = "$($Scope.start_range)-$($Scope.end_range)"; exclusions = (Get-SortedRange $Scope.exclusions) -join ', '
    }
    if ($null -ne $Scope.lease_seconds) { $facts['lease duration'] = [string] $Scope.lease_seconds }
    if ($null -ne $Scope.delay) { $facts['delay'] = [string] $Scope.delay }
    if ($null -ne $Scope.activate_policies) { $facts['policy activation'] = [string] [bool] $Scope.activate_policies }
    if ($null -ne $Scope.max_bootp_clients -and $Scope.type -eq 'Both') {
        $facts['maximum of BOOTP clients'] = [string] $Scope.max_bootp_clients
    }
    Add-OptionFact $facts '' $Scope.options
    foreach ($reservation in $Scope.reservations) {
        $facts["reservation $($reservation.ip_address)"] = Get-ReservationText $reservation
        Add-OptionFact $facts "reservation $($reservation.ip_address): " $reservation.options
    }
    if ($null -ne $Scope.policies) { Add-PolicyFact $facts $Scope.policies }
    return $facts
}

function Get-ServerFact($Server) {
    # Classes and definitions are compared apart (Compare-Server): a server has built-in ones that no source lists.
    $facts = @{}
    if ($null -ne $Server.conflict_detection_attempts) {
        $facts['conflict detection attempts'] = [string] $Server.conflict_detection_attempts
    }
    if ($null -ne $Server.activate_policies) { $facts['policy activation'] = [string] $Server.activate_policies }
    Add-OptionFact $facts '' $Server.options
    if ($null -ne $Server.policies) { Add-PolicyFact $facts $Server.policies }
    if ($null -ne $Server.filters) {
        $facts['allow list'] = [string] [bool] $Server.filters.allow
        $facts['deny list'] = [string] [bool] $Server.filters.deny
        foreach ($entry in $Server.filters.entries) {
            $facts["filter $($entry.mac_address)"] = "$($entry.list); $($entry.description)"
        }
    }
    return $facts
}

function Compare-Fact($Expected, $Found, [string[]] $Ignore = @()) {
    # What differs, as sentences. A fact that the expected side does not state at all for want of knowledge is given in $Ignore.
    $names = @(@($Expected.Keys) + @($Found.Keys) | Sort-Object -Unique)
    foreach ($name in $names) {
        if ($Ignore -contains $name) { continue }
        if (-not $Expected.ContainsKey($name)) { "$name is there ($($Found[$name])), not expected" }
        elseif (-not $Found.ContainsKey($name)) { "$name is missing, expected $($Expected[$name])" }
        elseif ($Expected[$name] -cne $Found[$name]) { "$name is '$($Found[$name])', expected '$($Expected[$name])'" }
    }
}

function Get-UnknownFact($Expected, $Found, $Source) {
    # The facts that the source could not state: a netsh dump has no policies, an older export no delay.
    foreach ($name in @($Found.Keys)) {
        if ($Expected.ContainsKey($name)) { continue }
        if ($name -in 'lease duration', 'delay', 'policy activation', 'maximum of BOOTP clients', 'conflict detection attempts') {
            $name
        }
        elseif ($null -eq $Source.policies -and $name -match '^(policy|user class) ') { $name }
        elseif ($Source['kind'] -eq 'server' -and $null -eq $Source.filters -and $name -match '^(allow list|deny list|filter )') {
            $name
        }
    }
}

function Compare-Scope($Expected, $Found) {
    $wanted = Get-ScopeFact $Expected
    $there = Get-ScopeFact $Found
    return @(Compare-Fact $wanted $there @(Get-UnknownFact $wanted $there $Expected))
}

function Compare-Server($Expected, $Found) {
    $wanted = Get-ServerFact $Expected
    $there = Get-ServerFact $Found
    Compare-Fact $wanted $there @(Get-UnknownFact $wanted $there $Expected)
    foreach ($class in $Expected.classes) {
        $same = @($Found.classes | Where-Object { $_.name -eq $class.name -and $_.type -eq $class.type })
        if (-not $same.Count) { "$($class.type) class $($class.name) is missing" }
        elseif ($same[0].data -ne $class.data) {
            "$($class.type) class $($class.name) has the data $($same[0].data), expected $($class.data)"
        }
    }
    foreach ($definition in $Expected.definitions) {
        $same = Find-Definition $Found.definitions $definition
        if ($null -eq $same) { "the definition of $(Get-OptionKey $definition) is missing" }
        elseif ($same.type -ne $definition.type -or $same.multi_valued -ne $definition.multi_valued) {
            "the definition of $(Get-OptionKey $definition) has another type"
        }
    }
}

function Find-Definition($Definitions, $Wanted) {
    foreach ($definition in $Definitions) {
        if ($definition.option_id -eq $Wanted.option_id -and $definition.vendor_class -eq $Wanted.vendor_class) {
            return $definition
        }
    }
    return $null
}
