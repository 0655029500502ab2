"""``kit help TOPIC``: what concerns every command, on a page that fits a screen."""

from __future__ import annotations

EXIT_CODES = """\
  0  the answer is complete
  1  an unexpected internal error: please report it
  2  usage: a bad flag, argument, configuration or run id; an empty prompt
  3  no key, a locked keyring, or the provider refused the key (401, 403)
  4  the provider refused the request, no quota is left, or the model declined
  5  network, TLS, time-out, or 408/429/5xx after all retries
  6  the answer was cut: the stream ended early, or the length limit was reached
  7  no quorum, agreement or score below what was asked for
  8  a limit that you set was reached (--max-cost, --max-calls, --deadline …)
  129, 130, 143  ended by HUP, INT, TERM
  141  the reader of stdout went away

With 4 to 8 whatever was obtained is printed all the same.
"""

CONFIG = """\
The configuration is one TOML file: `kit config path` says where, `kit config
check` whether it is right, `kit config explain NAME.KEY` why a value holds.

  default_profile = "fast"

  [profiles.fast]
  provider = "groq"             # a host known by name: kit profile presets
  model = "llama-3.3-70b-versatile"

  [profiles.mine]
  api = "openai-chat"           # anthropic, openai-responses, local, fake
  base_url = "http://127.0.0.1:8080/v1"
  model = "any"
  key = "none"

Who answers: -p NAME, else KIT_PROFILE, else default_profile, else the only
profile, else the first provider whose usual key variable is set, else the
embedded model. A flag wins over the profile, the profile over the preset.

  KIT_CONFIG      another file        KIT_STATE_DIR   where runs are kept
  KIT_PROFILE     who answers         KIT_TRACE=off   write no runs down
  KIT_KEY_<NAME>  a profile's key     KIT_DEBUG=1     tracebacks
"""

KEYS = """\
A key is looked for in this order:

  1  KIT_KEY_<PROFILE>   upper case; - and . become _
  2  what the profile says: key = "keyring", "env:NAME", "file:PATH" or
     "none", or key_command = ["pass", "show", "groq"]
  3  the provider's usual variable (OPENAI_API_KEY …): for its host only
  4  the system's keyring, service `kit`, user = the profile's name

  kit key set fast          typed without echo, or piped in
  kit key list              which source answers, and four characters
  kit key which fast        the same for one profile
  kit key exec fast -- CMD  the key in that command's environment only

A key goes to the address of its profile and nowhere else. It is never an
argument, and is in no trace, log or message.
"""

VOTES = """\
`kit consensus` plans 9 answers (-n) and stops as soon as the chance that the
rest of the plan would change the winner is proven to be at most 5 % (--risk).

  --stop risk|decided|none|ac:0.95|esc:5   when to stop
  --answer number|choice|bool|date|json|…  how a vote is read
  --choices yes,no                         the only answers that count
  -p A -p B:3 -p C=2                       B gives 3 votes, C weighs double
  --judge PROFILE                          groups texts that mean the same
  --strategy majority|unanimous|weighted|judge|best
  --min-agreement 0.8  --need 5            else exit 7
  --speed thrifty|fast|max                 calls in flight

Failed, cut and unreadable replies abstain. The closing line and --json say how
many voted, where it stopped, and the risk. Agreement is not truth: models that
were trained alike err alike.
"""

TOOLS = """\
`kit react` gives a model tools; each is named with -t:

  calc, clock                      exact arithmetic, the time
  read:DIR  list:DIR  search:DIR   files below that folder, nothing else
  http:HOST                        GET from that host, nothing else
  shell                            runs programs: off unless named
  path/to/file.py[:function]       your own functions
  mcp:COMMAND…  mcp:https://…      a server that speaks MCP

Tools are readonly, write, exec or network. On a terminal every use that is not
readonly is shown exactly and asked; without one it is refused unless --allow
names its class, its tool or a pattern. Once a tool has read what others wrote,
earlier permission no longer counts unless --allow named it.
"""

TEXTS = {
    "exit-codes": EXIT_CODES,
    "config": CONFIG,
    "keys": KEYS,
    "votes": VOTES,
    "tools": TOOLS,
}
