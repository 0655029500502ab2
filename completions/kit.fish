# fish completion for kit. Written by scripts/completions.py: do not edit.
# Commands, flags and choices stand here; only names that live on this machine ask kit itself.

set -g __kit_places kit ask consensus consensus/calibrate refine react trace trace/diff trace/export trace/list trace/path trace/replay trace/resume trace/rm trace/search trace/show trace/stats profile profile/add profile/default profile/export profile/import profile/list profile/presets profile/remove profile/set profile/show profile/test key key/exec key/list key/remove key/set key/test key/which config config/check config/explain config/path models doctor local local/install local/path local/remove local/serve completion help help/consensus help/trace help/profile help/key help/config help/local
set -g __kit_presets openai anthropic gemini groq openrouter mistral deepseek xai together fireworks cerebras perplexity azure moonshot zai sambanova nvidia venice ollama-cloud huggingface vllm lm-studio litellm ollama llama-cpp github local fake
set -g __kit_keys provider= api= base_url= model= key= key_command= temperature= max_tokens= top_p= seed= stop= system= reasoning_effort= timeout= headers= extra= max_concurrency= rpm= retries= price= weight= model_path= api_version= insecure_http= replies=
set -g __kit_valued -f --file -a --attach -p --profile -m --model --base-url --api -s --system --temperature --max-tokens --top-p --seed --reasoning-effort --option --record --replay --stop --stop-at --timeout --deadline --retries --max-cost --max-calls --max-tokens-total --field -o --output --color --config -c --continue --fallback --schema --repairs --strategy --judge --check --check-timeout --escalate --calibration -n --samples --risk --speed -j --answer --choices --vote-field --min-agreement --need --on-tie --plan-seed --rubric --judges --target --rounds --patience --drafts --draft --in-place -t --tool --tools --allow --max-rounds --max-tool-calls --tool-timeout --max-observation --format --since --endpoint --header-env --limit --with --older-than --by --provider --key --as --port --parallel

function __kit_look # $__kit_place: where the cursor is (trace/show); $__kit_seen: words since then
    set -l words (commandline -opc)
    test "$words" = "$__kit_line"; and return
    set -g __kit_line $words
    set -g __kit_place kit
    set -g __kit_seen 0
    set -l value
    for word in $words[2..-1]
        if set -q value[1]
            set -e value
        else if contains -- $word $__kit_valued
            set value yes
        else if string match -q -- '-*' $word
        else if test $__kit_seen = 0; and contains -- (__kit_below $word) $__kit_places
            set __kit_place (__kit_below $word)
        else
            set __kit_seen (math $__kit_seen + 1)
        end
    end
end

function __kit_below
    test $__kit_place = kit; and echo $argv; or echo $__kit_place/$argv
end

function __kit_at # __kit_at PLACE …: in one of these
    __kit_look
    contains -- $__kit_place $argv
end

function __kit_first # the same, and no word typed since
    __kit_at $argv; and test $__kit_seen = 0
end

function __kit_later
    __kit_at $argv; and test $__kit_seen != 0
end

function __kit_ask # names that kit knows, a line each, perhaps with a tab and what they are
    set -l current (commandline -ct | string replace -r -- '^--[^=]*=' '')
    string match -q -- '-*' "$current"; and return
    command kit complete $argv[1] (string unescape -- "$current") (commandline -opc) 2>/dev/null
end

function __kit_files # @FILE
    set -l current (commandline -ct | string replace -r -- '^--[^=]*=' '')
    string match -q -- '@*' "$current"; or return
    complete -C "__kit_none $(string sub -s 2 -- $current)" | string replace -r -- '^' @
end

