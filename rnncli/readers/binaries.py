"""Files that are no text, told by their first bytes: what they are, and what makes of them a file that is read.

Their zero bytes may look like those of UTF-16 or UTF-32, which would be wrong advice.
"""

PARQUET, CSV = "save it as Parquet, which is read", "export it as CSV, which is read"
NONE = "no data that is read"
ARRAYS = "save its arrays as .npz, which is read"

#: first bytes, what the file is, what to do
MAGICS = (
    (b"ARROW1", "an Arrow or Feather file", PARQUET),
    (b"\xff\xff\xff\xff", "a stream of Arrow", PARQUET),
    (b"FEA1", "a Feather file", PARQUET),
    (b"ORC", "an ORC file", PARQUET),
    (b"Obj\x01", "an Avro file", PARQUET),
    (b"\x89HDF\r\n\x1a\n", "an HDF5 file", ARRAYS),
    (b"CDF\x01", "a NetCDF file", ARRAYS),
    (b"CDF\x02", "a NetCDF file", ARRAYS),
    (b"MATLAB 5.0 MAT-file", "a file of MATLAB", ARRAYS),
    (b"SQLite format 3\0", "a database of SQLite", CSV),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a document of an office program", CSV),
    (b"$FL2", "a file of SPSS", CSV),
    (b"$FL3", "a file of SPSS", CSV),
    (b"<stata_dta>", "a file of Stata", CSV),
    (b"RDX", "a file of R", CSV),
    (b"%PDF-", "a PDF", "its text is read: pdftotext FILE - | rnncli .. -"),
    (b"\x89PNG\r\n\x1a\n", "a picture", NONE),
    (b"\xff\xd8\xff", "a picture", NONE),
    (b"GIF8", "a picture", NONE),
    (b"ID3", "a sound", NONE),
    (b"OggS", "a sound", NONE),
    (b"fLaC", "a sound", NONE),
    (b"\x7fELF", "a program", NONE),
)
TAR = 257  # where its `ustar` stands
RIFF, SOUNDS = b"RIFF", (b"WAVE", b"AVI ")
PICKLE, PROTOCOLS = b"\x80", (b"\2", b"\3", b"\4", b"\5")


def told(head: bytes) -> str | None:
    """What the file is that begins so, and what to do; None if these bytes do not tell."""
    if head[TAR : TAR + 5] == b"ustar":
        return "a tar archive, not text: tar -xOf FILE MEMBER | rnncli .. -"
    if head.startswith(RIFF) and head[8:12] in SOUNDS:
        return f"a sound or a film, not text: {NONE}"
    if head[:1] == PICKLE and head[1:2] in PROTOCOLS:
        return f"a pickle of Python, not text: {CSV}"
    if head[8:10] == b'{"' and not any(head[4:8]):
        return "a file of tensors, as a model is, not text: DATA and INPUT are texts or tables"
    return next((f"{what}, not text: {advice}" for magic, what, advice in MAGICS if head.startswith(magic)), None)
