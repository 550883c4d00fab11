# A server's configuration as it is now, in the form of the plan: hashtables with the names of plan-data.jsonl.

function Test-NotFound($ErrorRecord, [string] $Code) { return $ErrorRecord.FullyQualifiedErrorId -match "\b$Code\b" }

function Get-SpanSeconds([timespan] $Span) {
    # 4294967295 stands for unlimited, as in option 51.
    if ($Span.TotalSeconds -ge 4294967295) { return [long] 4294967295 }
    return [long] [math]::Floor($Span.TotalSeconds)
}

function ConvertTo-Span([long] $Seconds) {
    if ($Seconds -ge 4294967295) { return [timespan]::MaxValue }
    return [timespan]::FromSeconds($Seconds)
}

function Get-AddressNumber([string] $Address) {
    $octets = $Address.Split('.')
    return ([long] $octets[0] * 16777216) + ([long] $octets[1] * 65536) + ([long] $octets[2] * 256) + [long] $octets[3]
}

function Get-AddressText([long] $Number) {
    return "$(($Number -shr 24) -band 255).$(($Number -shr 16) -band 255).$(($Number -shr 8) -band 255).$($Number -band 255)"
}

function Get-RangeText($Range) { return "$($Range.StartRange)-$($Range.EndRange)" }

function Read-OptionValue([string] $Server, $Owner) {
    # The option values of one level; $Owner is empty for the server, else ScopeId, ReservedIP or PolicyName (with ScopeId).
    $level = @{ ComputerName = $Server; All = $true; ErrorAction = 'Stop' }
    if ($Owner['ScopeId']) { $level['ScopeId'] = $Owner['ScopeId'] }
    if ($Owner['ReservedIP']) { $level['ReservedIP'] = $Owner['ReservedIP'] }
    if ($Owner['PolicyName']) { $level['PolicyName'] = $Owner['PolicyName'] }
    $values = New-Object 'System.Collections.Generic.List[object]'
    foreach ($value in @(Get-DhcpServerv4OptionValue @level)) {
        if (-not $Owner['PolicyName'] -and [string] $value.PolicyName) { continue }    # listed with its policy
        $values.Add(@{
                option_id = [long] $value.OptionId; vendor_class = [string] $value.VendorClass; user_class = [string] $value.UserClass
                values = @($value.Value | ForEach-Object { [string] $_ })
            })
    }
    return , $values.ToArray()
}

function Test-LeaseTime($Option) { return $Option.option_id -eq 51 -and -not $Option.vendor_class -and -not $Option.user_class }

function Read-Policy([string] $Server, [string] $ScopeId) {
    # The policies of a scope, or of the server when $ScopeId is empty, in processing order.
    $level = @{ ComputerName = $Server; ErrorAction = 'Stop' }
    if ($ScopeId) { $level['ScopeId'] = $ScopeId }
    $found = @(Get-DhcpServerv4Policy @level | Sort-Object -Property ProcessingOrder)
    if (-not $found.Count) { return , @() }
    $ranges = @{}
    if ($ScopeId) {
        foreach ($range in @(Get-DhcpServerv4PolicyIPRange -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop)) {
            $ranges[[string] $range.Name] = @($ranges[[string] $range.Name]) + @(Get-RangeText $range) | Where-Object { $_ }
        }
    }
    $policies = New-Object 'System.Collections.Generic.List[object]'
    foreach ($policy in $found) {
        $policies.Add((Read-OnePolicy $Server $ScopeId $policy @($ranges[[string] $policy.Name] | Where-Object { $_ })))
    }
    return , $policies.ToArray()
}

function Read-OnePolicy([string] $Server, [string] $ScopeId, $Policy, $Ranges) {
    $conditions = @{}
    foreach ($field in 'VendorClass', 'UserClass', 'MacAddress', 'ClientId', 'Fqdn', 'RelayAgent', 'CircuitId', 'RemoteId', 'SubscriberId') {
        $property = $Policy.PSObject.Properties[$field]    # Fqdn is not there on Windows Server 2012
        if ($property -and @($property.Value | Where-Object { $_ }).Count) {
            $conditions[$field] = @($property.Value | ForEach-Object { [string] $_ })
        }
    }
    $options = @(Read-OptionValue $Server @{ ScopeId = $ScopeId; PolicyName = $Policy.Name } | ForEach-Object { $_ })
    $duration = $Policy.PSObject.Properties['LeaseDuration']
    if ($duration -and $null -ne $duration.Value -and $duration.Value.TotalSeconds -gt 0 -and -not @($options | Where-Object { Test-LeaseTime $_ }).Count) {
        $options += @{ option_id = 51; vendor_class = ''; user_class = ''; values = @([string] (Get-SpanSeconds $duration.Value)) }
    }
    return @{
        name = [string] $Policy.Name; enabled = [bool] $Policy.Enabled; condition = [string] $Policy.Condition; description = [string] $Policy.Description
        conditions = $conditions; ranges = @($Ranges); options = $options; dns_suffix = Read-PolicySuffix $Server $ScopeId $Policy.Name
    }
}

