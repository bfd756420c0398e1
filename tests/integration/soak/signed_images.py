"""Images of different sizes, as they are uploaded, each with its signed manifest."""

import subprocess

from processes import BIN, build_image

#: The last two are what a fleet downloads.
SIZES_BYTES = (4_096, 40_000, 200_000, 1_000_000, 200_000, 200_000)


class Image:
    """An image, and its signed manifest."""

    def __init__(self, folder, key, number, size_bytes):
        path = build_image(folder / f"image-{number}.bin", f"1.0.{number}", seed=number + 1,
                           size=size_bytes)
        manifest = folder / f"image-{number}.json"
        subprocess.run([BIN / "fuota", "release", "sign", "--image", path, "--key", key,
                        "--manifest", manifest], check=True, stdout=subprocess.DEVNULL)
        self.content = path.read_bytes()
        self.manifest = manifest.read_bytes()


def images(folder):
    """A few images of different sizes, signed."""
    key = folder / "release.pem"
    subprocess.run([BIN / "fuota", "key", "new", "--out", key], check=True,
                   stdout=subprocess.DEVNULL)
    return [Image(folder, key, number, size) for number, size in enumerate(SIZES_BYTES)]
