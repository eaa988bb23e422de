# sizes: exempt — a table of data: several words for one thing
"""Words that facts may use, and what each stands for. A table of text."""

from __future__ import annotations

from sla.acts import PauseGround
from sla.filing import Channel
from sla.serving import Method

NAMES: dict[str, str] = {
    **{
        name: name
        for name in (
            *("settings", "closures", "working_days", "rest_days", "pauses", "extension"),
            *("term_set_to", "finished", "applied", "dunned", "good_reason", "filed", "received"),
            *("postmark", "channel", "service", "missed", "office", "city", "days_late"),
        )
    },
    "setting": "settings",
    "closure": "closures",
    "make_up_days": "working_days",
    "special_openings": "working_days",
    "days_off": "rest_days",
    "pause": "pauses",
    "term": "term_set_to",
    "deadline_set": "term_set_to",
    "finished_on": "finished",
    "closed": "finished",
    "applied_on": "applied",
    "applied_at": "applied",
    "dunned_on": "dunned",
    "after_dunning": "dunned",
    "justified": "good_reason",
    "filed_at": "filed",
    "filed_on": "filed",
    "received_on": "received",
    "received_at": "received",
    "arrived": "received",
    "postmarked": "postmark",
    "postmark_date": "postmark",
    "posted": "postmark",
    "filing_channel": "channel",
    "served_by": "service",
    "missed_on": "missed",
}

SETTING_NAMES: dict[str, str] = {
    "days": "day_unit",
    "unit_of_days": "day_unit",
    "saturday": "saturday_end",
    "monday_cutoff": "saturday_end",
    "monday_cut_off": "saturday_end",
    "half_day_is_rest_day": "half_day_closure",
    "half_day": "half_day_closure",
    "half_day_counts": "half_day_closure",
    "half_day_is_working_day": "half_day_closure",
    "half_day_closure_is_rest_day": "half_day_closure",
    "noon_cutoff": "saturday_end",
    "monday_noon": "saturday_end",
    "posting_day_counted": "posting_day_counts",
    "permission_day_counted": "permission_day_counts",
    "disaster_closure": "closure_is_rest_day",
    "disaster_closure_is_rest_day": "closure_is_rest_day",
    "receipt_policy": "receipt",
    "correction_pause": "pause_convention",
}

SETTING_WORDS: dict[tuple[str, str], object] = {
    ("saturday_end", "monday_morning"): "monday_noon",
    ("saturday_end", "morning"): "monday_noon",
    ("saturday_end", "noon"): "monday_noon",
    ("saturday_end", "12:00"): "monday_noon",
    ("saturday_end", "monday_whole_day"): "monday",
    ("saturday_end", "monday_end"): "monday",
    ("saturday_end", "whole_day"): "monday",
    ("saturday_end", "day"): "monday",
    ("day_unit", "calendar"): "calendar_day",
    ("day_unit", "calendar_days"): "calendar_day",
    ("day_unit", "working"): "working_day",
    ("day_unit", "working_days"): "working_day",
    ("saturday_end", "true"): "monday_noon",
    ("saturday_end", "false"): "monday",
    ("half_day_counts", "true"): "working_day",
    ("half_day_counts", "false"): "afternoon_is_rest",
    ("half_day_is_working_day", "true"): "working_day",
    ("half_day_is_working_day", "false"): "afternoon_is_rest",
    ("closure_is_rest_day", "rest_day"): True,
    ("closure_is_rest_day", "working_day"): False,
    ("half_day_closure", "true"): "afternoon_is_rest",
    ("half_day_closure", "rest_day"): "afternoon_is_rest",
    ("half_day_closure", "false"): "working_day",
    ("half_day_closure", "counts"): "working_day",
    ("receipt", "next_office_day"): "next_working_day",
    ("receipt", "next_opening"): "next_working_day",
    ("receipt", "next_business_day"): "next_working_day",
    ("receipt", "next_workday"): "next_working_day",
    ("receipt", "deemed_next_working_day"): "next_working_day",
    ("receipt", "actual"): "actual_date",
    ("working_day_ends", "close"): "closing",
}

PART_WORDS: dict[str, str] = {
    **dict.fromkeys(("day", "full", "full_day", "whole", "whole_day"), "all"),
    "am": "morning",
    "pm": "afternoon",
}

CHANNEL_WORDS: dict[str, Channel] = {
    **dict.fromkeys(
        ("post", "mail", "registered", "registered_post", "registered_mail"),
        Channel.REGISTERED_MAIL,
    ),
    **dict.fromkeys(("web", "internet", "e-counter"), Channel.ONLINE),
    **dict.fromkeys(("in_person", "desk", "office"), Channel.COUNTER),
}

GROUND_WORDS: dict[str, PauseGround] = {
    **dict.fromkeys(
        (
            *("ministry", "ask_ministry", "asking_ministry", "ministry_inquiry"),
            *("superior", "asked_superior", "inquiry"),
        ),
        PauseGround.ASKING_SUPERIOR,
    ),
    **dict.fromkeys(("typhoon", "natural_disaster", "force_majeure"), PauseGround.DISASTER),
    **dict.fromkeys(("system_outage", "system_failure", "outage"), PauseGround.SYSTEM_DOWN),
    **dict.fromkeys(("correction_notice", "supplement"), PauseGround.CORRECTION),
}

METHOD_WORDS: dict[str, Method] = {
    **dict.fromkeys(("mail", "registered_mail", "registered"), Method.POST),
    **dict.fromkeys(("personal", "hand"), Method.IN_PERSON),
    **dict.fromkeys(("posting", "public"), Method.PUBLIC_NOTICE),
    **dict.fromkeys(("household", "substituted"), Method.SUBSTITUTE),
}
