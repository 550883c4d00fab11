# One JSON line a file: parse errors, functions, and every command with its parameters, those it gets by splatting included. The keys of a
# splatted table are those of the hashtables given to the variable in the same function, and those set on it later.
param([Parameter(Mandatory = $true)] [string[]] $Path)

function Get-Scope($Node) {
    while ($Node -and $Node -isnot [System.Management.Automation.Language.FunctionDefinitionAst]) { $Node = $Node.Parent }
    return $Node
}

function Get-SplatKey($Tree, $Scope, [string] $Name) {
    # Conditional keys are marked, so that a parameter set is judged by what is always there.
    $keys = @{}
    $assignments = $Tree.FindAll({ $args[0] -is [System.Management.Automation.Language.AssignmentStatementAst] }, $true)
    foreach ($assignment in $assignments) {
        if ((Get-Scope $assignment) -ne $Scope) { continue }
        $left = $assignment.Left
        if ($left -is [System.Management.Automation.Language.VariableExpressionAst] -and $left.VariablePath.UserPath -eq $Name) {
            foreach ($table in $assignment.Right.FindAll({ $args[0] -is [System.Management.Automation.Language.HashtableAst] }, $false)) {
                foreach ($pair in $table.KeyValuePairs) { $keys[$pair.Item1.Value] = $true }
                break
            }
        }
        if ($left -is [System.Management.Automation.Language.IndexExpressionAst] -and $left.Target -is [System.Management.Automation.Language.VariableExpressionAst] -and
            $left.Target.VariablePath.UserPath -eq $Name -and -not $keys.ContainsKey([string] $left.Index.Value)) {
            $keys[$(if ($left.Index -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $left.Index.Value } else { '?' + $left.Index.Extent.Text })] = $false
        }
    }
    return $keys
}

foreach ($file in $Path) {
    $tokens = $null
    $errors = $null
    $tree = [System.Management.Automation.Language.Parser]::ParseFile($file, [ref] $tokens, [ref] $errors)
    $commands = foreach ($command in $tree.FindAll({ $args[0] -is [System.Management.Automation.Language.CommandAst] }, $true)) {
        $parameters = @{}
        foreach ($element in $command.CommandElements) {
            if ($element -is [System.Management.Automation.Language.CommandParameterAst]) { $parameters[$element.ParameterName] = $true }
            if ($element -is [System.Management.Automation.Language.VariableExpressionAst] -and $element.Splatted) {
                $splat = Get-SplatKey $tree (Get-Scope $command) $element.VariablePath.UserPath
                foreach ($key in $splat.Keys) { $parameters[$key] = $splat[$key] }
            }
        }
        @{ name = $command.GetCommandName(); line = $command.Extent.StartLineNumber; parameters = $parameters; text = $command.Extent.Text }
    }
    ConvertTo-Json -Compress -Depth 5 @{
        file = [System.IO.Path]::GetFileName($file)
        errors = @($errors | ForEach-Object { $_.Message })
        functions = @($tree.FindAll({ $args[0] -is [System.Management.Automation.Language.FunctionDefinitionAst] }, $true) | ForEach-Object { $_.Name })
        commands = @($commands)
    }
}
