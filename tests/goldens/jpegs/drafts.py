"""Writes ../drafts.json: what Pillow makes of each JPEG here, and of images/made_cmyk.jpg, after Image.draft to a half, a quarter and an eighth."""
import hashlib
import json
import pathlib

from PIL import Image

here = pathlib.Path(__file__).parent
drafts = {}
for path in sorted(here.glob("*.jpg")) + [here.parent / "images" / "made_cmyk.jpg"]:
    drafts[path.name] = {}
    for times in (2, 4, 8):
        with Image.open(path) as image:
            wanted = max(1, image.width // times), max(1, image.height // times)
            image.draft(None, wanted)
            rgb = image.convert("RGB")
            drafts[path.name][str(times)] = {
                "width": rgb.width, "height": rgb.height, "rgb_sha256": hashlib.sha256(rgb.tobytes()).hexdigest()}
(here.parent / "drafts.json").write_text(json.dumps(drafts, indent=1) + "\n")