complete -c kit -f
complete -c kit -n '__kit_first trace; and string match -qr "^[0-9]" -- (commandline -ct)' -a '(__kit_ask runs)'
complete -c kit -n '__kit_first kit' -a ask -d 'one answer'
complete -c kit -n '__kit_first kit' -a consensus -d 'many answers, one vote'
complete -c kit -n '__kit_first kit' -a refine -d 'draft, judge, revise the best'
complete -c kit -n '__kit_first kit' -a react -d 'a model that uses tools'
complete -c kit -n '__kit_first kit' -a trace -d 'what happened: every run, also failed ones'
complete -c kit -n '__kit_first kit' -a profile -d 'who answers: providers, models, parameters'
complete -c kit -n '__kit_first kit' -a key -d 'API keys in the system\'s keyring'
complete -c kit -n '__kit_first kit' -a config -d 'the configuration: where, right or wrong, why'
complete -c kit -n '__kit_first kit' -a models -d 'the models that a provider has'
complete -c kit -n '__kit_first kit' -a doctor -d 'what works here, what does not, what to do'
complete -c kit -n '__kit_first kit' -a local -d 'the embedded model'
complete -c kit -n '__kit_first kit' -a completion -d 'TAB for bash, zsh, fish and PowerShell'
complete -c kit -n '__kit_first kit' -a help -d 'a page on a command or a topic'
complete -c kit -n '__kit_first consensus' -a calibrate -d 'Asks every member every question (-p NAME:N: N times) and learns what …'
complete -c kit -n '__kit_first trace' -a diff -d 'Exit 0 when the same was asked, in the same way, and the same was …'
complete -c kit -n '__kit_first trace' -a export -d 'Runs for other programs: jsonl, html, csv, OpenTelemetry'
complete -c kit -n '__kit_first trace' -a list -d 'The latest runs, newest first'
complete -c kit -n '__kit_first trace' -a path -d 'The folder of all runs, or the file of one'
complete -c kit -n '__kit_first trace' -a replay -d 'Again on its record: what if?'
complete -c kit -n '__kit_first trace' -a resume -d 'Go on, pay for nothing twice'
complete -c kit -n '__kit_first trace' -a rm -d 'Runs removed for good: by name, or --older-than 30d'
complete -c kit -n '__kit_first trace' -a search -d 'Runs by what was said in them'
complete -c kit -n '__kit_first trace' -a show -d 'One run: what was asked, each call, the answer'
complete -c kit -n '__kit_first trace' -a stats -d 'What runs cost, how long they took, how often they failed'
complete -c kit -n '__kit_first profile' -a add -d 'Add a profile'
complete -c kit -n '__kit_first profile' -a default -d 'Make a profile the default, or say which one it is'
complete -c kit -n '__kit_first profile' -a export -d 'Print profiles as TOML. No key is in it, and nothing that looks like one'
complete -c kit -n '__kit_first profile' -a import -d 'Add the profiles of a file, all of them or none'
complete -c kit -n '__kit_first profile' -a list -d 'The profiles; the default one is marked'
complete -c kit -n '__kit_first profile' -a presets -d 'The hosts that kit knows by name'
complete -c kit -n '__kit_first profile' -a remove -d 'Remove a profile; its key stays where it is (kit key remove)'
complete -c kit -n '__kit_first profile' -a set -d 'Change settings of a profile; comments and order of the file stay as …'
complete -c kit -n '__kit_first profile' -a show -d 'One profile with everything that its preset fills in'
complete -c kit -n '__kit_first profile' -a test -d 'Try a profile with three tiny calls: speed, model, streaming, tools, …'
complete -c kit -n '__kit_first key' -a exec -d 'Run a command with the profile\'s key in its environment, under the …'
complete -c kit -n '__kit_first key' -a list -d 'Where each profile\'s key comes from, and its last four characters'
complete -c kit -n '__kit_first key' -a remove -d 'Remove a profile\'s key from the system\'s keyring'
complete -c kit -n '__kit_first key' -a set -d 'Store a key in the system\'s keyring: typed without echo, or read from …'
complete -c kit -n '__kit_first key' -a test -d 'Ask the provider whether it accepts the key: exit 3 when it does not'
complete -c kit -n '__kit_first key' -a which -d 'Where the key of one profile comes from'
complete -c kit -n '__kit_first config' -a check -d 'Print every error and warning with its file, line and column'
complete -c kit -n '__kit_first config' -a explain -d 'Say what a setting is, where that comes from, and what it overrides'
complete -c kit -n '__kit_first config' -a path -d 'Print where the configuration is, or would be'
complete -c kit -n '__kit_first local' -a install -d 'Fetch the weights (93 MB), once, and print where they are'
complete -c kit -n '__kit_first local' -a path -d 'Print where the weights are, or would be'
complete -c kit -n '__kit_first local' -a remove -d 'Delete the weights'
complete -c kit -n '__kit_first local' -a serve -d 'Serve the model to other programs of this machine'
complete -c kit -n '__kit_first help' -a ask -d 'one answer'
complete -c kit -n '__kit_first help' -a consensus -d 'many answers, one vote'
complete -c kit -n '__kit_first help' -a refine -d 'draft, judge, revise the best'
complete -c kit -n '__kit_first help' -a react -d 'a model that uses tools'
complete -c kit -n '__kit_first help' -a trace -d 'what happened: every run, also failed ones'
complete -c kit -n '__kit_first help' -a profile -d 'who answers: providers, models, parameters'
complete -c kit -n '__kit_first help' -a key -d 'API keys in the system\'s keyring'
complete -c kit -n '__kit_first help' -a config -d 'the configuration: where, right or wrong, why'
complete -c kit -n '__kit_first help' -a models -d 'the models that a provider has'
complete -c kit -n '__kit_first help' -a doctor -d 'what works here, what does not, what to do'
complete -c kit -n '__kit_first help' -a local -d 'the embedded model'
complete -c kit -n '__kit_first help' -a completion -d 'TAB for bash, zsh, fish and PowerShell'
complete -c kit -n '__kit_first help' -a exit-codes -d 'about exit-codes'
complete -c kit -n '__kit_first help' -a keys -d 'about keys'
complete -c kit -n '__kit_first help' -a votes -d 'about votes'
complete -c kit -n '__kit_first help' -a tools -d 'about tools'
complete -c kit -n '__kit_first help/consensus' -a calibrate -d 'Asks every member every question (-p NAME:N: N times) and learns what …'
complete -c kit -n '__kit_first help/trace' -a diff -d 'Exit 0 when the same was asked, in the same way, and the same was …'
complete -c kit -n '__kit_first help/trace' -a export -d 'Runs for other programs: jsonl, html, csv, OpenTelemetry'
complete -c kit -n '__kit_first help/trace' -a list -d 'The latest runs, newest first'
complete -c kit -n '__kit_first help/trace' -a path -d 'The folder of all runs, or the file of one'
complete -c kit -n '__kit_first help/trace' -a replay -d 'Again on its record: what if?'
complete -c kit -n '__kit_first help/trace' -a resume -d 'Go on, pay for nothing twice'
complete -c kit -n '__kit_first help/trace' -a rm -d 'Runs removed for good: by name, or --older-than 30d'
complete -c kit -n '__kit_first help/trace' -a search -d 'Runs by what was said in them'
complete -c kit -n '__kit_first help/trace' -a show -d 'One run: what was asked, each call, the answer'
complete -c kit -n '__kit_first help/trace' -a stats -d 'What runs cost, how long they took, how often they failed'
complete -c kit -n '__kit_first help/profile' -a add -d 'Add a profile'
complete -c kit -n '__kit_first help/profile' -a default -d 'Make a profile the default, or say which one it is'
complete -c kit -n '__kit_first help/profile' -a export -d 'Print profiles as TOML. No key is in it, and nothing that looks like one'
complete -c kit -n '__kit_first help/profile' -a import -d 'Add the profiles of a file, all of them or none'
complete -c kit -n '__kit_first help/profile' -a list -d 'The profiles; the default one is marked'
complete -c kit -n '__kit_first help/profile' -a presets -d 'The hosts that kit knows by name'
complete -c kit -n '__kit_first help/profile' -a remove -d 'Remove a profile; its key stays where it is (kit key remove)'
complete -c kit -n '__kit_first help/profile' -a set -d 'Change settings of a profile; comments and order of the file stay as …'
complete -c kit -n '__kit_first help/profile' -a show -d 'One profile with everything that its preset fills in'
complete -c kit -n '__kit_first help/profile' -a test -d 'Try a profile with three tiny calls: speed, model, streaming, tools, …'
complete -c kit -n '__kit_first help/key' -a exec -d 'Run a command with the profile\'s key in its environment, under the …'
complete -c kit -n '__kit_first help/key' -a list -d 'Where each profile\'s key comes from, and its last four characters'
complete -c kit -n '__kit_first help/key' -a remove -d 'Remove a profile\'s key from the system\'s keyring'
complete -c kit -n '__kit_first help/key' -a set -d 'Store a key in the system\'s keyring: typed without echo, or read from …'
complete -c kit -n '__kit_first help/key' -a test -d 'Ask the provider whether it accepts the key: exit 3 when it does not'
complete -c kit -n '__kit_first help/key' -a which -d 'Where the key of one profile comes from'
complete -c kit -n '__kit_first help/config' -a check -d 'Print every error and warning with its file, line and column'
complete -c kit -n '__kit_first help/config' -a explain -d 'Say what a setting is, where that comes from, and what it overrides'
complete -c kit -n '__kit_first help/config' -a path -d 'Print where the configuration is, or would be'
complete -c kit -n '__kit_first help/local' -a install -d 'Fetch the weights (93 MB), once, and print where they are'
complete -c kit -n '__kit_first help/local' -a path -d 'Print where the weights are, or would be'
complete -c kit -n '__kit_first help/local' -a remove -d 'Delete the weights'
complete -c kit -n '__kit_first help/local' -a serve -d 'Serve the model to other programs of this machine'
complete -c kit -n '__kit_at kit ask consensus consensus/calibrate refine react trace trace/diff trace/export trace/list trace/path trace/replay trace/resume trace/rm trace/search trace/show trace/stats profile profile/add profile/default profile/export profile/import profile/list profile/presets profile/remove profile/set profile/show profile/test key key/exec key/list key/remove key/set key/test key/which config config/check config/explain config/path models doctor local local/install local/path local/remove local/serve completion help' -s h -l help -d 'show the help'
complete -c kit -n '__kit_at kit' -s V -l version -d 'show the version'
complete -c kit -n '__kit_at ask consensus refine react' -s f -l file -d 'add a text file' -rF
complete -c kit -n '__kit_at ask consensus refine react' -s a -l attach -d 'add an image or a PDF' -rF
complete -c kit -n '__kit_at ask consensus refine react' -l stdin -l no-stdin -d 'read stdin too, or never'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -s p -l profile -d 'profile or preset' -x -a '(__kit_ask profiles) $__kit_presets'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react profile/add' -s m -l model -d 'model id' -x -a '(__kit_ask models)'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react models' -l base-url -d 'one-off endpoint' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l api -d 'its dialect, such as openai-chat' -x -a 'openai-chat openai-responses anthropic fake local'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -s s -l system -d 'system prompt' -x -a '(__kit_files)'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l temperature -d '0: least varied [0.7]' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l max-tokens -d 'longest answer [4096]' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l top-p -d 'only the likeliest tokens' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l seed -d 'of the model\'s draws, where it can' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l reasoning-effort -d 'how long it thinks' -x -a 'low medium high'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l option -d 'raw field of the request body' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/export models' -l insecure-http -d 'allow plain http to other machines'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l record -d 'keep what is answered, for --replay' -x -a '(__fish_complete_directories (commandline -ct))'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react' -l replay -d 'answer from DIR: no network, no key' -x -a '(__fish_complete_directories (commandline -ct))'
complete -c kit -n '__kit_at ask refine react' -l stop -l stop-at -d 'stop sequence' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l timeout -d 'wait for the next byte [120]' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l deadline -d 'end the whole run after S' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l retries -d 'repeats of a failed request [3]' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l max-cost -d 'spend no more than this' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l max-calls -d 'send no more requests' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l max-tokens-total -d 'read and write no more tokens' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l json -d 'one JSON object at the end'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l events -d 'JSON lines while it happens'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l field -d 'one field of the JSON object' -x
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -s o -l output -d 'write the answer to FILE' -rF
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l plain -d 'no colour, no Markdown rendering'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l color -d 'colour' -x -a 'auto always never'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/replay trace/resume' -s q -l quiet -d 'errors only on stderr'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -s v -l verbose -d 'say more on stderr'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l no-trace -d 'keep no record of this run'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l dry-run -d 'print the request, send nothing'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume' -l yes -d 'answer every question with yes'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume trace/rm profile/add' -l no-input -d 'never ask anything'
complete -c kit -n '__kit_at ask consensus consensus/calibrate refine react trace/resume profile/add profile/default profile/export profile/import profile/list profile/remove profile/set profile/show profile/test key/exec key/list key/set key/test key/which config/check config/explain config/path models doctor' -l config -d 'configuration file' -rF
complete -c kit -n '__kit_at ask' -s c -l continue -d 'go on from a run [default: the latest]' -x -a 'last (__kit_ask runs)'
complete -c kit -n '__kit_at ask' -l fallback -d 'who answers when the first is unavailable' -x -a '(__kit_ask profiles) $__kit_presets'
complete -c kit -n '__kit_at ask' -l schema -d 'answer with JSON that satisfies this schema' -rF
complete -c kit -n '__kit_at ask' -l repairs -d 'times to ask again for valid JSON' -x
complete -c kit -n '__kit_at ask react' -l think -d 'show the model\'s reasoning on stderr'
complete -c kit -n '__kit_at consensus' -l strategy -d 'majority, unanimous, weighted, judge (a model picks where votes are …' -x -a 'majority unanimous weighted judge best'
complete -c kit -n '__kit_at consensus' -l judge -d 'groups free-text replies that mean the same' -x -a '(__kit_ask profiles) $__kit_presets'
complete -c kit -n '__kit_at consensus' -l check -d 'passes with exit 0; the reply on stdin and in the file {}; sh:… for a …' -x
complete -c kit -n '__kit_at consensus refine react' -l check-timeout -d 'time of one check' -x
complete -c kit -n '__kit_at consensus' -l escalate -d 'who answers when the vote is unmet or split' -x -a '(__kit_ask profiles) $__kit_presets'
complete -c kit -n '__kit_at consensus' -l calibration -d 'weights, by `kit consensus calibrate FILE`' -rF
complete -c kit -n '__kit_at consensus' -s n -l samples -d 'answers at most [9]' -x
complete -c kit -n '__kit_at consensus' -l risk -d 'chance that the rest would differ' -x
complete -c kit -n '__kit_at consensus' -l stop -d 'risk, decided, none, ac:0.95 or esc:5' -x -a 'risk decided none ac: esc:'
complete -c kit -n '__kit_at consensus' -l speed -d 'calls in flight' -x -a 'thrifty fast max'
complete -c kit -n '__kit_at consensus' -s j -d 'never more calls at once than N' -x
complete -c kit -n '__kit_at consensus' -l answer -d 'auto text number choice bool date json line regex:…' -x -a 'auto text number choice bool date json line regex:'
complete -c kit -n '__kit_at consensus consensus/calibrate' -l choices -d 'the answers there are' -x
complete -c kit -n '__kit_at consensus' -l vote-field -d 'vote on this field of JSON replies' -x
complete -c kit -n '__kit_at consensus consensus/calibrate' -l no-marker -d 'do not ask for a last line ANSWER: …'
complete -c kit -n '__kit_at consensus' -l min-agreement -d 'else exit 7' -x
complete -c kit -n '__kit_at consensus' -l need -d 'valid answers [a third of the plan]' -x
complete -c kit -n '__kit_at consensus' -l on-tie -d 'the first seen wins, ask on, exit 7' -x -a 'first extend error'
complete -c kit -n '__kit_at consensus' -l plan-seed -d 'the order of a mixed plan' -x
complete -c kit -n '__kit_at consensus' -l full -d 'print the first full reply that won'
complete -c kit -n '__kit_at consensus/calibrate' -s j -d 'calls at once' -x
complete -c kit -n '__kit_at consensus/calibrate' -l answer -d 'how replies are read; as in kit consensus' -x -a 'auto text number choice bool date json line regex:'
complete -c kit -n '__kit_at refine' -l check -d 'passes with exit 0; the draft on stdin and in the file {}; sh:… for a …' -x
complete -c kit -n '__kit_at refine' -l schema -d 'JSON that satisfies this schema' -rF
complete -c kit -n '__kit_at refine' -l rubric -d 'what the judge rates, a criterion a line' -x -a '(__kit_files)'
complete -c kit -n '__kit_at refine' -l judge -d 'who judges [another profile, if there is one]' -x -a '(__kit_ask profiles) $__kit_presets'
complete -c kit -n '__kit_at refine' -l judges -d 'mean of K judgements' -x
complete -c kit -n '__kit_at refine' -l target -d 'the score that is enough' -x
complete -c kit -n '__kit_at refine' -l rounds -d 'revisions at most [3; 5 with a check]' -x
complete -c kit -n '__kit_at refine' -l patience -d 'rounds without gain [1; 2 with a check]' -x
complete -c kit -n '__kit_at refine' -l drafts -d 'begin with the best of K' -x
complete -c kit -n '__kit_at refine' -l draft -d 'begin with this text' -rF
complete -c kit -n '__kit_at refine' -l in-place -d 'revise FILE, once it passes; FILE~ is the old' -rF
complete -c kit -n '__kit_at refine' -l no-duel -d 'no last comparison with the first draft'
complete -c kit -n '__kit_at react' -s t -l tool -d 'calc clock read:DIR list:DIR search:DIR http:HOST shell …' -rF -a 'calc clock read: list: search: http: shell mcp:'
complete -c kit -n '__kit_at react' -l tools -d 'a named set of tools' -rF
complete -c kit -n '__kit_at react' -l allow -d 'never ask for: write, exec, network, a tool, a pattern' -x -a 'write exec network calc clock read: list: search: http: shell'
complete -c kit -n '__kit_at react' -l max-rounds -d 'replies of the model at most' -x
complete -c kit -n '__kit_at react' -l max-tool-calls -d 'uses of tools at most' -x
complete -c kit -n '__kit_at react' -l tool-timeout -d 'time of one use of a tool' -x
complete -c kit -n '__kit_at react' -l max-observation -d 'characters shown of an output' -x
complete -c kit -n '__kit_at react' -l text-protocol -d 'calls in plain text: for models without native ones'
complete -c kit -n '__kit_at react' -l schema -d 'a final answer that satisfies this schema' -rF
complete -c kit -n '__kit_at react' -l check -d 'the final answer passes when this exits with 0' -x
complete -c kit -n '__kit_at react' -l repairs -d 'times to ask for a better final answer' -x
complete -c kit -n '__kit_at react' -l samples -d 'so many loops, one vote; tools look' -x
complete -c kit -n '__kit_at trace/diff trace/list trace/replay trace/search trace/show trace/stats profile/list profile/presets profile/show profile/test key/list key/test key/which config/check config/explain models doctor' -l json -d 'as JSON'
complete -c kit -n '__kit_at trace/export' -l format -d 'jsonl unless said' -x -a 'jsonl otlp html csv'
complete -c kit -n '__kit_at trace/export' -l since -d 'every run since: 12h, 7d, a date' -x -a '24h 7d 30d'
complete -c kit -n '__kit_at trace/export' -s o -l output -d 'write it to FILE' -rF
complete -c kit -n '__kit_at trace/export' -l content -d 'otlp, csv: also what was asked and answered'
complete -c kit -n '__kit_at trace/export' -l openinference -d 'otlp: as Arize Phoenix reads it'
complete -c kit -n '__kit_at trace/export' -l endpoint -d 'otlp: send it to this collector' -x
complete -c kit -n '__kit_at trace/export' -l header-env -d 'a header, its value from $VARIABLE' -x
complete -c kit -n '__kit_at trace/list trace/search' -s n -l limit -d 'how many at most' -x
complete -c kit -n '__kit_at trace/replay' -l with -d 'other terms: risk stop n weights need …' -x
complete -c kit -n '__kit_at trace/rm' -l older-than -d '30d, 12w, a date' -x -a '7d 30d 90d'
complete -c kit -n '__kit_at trace/rm' -l yes -d 'do not ask'
complete -c kit -n '__kit_at trace/show' -l format -d 'a chart (timeline), messages (steps), the file (raw), a page …' -x -a 'table timeline steps json raw html'
complete -c kit -n '__kit_at trace/stats' -l since -d 'only runs since: 12h, 7d, a date' -x -a '24h 7d 30d'
complete -c kit -n '__kit_at trace/stats' -l by -d 'a row for each of them' -x -a 'profile model pattern day'
complete -c kit -n '__kit_at profile/add' -l provider -d 'a host that is known by name' -x -a '$__kit_presets'
complete -c kit -n '__kit_at profile/add' -l base-url -d 'its address, with or without /v1' -x
complete -c kit -n '__kit_at profile/add models' -l api -d 'its dialect' -x -a 'openai-chat openai-responses anthropic fake local'
complete -c kit -n '__kit_at profile/add' -l key -d 'where its key lies' -x
complete -c kit -n '__kit_at profile/add' -l default -d 'make it the default profile'
complete -c kit -n '__kit_at profile/import' -l force -d 'replace profiles of the same name'
complete -c kit -n '__kit_at profile/test key/test' -l timeout -d 'for each call' -x
complete -c kit -n '__kit_at key/exec' -l as -d 'instead of the usual one' -x
complete -c kit -n '__kit_at models' -s p -l profile -d 'profile or preset' -x -a '(__kit_ask profiles) $__kit_presets'
complete -c kit -n '__kit_at models' -l timeout -d 'wait for the next byte' -x
complete -c kit -n '__kit_at models' -s v -l verbose -d 'what is known of each'
complete -c kit -n '__kit_at models' -s q -l quiet -d 'no notes on stderr'
complete -c kit -n '__kit_at doctor' -l online -d 'ask each profile\'s host as well'
complete -c kit -n '__kit_at local/serve' -l port -d '0: any free one' -x
complete -c kit -n '__kit_at local/serve' -l model -d 'another GGUF file' -rF
complete -c kit -n '__kit_at local/serve' -l parallel -d 'answers at once' -x
complete -c kit -n '__kit_at local/serve' -l until-eof -d 'end when stdin does'
complete -c kit -n '__kit_at completion' -l install -d 'write it where the shell looks'
complete -c kit -n '__kit_at ask consensus refine react' -a '(__kit_files)'
complete -c kit -n '__kit_first consensus/calibrate profile/import' -F
complete -c kit -n '__kit_first trace/diff trace/path trace/replay trace/resume trace/show trace/stats' -a 'last (__kit_ask runs)'
complete -c kit -n '__kit_later trace/diff' -a 'last (__kit_ask runs)'
complete -c kit -n '__kit_at trace/export trace/rm' -a 'last (__kit_ask runs)'
complete -c kit -n '__kit_first profile/add profile/default profile/remove profile/set profile/show profile/test key/exec key/remove key/set key/test key/which' -a '(__kit_ask profiles)'
complete -c kit -n '__kit_later profile/add profile/set' -a '$__kit_keys'
complete -c kit -n '__kit_at profile/export' -a '(__kit_ask profiles)'
complete -c kit -n '__kit_first config/explain' -a '(__kit_ask settings)'
complete -c kit -n '__kit_first completion' -a 'bash zsh fish powershell'
