class Error(RuntimeError):
    """What Tern raises; the message says what failed, where, what was expected and what to do. Files that are not
    there or may not be read are an :class:`OSError`, as everywhere."""


class DataError(Error, ValueError):
    """A model, a picture or a data set is damaged, or is not what was asked for."""


class ShapeError(Error, ValueError):
    """An array or a picture has a shape that the network does not take."""


class ConfigError(Error, ValueError):
    """A training configuration or an option is wrong. The message names it."""


class NumericError(Error, ArithmeticError):
    """A computation left the finite numbers: NaN or infinity."""
