"""Help of the commands that take a run up again; light, as every ``kit trace`` loads it."""

REPLAY = """\b
Examples:
  kit trace replay                       the last run, once more on its record
  kit trace replay -2 --with risk=0.01   what a stricter vote would have cost
  kit trace replay 01K --with stop=ac:0.95 --json
  kit trace replay last --with weights=groq=2,openai=1 --with n=5

Runs the pattern again on the recorded replies: no network, no key, no cost. Exit 7 names the first
step that is not the recorded one. --with KEY=VALUE asks what other terms would have answered.
"""

RESUME = """\b
Examples:
  kit trace resume                         the last run goes on
  kit trace resume 01KAM --max-cost 0.50   with another limit
  kit trace resume last --field detail.recorded.calls

Goes on from a run that was killed, cancelled, stopped by a limit, or that failed in part. What was
recorded is not asked for again; the new run says what it went on from. Nothing was sent twice that
had an answer, and no tool with side effects runs twice unless you say so.
"""

DIFF = """\b
Examples:
  kit trace diff -2 -1                     what the last run did otherwise
  kit trace diff 01KAM last --json
  kit trace diff A B > /tmp/what || echo "they differ"

Exit 0 when the same was asked, in the same way, and the same was answered and voted; else 7.
Times, tokens and cost are shown side by side and decide nothing.

What differs between two runs.
"""
