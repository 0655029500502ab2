# PowerShell completion for kit. Written by scripts/completions.py: do not edit.
# Commands, flags and choices stand here; only names that live on this machine ask kit itself.

$KitShared = '
  -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed
  --reasoning-effort --option --insecure-http --record --replay --timeout --deadline --retries
  --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color
  -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -h --help'
$KitPresets = '
  openai anthropic gemini groq openrouter mistral deepseek xai together fireworks cerebras
  perplexity azure moonshot zai sambanova nvidia venice ollama-cloud huggingface vllm lm-studio
  litellm ollama llama-cpp github local fake'
$KitKeys = '
  provider= api= base_url= model= key= key_command= temperature= max_tokens= top_p= seed= stop=
  system= reasoning_effort= timeout= headers= extra= max_concurrency= rpm= retries= price=
  weight= model_path= api_version= insecure_http= replies='
$KitPlaces = @{
    'kit' = @{
        commands = "
          ask consensus refine react trace profile key config models doctor local completion
          help"
        flags = "-h --help -V --version"
    }
    'kit ask' = @{
        flags = "
          $KitShared -f --file -a --attach --stdin --no-stdin --stop --stop-at -c --continue
          --fallback --schema --repairs --think"
        first = ":at"
        more = ":at"
    }
    'kit consensus' = @{
        commands = "calibrate"
        flags = "
          $KitShared -f --file -a --attach --stdin --no-stdin --strategy --judge --check
          --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j
          --answer --choices --vote-field --no-marker --min-agreement --need --on-tie
          --plan-seed --full"
        first = ":at"
        more = ":at"
    }
    'kit consensus calibrate' = @{
        flags = "$KitShared -j --answer --choices --no-marker"
        first = ":files"
    }
    'kit refine' = @{
        flags = "
          $KitShared -f --file -a --attach --stdin --no-stdin --stop --stop-at --check
          --check-timeout --schema --rubric --judge --judges --target --rounds --patience
          --drafts --draft --in-place --no-duel"
        first = ":at"
        more = ":at"
    }
    'kit react' = @{
        flags = "
          $KitShared -f --file -a --attach --stdin --no-stdin --stop --stop-at -t --tool --tools
          --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --text-protocol
          --schema --check --check-timeout --repairs --samples --think"
        first = ":at"
        more = ":at"
    }
    'kit trace' = @{
        commands = "diff export list path replay resume rm search show stats"
        flags = "-h --help"
    }
    'kit trace diff' = @{
        flags = "--json -h --help"
        first = "last :runs"
        more = "last :runs"
    }
    'kit trace export' = @{
        flags = "
          --format --since -o --output --content --openinference --endpoint --header-env
          --insecure-http -h --help"
        first = "last :runs"
        more = "last :runs"
    }
    'kit trace list' = @{
        flags = "-n --limit --json -h --help"
    }
    'kit trace path' = @{
        flags = "-h --help"
        first = "last :runs"
    }
    'kit trace replay' = @{
        flags = "--with --json -q --quiet -h --help"
        first = "last :runs"
    }
    'kit trace resume' = @{
        flags = "
          --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json
          --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace
          --dry-run --yes --no-input --config -h --help"
        first = "last :runs"
    }
    'kit trace rm' = @{
        flags = "--older-than --yes --no-input -h --help"
        first = "last :runs"
        more = "last :runs"
    }
    'kit trace search' = @{
        flags = "-n --limit --json -h --help"
    }
    'kit trace show' = @{
        flags = "--format --json -h --help"
        first = "last :runs"
    }
    'kit trace stats' = @{
        flags = "--since --by --json -h --help"
        first = "last :runs"
    }
    'kit profile' = @{
        commands = "add default export import list presets remove set show test"
        flags = "-h --help"
    }
    'kit profile add' = @{
        flags = "
          --provider -m --model --base-url --api --key --default --no-input --config -h --help"
        first = ":profiles"
        more = ":keys"
    }
    'kit profile default' = @{
        flags = "--config -h --help"
        first = ":profiles"
    }
    'kit profile export' = @{
        flags = "--config -h --help"
        first = ":profiles"
        more = ":profiles"
    }
    'kit profile import' = @{
        flags = "--force --config -h --help"
        first = ":files"
    }
    'kit profile list' = @{
        flags = "--config --json -h --help"
    }
    'kit profile presets' = @{
        flags = "--json -h --help"
    }
    'kit profile remove' = @{
        flags = "--config -h --help"
        first = ":profiles"
    }
    'kit profile set' = @{
        flags = "--config -h --help"
        first = ":profiles"
        more = ":keys"
    }
    'kit profile show' = @{
        flags = "--config --json -h --help"
        first = ":profiles"
    }
    'kit profile test' = @{
        flags = "--config --json --timeout -h --help"
        first = ":profiles"
    }
    'kit key' = @{
        commands = "exec list remove set test which"
        flags = "-h --help"
    }
    'kit key exec' = @{
        flags = "--as --config -h --help"
        first = ":profiles"
    }
    'kit key list' = @{
        flags = "--config --json -h --help"
    }
    'kit key remove' = @{
        flags = "-h --help"
        first = ":profiles"
    }
    'kit key set' = @{
        flags = "--config -h --help"
        first = ":profiles"
    }
    'kit key test' = @{
        flags = "--config --json --timeout -h --help"
        first = ":profiles"
    }
    'kit key which' = @{
        flags = "--config --json -h --help"
        first = ":profiles"
    }
    'kit config' = @{
        commands = "check explain path"
        flags = "-h --help"
    }
    'kit config check' = @{
        flags = "--config --json -h --help"
    }
    'kit config explain' = @{
        flags = "--config --json -h --help"
        first = ":settings"
    }
    'kit config path' = @{
        flags = "--config -h --help"
    }
    'kit models' = @{
        flags = "
          -p --profile --base-url --api --insecure-http --timeout -v --verbose -q --quiet --json
          --config -h --help"
    }
    'kit doctor' = @{
        flags = "--online --config --json -h --help"
    }
    'kit local' = @{
        commands = "install path remove serve"
        flags = "-h --help"
    }
    'kit local install' = @{
        flags = "-h --help"
    }
    'kit local path' = @{
        flags = "-h --help"
    }
    'kit local remove' = @{
        flags = "-h --help"
    }
    'kit local serve' = @{
        flags = "--port --model --parallel --until-eof -h --help"
    }
    'kit completion' = @{
        flags = "--install -h --help"
        first = "bash zsh fish powershell"
    }
    'kit help' = @{
        commands = "
          ask consensus refine react trace profile key config models doctor local completion
          exit-codes keys votes tools"
        flags = "-h --help"
    }
    'kit help consensus' = @{
        commands = "calibrate"
    }
    'kit help trace' = @{
        commands = "diff export list path replay resume rm search show stats"
    }
    'kit help profile' = @{
        commands = "add default export import list presets remove set show test"
    }
    'kit help key' = @{
        commands = "exec list remove set test which"
    }
    'kit help config' = @{
        commands = "check explain path"
    }
    'kit help local' = @{
        commands = "install path remove serve"
    }
}

