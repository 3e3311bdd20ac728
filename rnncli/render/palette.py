"""The colours of charts and of the report by name, on light and on dark ground."""

LIGHT = {
    "ground": "#fdfdfc",
    "ink": "#1d2125",
    "faint": "#5f676e",
    "line": "#d9dcdf",
    "cyan": "#00748a",
    "red": "#b8341b",
    "green": "#007a5e",
    "yellow": "#8a6100",
    "magenta": "#8b3d9e",
    "blue": "#2257b8",
}
DARK = {
    "ground": "#14171a",
    "ink": "#e3e6e8",
    "faint": "#949ba2",
    "line": "#343a40",
    "cyan": "#4cc3d9",
    "red": "#ff8266",
    "green": "#3fcf9f",
    "yellow": "#d9a93a",
    "magenta": "#d291e4",
    "blue": "#7fa9f5",
}
SERIES = ("cyan", "yellow", "magenta", "blue", "red", "green")  # of curves side by side, in this order
DASHES = (None, (7, 3), (2, 3), (9, 3), (4, 2), (1, 2))  # so that they differ without colour too
