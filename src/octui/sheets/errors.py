"""Errors of reading and writing sheets."""

from enum import StrEnum


class SheetErrorCode(StrEnum):
    """Why a file is not read or written; the screens have a sentence for each."""

    KIND = "kind"  # neither .xlsx nor .csv nor .tsv
    UNREADABLE = "unreadable"  # the system refuses
    TOO_BIG = "too_big"  # bytes, unpacked bytes, ratio, or text in all
    NOT_XLSX = "not_xlsx"  # damaged, an old .xls, or encrypted
    MACROS = "macros"
    EXTERNAL_LINKS = "external_links"
    ROWS = "rows"
    COLUMNS = "columns"
    CELL = "cell"  # a cell longer than a cell can be
    ERROR_VALUE = "error_value"  # #N/A, #REF! …
    DUPLICATE_COLUMN = "duplicate_column"
    UNNAMED_COLUMN = "unnamed_column"
    EMPTY = "empty"  # no header line
    ENCODING = "encoding"
    QUOTES = "quotes"
    TOO_HEAVY = "too_heavy"  # the child ran into its memory or time limit


class SheetError(Exception):
    """A file that cannot be read or written, in one English sentence, with a stable code."""

    def __init__(self, code: SheetErrorCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
