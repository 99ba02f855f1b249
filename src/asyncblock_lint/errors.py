"""The mistakes a user can make: each is one line on standard error and exit code 2."""


class UserError(Exception):
    """Something the user can mend; the message says what, where, and how."""


class ConfigError(UserError):
    """A configuration file or an option that cannot be used as it stands."""


class RuleError(UserError):
    """A rule file that cannot be used as it stands."""