# What follows a flag: wherever it stands, or at one place.
$KitTakes = New-Object System.Collections.Hashtable ([StringComparer]::Ordinal)
foreach ($each in '-f', '--file', '-a', '--attach', '-o', '--output', '--config', '--schema', '--calibration', '--draft', '--in-place', '--tools') { $KitTakes[$each] = ':files' }
foreach ($each in '-p', '--profile', '--fallback', '--judge', '--escalate') { $KitTakes[$each] = ':profiles :presets' }
foreach ($each in '-m', '--model') { $KitTakes[$each] = ':models' }
foreach ($each in '--base-url', '--temperature', '--max-tokens', '--top-p', '--seed', '--option', '--stop', '--stop-at', '--timeout', '--deadline', '--retries', '--max-cost', '--max-calls', '--max-tokens-total', '--field', '--repairs', '--check', '--check-timeout', '-n', '--samples', '--risk', '-j', '--choices', '--vote-field', '--min-agreement', '--need', '--plan-seed', '--judges', '--target', '--rounds', '--patience', '--drafts', '--max-rounds', '--max-tool-calls', '--tool-timeout', '--max-observation', '--endpoint', '--header-env', '--limit', '--with', '--key', '--as', '--port', '--parallel') { $KitTakes[$each] = ':any' }
foreach ($each in '--api') { $KitTakes[$each] = 'openai-chat openai-responses anthropic fake local' }
foreach ($each in '-s', '--system', '--rubric') { $KitTakes[$each] = ':at' }
foreach ($each in '--reasoning-effort') { $KitTakes[$each] = 'low medium high' }
foreach ($each in '--record', '--replay') { $KitTakes[$each] = ':folders' }
foreach ($each in '--color') { $KitTakes[$each] = 'auto always never' }
foreach ($each in '-c', '--continue') { $KitTakes[$each] = 'last :runs' }
foreach ($each in '--strategy') { $KitTakes[$each] = 'majority unanimous weighted judge best' }
foreach ($each in '--speed') { $KitTakes[$each] = 'thrifty fast max' }
foreach ($each in '--answer') { $KitTakes[$each] = 'auto text number choice bool date json line regex:' }
foreach ($each in '--on-tie') { $KitTakes[$each] = 'first extend error' }
foreach ($each in '-t', '--tool') { $KitTakes[$each] = 'calc clock read: list: search: http: shell mcp: :files' }
foreach ($each in '--allow') { $KitTakes[$each] = 'write exec network calc clock read: list: search: http: shell' }
foreach ($each in '--format') { $KitTakes[$each] = 'jsonl otlp html csv' }
foreach ($each in '--since') { $KitTakes[$each] = '24h 7d 30d' }
foreach ($each in '--older-than') { $KitTakes[$each] = '7d 30d 90d' }
foreach ($each in '--by') { $KitTakes[$each] = 'profile model pattern day' }
foreach ($each in '--provider') { $KitTakes[$each] = ':presets' }
foreach ($each in 'kit consensus --stop') { $KitTakes[$each] = 'risk decided none ac: esc:' }
foreach ($each in 'kit trace show --format') { $KitTakes[$each] = 'table timeline steps json raw html' }
foreach ($each in 'kit local serve --model') { $KitTakes[$each] = ':files' }

