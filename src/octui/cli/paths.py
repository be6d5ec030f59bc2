"""The folders and files of octui, as platformdirs places them. Folders are made with mode 0700."""

from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """Return the folder of the database, its socket and its checkpoints."""
    return platformdirs.user_data_path("octui", appauthor=False)


def config_file() -> Path:
    """Return the file of the user's settings."""
    return platformdirs.user_config_path("octui", appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Return the folder of drafts, preferences and sessions."""
    return platformdirs.user_state_path("octui", appauthor=False)


def log_folder() -> Path:
    """Return the folder of crash reports."""
    return platformdirs.user_log_path("octui", appauthor=False)


def default_database() -> str:
    """Return the URL of the database in the data folder."""
    return f"sqlite:///{data_folder() / 'octui.db'}"