function Read-PolicySuffix([string] $Server, [string] $ScopeId, [string] $Name) {
    if ($script:Run.Version[$Server] -lt 603) { return '' }    # Windows Server 2012 has no suffix in a policy
    $level = @{ ComputerName = $Server; PolicyName = $Name; ErrorAction = 'Stop' }
    if ($ScopeId) { $level['ScopeId'] = $ScopeId }
    return [string] (Get-DhcpServerv4DnsSetting @level).DnsSuffix
}

function Read-Reservation([string] $Server, [string] $ScopeId, $OptionsOf) {
    # $OptionsOf: the addresses whose options are read too, one call each; null for all.
    $reservations = New-Object 'System.Collections.Generic.List[object]'
    foreach ($found in @(Get-DhcpServerv4Reservation -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop)) {
        $address = [string] $found.IPAddress
        $options = @()
        if ($null -eq $OptionsOf -or $OptionsOf -contains $address) {
            $options = Read-OptionValue $Server @{ ReservedIP = $address }
        }
        $reservations.Add(@{
                ip_address = $address; client_id = ([string] $found.ClientId).ToLowerInvariant(); name = [string] $found.Name
                description = [string] $found.Description; type = [string] $found.Type; options = @($options)
            })
    }
    return , $reservations.ToArray()
}

function Read-Scope([string] $Server, [string] $ScopeId, $OptionsOf = $null) {
    # Null when the server has no such scope.
    try { $found = Get-DhcpServerv4Scope -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop }
    catch { if (Test-NotFound $_ '20005') { return $null } else { throw } }
    $exclusions = @(Get-DhcpServerv4ExclusionRange -ComputerName $Server -ScopeId $ScopeId -ErrorAction Stop | ForEach-Object { Get-RangeText $_ })
    $options = @(Read-OptionValue $Server @{ ScopeId = $ScopeId } | ForEach-Object { $_ } | Where-Object { -not (Test-LeaseTime $_) })
    return [ordered] @{
        kind = 'scope'; side = ''; scope_id = $ScopeId
        subnet_mask = [string] $found.SubnetMask; name = [string] $found.Name; description = [string] $found.Description
        state = $(if ([string] $found.State -eq 'Active') { 'Active' } else { 'InActive' }); type = [string] $found.Type
        lease_seconds = Get-SpanSeconds $found.LeaseDuration; delay = [long] $found.Delay; max_bootp_clients = [long] $found.MaxBootpClients
        activate_policies = [bool] $found.ActivatePolicies; superscope = [string] $found.SuperscopeName
        start_range = [string] $found.StartRange; end_range = [string] $found.EndRange; exclusions = $exclusions
        reservations = Read-Reservation $Server $ScopeId $OptionsOf; options = $options; policies = Read-Policy $Server $ScopeId
    }
}

function Read-Server([string] $Server) {
    # The server level. Its DNS credentials, audit log, database and bindings are not part of it.
    $setting = Get-DhcpServerSetting -ComputerName $Server -ErrorAction Stop
    $lists = Get-DhcpServerv4FilterList -ComputerName $Server -ErrorAction Stop
    return [ordered] @{
        kind = 'server'; side = ''; scope_id = ''
        conflict_detection_attempts = [string] $setting.ConflictDetectionAttempts
        activate_policies = $(if ($setting.ActivatePolicies) { 'true' } else { 'false' })
        classes = @(Get-DhcpServerv4Class -ComputerName $Server -ErrorAction Stop | ForEach-Object {
                @{ name = [string] $_.Name; type = [string] $_.Type; data = ([string] $_.Data).ToLowerInvariant(); description = [string] $_.Description }
            })
        definitions = @(Get-DhcpServerv4OptionDefinition -ComputerName $Server -All -ErrorAction Stop | ForEach-Object {
                @{
                    option_id = [long] $_.OptionId; vendor_class = [string] $_.VendorClass; name = [string] $_.Name; type = [string] $_.Type
                    multi_valued = [bool] $_.MultiValued; default_values = @($_.DefaultValue | ForEach-Object { [string] $_ }); description = [string] $_.Description
                }
            })
        options = Read-OptionValue $Server @{}
        policies = Read-Policy $Server ''
        filters = @{
            allow = [bool] $lists.Allow; deny = [bool] $lists.Deny
            entries = @(Get-DhcpServerv4Filter -ComputerName $Server -ErrorAction Stop | ForEach-Object {
                    @{ list = [string] $_.List; mac_address = ([string] $_.MacAddress).ToUpperInvariant(); description = [string] $_.Description }
                })
        }
    }
}