function Get-KitValues([string]$At, [string]$Flag) {
    if ($KitTakes.ContainsKey("$At $Flag")) { $KitTakes["$At $Flag"] } else { $KitTakes[$Flag] }
}

Register-ArgumentCompleter -Native -CommandName kit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($null -ne $_.Value) { "$($_.Value)" } else { "$_" } })
    if ($wordToComplete -and $words.Count) { $words = @($words | Select-Object -SkipLast 1) }
    $at, $takes, $seen = 'kit', '', 0
    foreach ($word in $words) {
        $below = "$at $word"
        if ($takes) { $takes = '' }
        elseif ($word.StartsWith('-')) { $takes = Get-KitValues $at $word }
        elseif (-not $seen -and $KitPlaces.ContainsKey($below)) { $at = $below }
        else { $seen++ }
    }
    $current, $lead, $place = $wordToComplete.Trim('"', "'"), '', $KitPlaces[$at]
    if ($takes) { }
    elseif ($current -cmatch '^(--[^=]+)=(.*)$') {
        $lead, $current = "$($Matches[1])=", $Matches[2]
        $takes = Get-KitValues $at $Matches[1]
    }
    elseif ($current.StartsWith('-')) { $takes = $place.flags }
    elseif ($seen) { $takes = $place.more }
    else { $takes = "$($place.commands) $($place.first)" }
    $takes = "$takes" -creplace ':presets', $KitPresets -creplace ':keys', $KitKeys
    $found = foreach ($each in $takes -split '\s+') {
        if ($each -in '', ':any', ':files', ':folders', ':at') { }  # PowerShell's own: file names
        elseif ($each.StartsWith(':')) {
            # = as PowerShell 5 drops an argument that is empty
            kit complete $each.Substring(1) "=$current" @words 2>$null |
                ForEach-Object { ($_ -split "`t")[0] }
        }
        else { $each }
    }
    $found | Where-Object { $_ -and $_.StartsWith($current, 'Ordinal') } | ForEach-Object {
        $text = "$lead$_"
        if ($text -notmatch '^[\w./:%+=-]+$') { $text = "'" + $text.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
