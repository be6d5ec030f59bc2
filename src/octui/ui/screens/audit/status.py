"""Progress of a log search, shown under the table."""

from dataclasses import dataclass

from octui.ui.locale import Words
from octui.ui.words.times import date_and_time


@dataclass
class SearchStatus:
    """Progress of a log search: entries found, the time back to which it looked, newer entries not shown yet.

    `count` None: not counted; `is_capped`: there are more. `searched_back_to` (epoch ms) None: there is nothing older.
    `has_more_unseen`: there are more new entries than were counted.
    """

    count: int | None = None
    is_capped: bool = False
    searched_back_to: int | None = None
    unseen: int = 0
    has_more_unseen: bool = False

    def describe(self, rows: int, zone: str, t: Words, *, is_finished: bool) -> str:
        """Return the progress in words. `rows`: entries loaded; `is_finished`: the whole log was searched."""
        if not rows:
            text = t("Nothing was found.") if is_finished else ""
        elif self.count is None:
            text = t("{count} shown so far", count=rows)
        else:
            text = t("{count} entries", count=f"{self.count:,}" + ("+" if self.is_capped else ""))
        if self.searched_back_to is not None:
            back = t("searched to {moment}, more below", moment=date_and_time(self.searched_back_to, zone))
            text = f"{text}  {back}".strip()
        if self.unseen:
            count = f"{self.unseen}+" if self.has_more_unseen else self.unseen
            text += "  " + t("{count} new above: F6", count=count)
        return text
