"""Which key of JSON lines holds the message, where they are a log or a chat: objects with a time, a level or a sender,
and one message.
"""

import json
import re

from rnncli.readers.sniff import MANY
from rnncli.readers.times.time_guess import NAME

#: of zap, pino, logrus, bunyan, structlog, Docker, OpenTelemetry, Serilog, journald
MESSAGE = re.compile(r"@?(msg|message|log|logmessage|event|body|mt?|textpayload)", re.IGNORECASE)
TIME = re.compile(r"@t|asctime|datetime|__REALTIME_TIMESTAMP", re.IGNORECASE)  # beside the usual names
LEVEL = re.compile(
    r"@l|(log[\W_]?)?(level|lvl)|level[\W_]?(name|no)|severity|severity[\W_]?(text|number)|priority|stream",
    re.IGNORECASE,
)
#: what stands there: names, letters and numbers of severities; those of streams
SEVERITY = re.compile(
    r"\d+|[dptviwef]|trace|debug|verbose|default|info(rmation(al)?)?|notice|success|warn(ing)?|err(or)?|severe|fatal"
    r"|crit(ical)?|alert|emerg(ency)?|d?panic|stdout|stderr",
    re.IGNORECASE,
)
LABEL = re.compile("labels?|class|category|sentiment|intent|spam|target|topic", re.IGNORECASE)  # is learnt instead
#: who said it, and what, of exports of messengers
SENDER = re.compile(r"from|sender|author|speaker|(user|nick)([\W_]?name)?", re.IGNORECASE)
SAID = re.compile(r"text|content|body|message|msg", re.IGNORECASE)
LEAST = 8  # lines


def message_key(lines: list[str]) -> str | None:
    """The key, if nearly all lines are such objects and one key has the name of a message; else None."""
    filled = [line for line in lines if line.strip()]
    found = [value for value in map(_object, filled) if value]
    if len(found) < max(LEAST, MANY * len(filled)):
        return None
    kinds: dict[str, list[type]] = {}
    for value in found:
        for key, item in value.items():
            kinds.setdefault(key, []).append(type(item))
    often = {key for key, types in kinds.items() if len(types) >= MANY * len(found)}
    single = {key for key in often if not {dict, list} & set(kinds[key])}
    timed = any(NAME.fullmatch(key) or TIME.fullmatch(key) for key in single)
    levels = [key for key in single if LEVEL.fullmatch(key)]
    words = {key for key in single if set(kinds[key]) == {str}}
    levelled = any(_are_severities(found, key) for key in levels)
    name = MESSAGE if levelled else SAID if any(map(SENDER.fullmatch, words)) else None
    if not timed or name is None or any(map(LABEL.fullmatch, kinds)):
        return None
    messages = [key for key in words if name.fullmatch(key)]
    return messages[0] if len(messages) == 1 else None


def _are_severities(found: list[dict], key: str) -> bool:
    """Whether nearly all objects have one there; a sensor may stand at a level too."""
    return sum(bool(SEVERITY.fullmatch(str(value.get(key)).strip())) for value in found) >= MANY * len(found)


def _object(line: str) -> dict | None:
    """What a line holds; None if it is no object."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
