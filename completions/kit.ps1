# PowerShell completion for kit. Written by scripts/completions.py: do not edit.
# Commands and flags stand here; only names that live on this machine ask kit itself.
$KitCommands = @{}; $KitFlags = @{}; $KitValued = @{}
$KitCommands['kit'] = 'ask consensus refine react trace profile key config models doctor local completion help'
$KitCommands['kit trace'] = 'diff export list path replay resume rm search show stats'
$KitCommands['kit profile'] = 'add default export import list presets remove set show test'
$KitCommands['kit key'] = 'exec list remove set test which'
$KitCommands['kit config'] = 'check explain path'
$KitCommands['kit local'] = 'install path remove serve'
$KitCommands['kit help'] = 'ask consensus refine react trace profile key config models doctor local completion exit-codes keys votes tools'
$KitFlags['kit'] = '-h --help -V --version'
$KitFlags['kit ask'] = '-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -c --continue --fallback --schema --repairs --think -h --help'
$KitFlags['kit consensus'] = '-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer --choices --vote-field --no-marker --min-agreement --need --on-tie --plan-seed --full -h --help'
$KitFlags['kit refine'] = '-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config --check --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts --draft --in-place --no-duel -h --help'
$KitFlags['kit react'] = '-f --file -a --attach --stdin --no-stdin -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --insecure-http --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --text-protocol --schema --check --check-timeout --repairs --samples --think -h --help'
$KitFlags['kit trace'] = '-h --help'
$KitFlags['kit trace diff'] = '--json -h --help'
$KitFlags['kit trace export'] = '--format --since -o --output --content --openinference --endpoint --header-env --insecure-http -h --help'
$KitFlags['kit trace list'] = '-n --limit --json -h --help'
$KitFlags['kit trace path'] = '-h --help'
$KitFlags['kit trace replay'] = '--with --json -q --quiet -h --help'
$KitFlags['kit trace resume'] = '--timeout --deadline --retries --max-cost --max-calls --max-tokens-total --json --events --field -o --output --plain --color -q --quiet -v --verbose --no-trace --dry-run --yes --no-input --config -h --help'
$KitFlags['kit trace rm'] = '--older-than --yes --no-input -h --help'
$KitFlags['kit trace search'] = '-n --limit --json -h --help'
$KitFlags['kit trace show'] = '--format --json -h --help'
$KitFlags['kit trace stats'] = '--since --by --json -h --help'
$KitFlags['kit profile'] = '-h --help'
$KitFlags['kit profile add'] = '--provider -m --model --base-url --api --key --default --no-input --config -h --help'
$KitFlags['kit profile default'] = '--config -h --help'
$KitFlags['kit profile export'] = '--config -h --help'
$KitFlags['kit profile import'] = '--force --config -h --help'
$KitFlags['kit profile list'] = '--config --json -h --help'
$KitFlags['kit profile presets'] = '--json -h --help'
$KitFlags['kit profile remove'] = '--config -h --help'
$KitFlags['kit profile set'] = '--config -h --help'
$KitFlags['kit profile show'] = '--config --json -h --help'
$KitFlags['kit profile test'] = '--config --json --timeout -h --help'
$KitFlags['kit key'] = '-h --help'
$KitFlags['kit key exec'] = '--as --config -h --help'
$KitFlags['kit key list'] = '--config --json -h --help'
$KitFlags['kit key remove'] = '-h --help'
$KitFlags['kit key set'] = '--config -h --help'
$KitFlags['kit key test'] = '--config --json --timeout -h --help'
$KitFlags['kit key which'] = '--config --json -h --help'
$KitFlags['kit config'] = '-h --help'
$KitFlags['kit config check'] = '--config --json -h --help'
$KitFlags['kit config explain'] = '--config --json -h --help'
$KitFlags['kit config path'] = '--config -h --help'
$KitFlags['kit models'] = '-p --profile --base-url --api --insecure-http --timeout -v --verbose -q --quiet --json --config -h --help'
$KitFlags['kit doctor'] = '--online --config --json -h --help'
$KitFlags['kit local'] = '-h --help'
$KitFlags['kit local install'] = '-h --help'
$KitFlags['kit local path'] = '-h --help'
$KitFlags['kit local remove'] = '-h --help'
$KitFlags['kit local serve'] = '--port --model --parallel --until-eof -h --help'
$KitFlags['kit completion'] = '--install -h --help'
$KitValued['kit'] = ''
$KitValued['kit ask'] = '-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -c --continue --fallback --schema --repairs'
$KitValued['kit consensus'] = '-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --stop --speed -j --answer --choices --vote-field --min-agreement --need --on-tie --plan-seed'
$KitValued['kit refine'] = '-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config --check --check-timeout --schema --rubric --judge --judges --target --rounds --patience --drafts --draft --in-place'
$KitValued['kit react'] = '-f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --schema --check --check-timeout --repairs --samples'
$KitValued['kit trace export'] = '--format --since -o --output --endpoint --header-env'
$KitValued['kit trace list'] = '-n --limit'
$KitValued['kit trace replay'] = '--with'
$KitValued['kit trace resume'] = '--timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config'
$KitValued['kit trace rm'] = '--older-than'
$KitValued['kit trace search'] = '-n --limit'
$KitValued['kit trace show'] = '--format'
$KitValued['kit trace stats'] = '--since --by'
$KitValued['kit profile add'] = '--provider -m --model --base-url --api --key --config'
$KitValued['kit profile default'] = '--config'
$KitValued['kit profile export'] = '--config'
$KitValued['kit profile import'] = '--config'
$KitValued['kit profile list'] = '--config'
$KitValued['kit profile remove'] = '--config'
$KitValued['kit profile set'] = '--config'
$KitValued['kit profile show'] = '--config'
$KitValued['kit profile test'] = '--config --timeout'
$KitValued['kit key exec'] = '--as --config'
$KitValued['kit key list'] = '--config'
$KitValued['kit key set'] = '--config'
$KitValued['kit key test'] = '--config --timeout'
$KitValued['kit key which'] = '--config'
$KitValued['kit config check'] = '--config'
$KitValued['kit config explain'] = '--config'
$KitValued['kit config path'] = '--config'
$KitValued['kit models'] = '-p --profile --base-url --api --timeout --config'
$KitValued['kit doctor'] = '--config'
$KitValued['kit local serve'] = '--port --model --parallel'
Register-ArgumentCompleter -Native -CommandName kit -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { "$_" })
    if ($wordToComplete -eq '') { $words += '' }
    $before = @($words | Select-Object -SkipLast 1)
    $at = 'kit'
    foreach ($word in $before) {
        if ("$($KitCommands[$at])" -split ' ' -ccontains $word) { $at = "$at $word" }
    }
    $previous = "$($before | Select-Object -Last 1)"
    $valued = $previous -and ("$($KitValued[$at])" -split ' ' -ccontains $previous)
    $found = if (-not $valued -and $wordToComplete.StartsWith('-')) {
        "$($KitFlags[$at])" -split ' '
    } elseif (-not $valued -and $KitCommands[$at]) {
        "$($KitCommands[$at])" -split ' '
    } else {
        kit complete @words 2>$null | Where-Object { $_ -ne ':files' }
    }
    $found | Where-Object { $_ -and $_.StartsWith($wordToComplete) } | ForEach-Object {
        $text = if ($_ -match '^[\w./:@%+=-]+$') { $_ } else { "'" + $_.Replace("'", "''") + "'" }
        [System.Management.Automation.CompletionResult]::new($text, $_, 'ParameterValue', $_)
    }
}
