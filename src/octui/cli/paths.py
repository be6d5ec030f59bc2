"""Where octui keeps things: platformdirs, folders 0700."""

from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """The database, its socket and its checkpoints."""
    return platformdirs.user_data_path("octui", appauthor=False)


def config_file() -> Path:
    """The user's settings."""
    return platformdirs.user_config_path("octui", appauthor=False) / "config.toml"


def state_folder() -> Path:
    """Drafts and preferences."""
    return platformdirs.user_state_path("octui", appauthor=False)


def log_folder() -> Path:
    """Crash notes."""
    return platformdirs.user_log_path("octui", appauthor=False)


def default_database() -> str:
    """The URL of the database in the data folder."""
    return f"sqlite:///{data_folder() / 'octui.db'}"
