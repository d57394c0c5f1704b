"""Makes small ONNX files of random weights with PyTorch, and what PyTorch computes of pictures that Pillow prepared.

The preparation is that of Hugging Face's image processors (transformers 4.4x, image_transforms.py): Pillow's resize, a centred
crop from (height - crop) // 2, times rescale_factor, minus image_mean, divided by image_std. Run it in this folder:

    python3 -B make.py
"""
import json
import pathlib

import numpy as np
import torch
from PIL import Image
from torch import nn

HERE = pathlib.Path(__file__).parent
PICTURES = ["chelsea.png", "rocket.jpg", "coffee.png"]


class Cnn(nn.Module):
    """Two convolutions; returns the map and its mean."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
            nn.Conv2d(8, 12, 3, stride=2, padding=1), nn.Hardswish())

    def forward(self, x):
        feature_map = self.body(x)
        return feature_map, feature_map.mean((2, 3))


class Vit(nn.Module):
    """A vision transformer of two blocks; returns its tokens and the first, projected."""

    def __init__(self, width=24, heads=3, tokens=16):
        super().__init__()
        self.heads = heads
        self.patches = nn.Conv2d(3, width, 8, stride=8)
        self.first = nn.Parameter(torch.randn(1, 1, width))
        self.places = nn.Parameter(0.1 * torch.randn(1, tokens + 1, width))
        self.blocks = nn.ModuleList(
            nn.ModuleDict({
                "before": nn.LayerNorm(width), "qkv": nn.Linear(width, 3 * width), "out": nn.Linear(width, width),
                "between": nn.LayerNorm(width), "wide": nn.Linear(width, 2 * width), "narrow": nn.Linear(2 * width, width),
            }) for _ in range(2))
        self.after = nn.LayerNorm(width)
        self.pooler = nn.Linear(width, 10)

    def forward(self, pixel_values):
        x = self.patches(pixel_values).flatten(2).transpose(1, 2)
        x = torch.cat([self.first.expand(x.shape[0], -1, -1), x], 1) + self.places
        n, t, width = x.shape
        for b in self.blocks:
            q, k, v = b["qkv"](b["before"](x)).reshape(n, t, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
            scores = torch.softmax(q @ k.transpose(2, 3) * (width // self.heads) ** -0.5, 3)
            x = x + b["out"]((scores @ v).transpose(1, 2).reshape(n, t, width))
            x = x + b["narrow"](nn.functional.gelu(b["wide"](b["between"](x))))
        x = self.after(x)
        return x, torch.tanh(self.pooler(x[:, 0]))


class ChannelsLast(nn.Module):
    """Takes (n, height, width, 3)."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.permute(0, 3, 1, 2))[1]


def prepare(picture, config):
    """Returns the bytes (height, width, 3) that a Hugging Face image processor crops, and its floats (3, height, width)."""
    size = config["size"]
    width, height = picture.size
    if "shortest_edge" in size:
        edge = size["shortest_edge"]
        short, long = min(width, height), max(width, height)
        longer = int(edge * long / short)
        target = (edge, longer) if width <= height else (longer, edge)
    else:
        target = (size["width"], size["height"])
    pixels = np.asarray(picture.resize(target, config["resample"]))
    if config.get("do_center_crop"):
        crop = config["crop_size"]
        top = (pixels.shape[0] - crop["height"]) // 2
        left = (pixels.shape[1] - crop["width"]) // 2
        pixels = pixels[top:top + crop["height"], left:left + crop["width"]]
    floats = (pixels.astype(np.float64) * config["rescale_factor"]).astype(np.float32)
    if config["do_normalize"]:
        floats = (floats - np.float32(config["image_mean"])) / np.float32(config["image_std"])
    return pixels, floats.transpose(2, 0, 1)


def config(size, crop, resample, mean, std, processor):
    return {
        "crop_size": crop, "do_center_crop": crop is not None, "do_convert_rgb": True, "do_normalize": mean is not None,
        "do_rescale": True, "do_resize": True, "image_mean": mean, "image_processor_type": processor, "image_std": std,
        "resample": resample, "rescale_factor": 1 / 255, "size": size,
    }


IMAGENET = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
SQUARE = {"height": 32, "width": 32}
CONFIGS = {
    "cnn": config({"height": 36, "width": 40}, SQUARE, 3, [0.5] * 3, [0.5] * 3, "DeiTImageProcessor"),
    "vit": config({"shortest_edge": 40}, SQUARE, 3, *IMAGENET, "BitImageProcessor"),
    "one": config(SQUARE, None, 2, [0.5] * 3, [0.5] * 3, "ViTImageProcessor"),
    "nhwc": config({"shortest_edge": 32}, SQUARE, 1, None, None, "CLIPImageProcessor"),
}


def main():
    torch.manual_seed(7)
    torch.set_num_threads(1)
    cnn, vit = Cnn().eval(), Vit().eval()
    for module in cnn.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    batch, sides = {0: "batch"}, {0: "batch", 1: "channels", 2: "height", 3: "width"}
    models = {
        "cnn": (cnn, ["map", "features"], {"x": batch, "map": batch, "features": batch}, 11),
        "vit": (vit, ["last_hidden_state", "pooler_output"], {"x": sides, "last_hidden_state": {0: "batch", 1: "tokens"}, "pooler_output": batch}, 16),
        "one": (cnn, ["map", "features"], {}, 13),
        "nhwc": (ChannelsLast(cnn).eval(), ["features"], {"x": batch, "features": batch}, 12),
    }
    expected = {}
    for name, (module, outputs, axes, opset) in models.items():
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        example = torch.randn(1, 32, 32, 3) if name == "nhwc" else torch.randn(1, 3, 32, 32)
        torch.onnx.export(
            module, example, folder / "model.onnx", input_names=["x"], output_names=outputs, dynamic_axes=axes, opset_version=opset)
        (folder / "preprocessor_config.json").write_text(json.dumps(CONFIGS[name], indent=2) + "\n")
        cases = []
        for picture in PICTURES:
            pixels, floats = prepare(Image.open(HERE.parent / "images" / picture).convert("RGB"), CONFIGS[name])
            with torch.no_grad():
                x = torch.from_numpy(np.ascontiguousarray(floats))[None]
                results = module(x.permute(0, 2, 3, 1) if name == "nhwc" else x)
            results = results if isinstance(results, tuple) else (results,)
            (folder / f"{picture}.rgb").write_bytes(pixels.tobytes())
            cases.append({
                "picture": picture,
                "outputs": {o: [float(f"{v:.9g}") for v in r.flatten().tolist()] for o, r in zip(outputs, results)},
                "shapes": {o: list(r.shape[1:]) for o, r in zip(outputs, results)},
            })
        expected[name] = cases
    (HERE / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
